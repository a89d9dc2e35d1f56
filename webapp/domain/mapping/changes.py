"""The differences between a new mapping and the one in force."""

from collections.abc import Mapping as Given
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from webapp.domain.mapping.mapping import FieldMap

What = Literal["property", "direction", "blanks", "option", "status_in", "status_out"]


class Change(Struct, frozen=True):
    """One change.

    Attributes:
        name: of a field; of an option or a status its value.
        before, after: what it was and would be; empty for nothing.
    """

    what: What
    name: str
    before: str
    after: str


def field_changes(present: FieldMap | None, then: FieldMap | None) -> list[Change]:
    """The change of one field's mapping; None on a side where it is not mapped."""
    before, after = present or FieldMap("", "", "off"), then or FieldMap("", "", "off")
    name = after.field or before.field
    changes = [Change("property", name, before.property, after.property)]
    if after.property:
        changes += [
            Change("direction", name, before.direction if before.property else "", after.direction),
            Change("blanks", name, before.blank_policy if before.property else "", after.blank_policy),
            *_of_table("option", before.options, after.options),
        ]
    return _real(changes)


def status_changes(
    before: tuple[Given[str, str], Given[str, str]], after: tuple[Given[str, str], Given[str, str]]
) -> list[Change]:
    """The changes of the two status tables, the incoming one first."""
    return _real(
        [*_of_table("status_in", before[0], after[0]), *_of_table("status_out", before[1], after[1])]
    )


def _of_table(what: What, before: Given[str, str], after: Given[str, str]) -> list[Change]:
    return [
        Change(what, name, before.get(name, ""), after.get(name, ""))
        for name in dict.fromkeys((*before, *after))
    ]


def _real(changes: Sequence[Change]) -> list[Change]:
    return [one for one in changes if one.before != one.after]
