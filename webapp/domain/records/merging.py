"""What a record gains when another is merged into it: the blanks that the other can fill, nothing else."""

from collections.abc import Mapping

from webapp.domain.records.values import Change, Value, is_blank, same


def gained(winner: Mapping[str, Value], loser: Mapping[str, Value]) -> list[Change]:
    """The fields that the winner takes over: those that it has not and the loser has."""
    return [
        (name, winner.get(name), value)
        for name, value in loser.items()
        if is_blank(winner.get(name)) and not is_blank(value)
    ]


def lost(winner: Mapping[str, Value], loser: Mapping[str, Value]) -> list[Change]:
    """The loser's values that give way, each beside the one that stays: `(field, loser's, winner's)`."""
    return [
        (name, value, winner.get(name))
        for name, value in loser.items()
        if not is_blank(value) and not is_blank(winner.get(name)) and not same(value, winner.get(name))
    ]
