"""The plan of a bulk merge for one pair, decided from the present state of both records."""

from collections.abc import Sequence

from msgspec import Struct

from webapp.domain.duplicates.choices import Side, staying, values_from
from webapp.domain.duplicates.pairs import Pair
from webapp.domain.records.merging import StayRule, ValueRule


class MergePlan(Struct, frozen=True):
    """Two records that become one.

    Attributes:
        stays, goes: their numbers.
        values_from: by field the number of the record whose value stays.
    """

    stays: int
    goes: int
    values_from: dict[str, int]


class LeavePlan(Struct, frozen=True):
    """A pair that is left as it is, with the reason."""

    reason: str


def plan_pair(
    listed: Pair,
    now: Pair | None,
    sides: Sequence[Side],
    rules: tuple[StayRule, ValueRule],
    *,
    took_part: bool,
) -> MergePlan | LeavePlan:
    """The plan for one pair of a bulk merge.

    Args:
        listed: The pair as it was found.
        now: What the matcher makes of the two now; None where it sees two different ones.
        sides: The two records.
        rules: Which one stays, and whose values.
        took_part: Whether either was merged by this run already.
    """
    if took_part:
        return LeavePlan(reason="merged_in_this_run")
    if now is None or (listed.strength == "certain" and now.strength != "certain"):
        return LeavePlan(reason="not_alike_now")
    stays = staying(sides, rules[0])
    [goes] = [side.record_id for side in sides if side.record_id != stays]
    return MergePlan(stays, goes, values_from(sides, stays, rules[1]))
