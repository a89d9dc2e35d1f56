"""Which record of a group stays, and whose value each field keeps, unless a person chooses otherwise."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from webapp.domain.records.merging import StayRule, ValueRule
from webapp.domain.records.values import Value, is_blank

STAY_RULES: tuple[StayRule, ...] = ("linked", "older", "contacts")
VALUE_RULES: tuple[ValueRule, ...] = ("newer", "fuller", "staying")


class Side(Struct, frozen=True):
    """The parts of a grouped record that the choice needs.

    `contacts` is how many it has, `is_linked` whether an object in HubSpot is linked to it.
    """

    record_id: int
    values: Mapping[str, Value]
    created_at: datetime
    updated_at: datetime
    is_linked: bool = False
    contacts: int = 0

    @property
    def filled(self) -> int:
        """The number of its fields that have a value."""
        return sum(not is_blank(value) for value in self.values.values())


def staying(sides: Sequence[Side], rule: StayRule = "linked") -> int:
    """The number of the record that stays; if the rule leaves a tie, the other two rules decide."""
    return min(sides, key=lambda side: (*_rank(side, rule), side.record_id)).record_id


def _rank(side: Side, rule: StayRule) -> tuple[object, ...]:
    ranks: dict[StayRule, object] = {
        "linked": not side.is_linked,
        "contacts": -side.contacts,
        "older": side.created_at,
    }
    return (ranks[rule], *(rank for name, rank in ranks.items() if name != rule))


def values_from(sides: Sequence[Side], stays: int, rule: ValueRule = "newer") -> dict[str, int]:
    """By field, the number of the record whose value stays; fields without any value are left out.

    A blank gives way always. Where a rule leaves it open, the fuller record's value stays.
    """
    names = dict.fromkeys(name for side in sides for name in side.values)
    found: dict[str, int] = {}
    for name in names:
        having = [side for side in sides if not is_blank(side.values.get(name))]
        if having:
            found[name] = min(having, key=lambda side: _preference(side, stays, rule)).record_id
    return found


def _preference(side: Side, stays: int, rule: ValueRule) -> tuple[float, ...]:
    age, fullness = -side.updated_at.timestamp(), -side.filled
    is_other = side.record_id != stays
    if rule == "staying":
        return (is_other, fullness, age, side.record_id)
    first = (age, fullness) if rule == "newer" else (fullness, age)
    return (*first, is_other, side.record_id)


def differing(sides: Sequence[Side]) -> list[str]:
    """The fields in which the records differ, in order; blank counts as a value."""
    names = dict.fromkeys(name for side in sides for name in side.values)
    return [name for name in names if len({_as_compared(side.values.get(name)) for side in sides}) > 1]


def _as_compared(value: Value) -> Value:
    return None if is_blank(value) else value
