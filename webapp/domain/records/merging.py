"""The merge of two records: only the blanks of the one that stays are filled from the other."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from webapp.domain.records.values import Change, Value, is_blank, same

StayRule = Literal["linked", "older", "contacts"]
"""Which one stays: the one linked, the older, or the one with more contacts."""
ValueRule = Literal["newer", "fuller", "staying"]
"""Whose values stay: of the record changed last, of the one that has most, or of the one that stays."""


def gained(winner: Mapping[str, Value], loser: Mapping[str, Value]) -> list[Change]:
    """The fields that the winner takes over: its blank ones for which the loser has a value."""
    return [
        (name, winner.get(name), value)
        for name, value in loser.items()
        if is_blank(winner.get(name)) and not is_blank(value)
    ]


def taken_over(
    winner: Mapping[str, Value], loser: Mapping[str, Value], chosen: Collection[str] = ()
) -> list[Change]:
    """The fields that the winner takes over: its blank ones, and those chosen from the loser."""
    taken = [
        (name, winner.get(name), value)
        for name, value in loser.items()
        if name in chosen and not is_blank(value) and value != winner.get(name)
    ]
    names = {name for name, *_ in taken}
    return [*(change for change in gained(winner, loser) if change[0] not in names), *taken]


def put_back(changes: Sequence[Change], values: Mapping[str, Value]) -> tuple[list[Change], list[Change]]:
    """The fields to put back in the record that stayed, when the two are taken apart again.

    Args:
        changes: `(field, old, new)` of the merge.
        values: The winner's now.

    Returns:
        `(field, present, old)` of those that go back, and `(field, old, present)` of those changed since.
    """
    back = [(name, new, old) for name, old, new in changes if values.get(name) == new and old != new]
    left = [(name, old, values.get(name)) for name, old, new in changes if values.get(name) not in (old, new)]
    return back, left


def lost(winner: Mapping[str, Value], loser: Mapping[str, Value]) -> list[Change]:
    """The loser's values that are dropped, each with the one that stays: `(field, loser's, winner's)`."""
    return [
        (name, value, winner.get(name))
        for name, value in loser.items()
        if not is_blank(value) and not is_blank(winner.get(name)) and not same(value, winner.get(name))
    ]
