"""What speaks for two records being the same, and what against it: each sign has a name and a weight."""

from typing import Literal

from msgspec import Struct

Kind = Literal["certain", "doubtful", "none"]


IDENTITY = frozenset({"same_key", "same_email", "same_domain"})
"""What names a record almost alone."""
_BORN = IDENTITY | {"same_birthday"}


class Signal(Struct, frozen=True):
    """A sign: something that two records have in common or not.

    Attributes:
        points: what it weighs; below zero it speaks against the match.
        cap: what a match can be at most with it.
        cap_if_named: the same where one of the signals `named_by` stands beside it.
    """

    points: int
    cap: Kind = "certain"
    cap_if_named: Kind = "certain"
    named_by: frozenset[str] = IDENTITY


class Score(Struct, frozen=True):
    """What two records have in common, weighed."""

    kind: Kind
    points: int
    evidence: tuple[str, ...]


EVIDENCE: dict[str, Signal] = {
    "same_key": Signal(30),
    # People, and names of either.
    "same_email": Signal(24),
    "near_email": Signal(7),
    "same_mailbox": Signal(5),
    "moved_email": Signal(0),
    "colleagues_email": Signal(-8, "doubtful"),
    "other_email": Signal(-4),
    "own_email": Signal(-4, "doubtful"),
    "own_name_and_email": Signal(-8, "none"),
    "same_name": Signal(11),
    "alike_name": Signal(10),
    "near_name": Signal(8),
    "rough_name": Signal(5),
    "initial_name": Signal(6, "doubtful", named_by=_BORN),
    "half_name": Signal(4, "doubtful", named_by=_BORN),
    "no_name": Signal(0, "doubtful"),
    "unlike_first_name": Signal(4, "doubtful"),
    "other_first_name": Signal(-10, "none", "doubtful"),
    "other_last_name": Signal(-6, "none", named_by=_BORN),
    "other_generation": Signal(-10, "none", "doubtful"),
    "same_birthday": Signal(10),
    "near_birthday": Signal(4),
    "other_birthday": Signal(-7, "doubtful", "doubtful"),
    "same_company": Signal(7),
    "same_mail_domain": Signal(5),
    "other_company": Signal(-1),
    # Both.
    "same_phone": Signal(9),
    "near_phone": Signal(5),
    "other_phone": Signal(0),
    "same_address": Signal(10),
    "near_address": Signal(7),
    "same_place": Signal(4),
    "same_city": Signal(2),
    "other_place": Signal(0),
    # Companies.
    "same_domain": Signal(26),
    "near_domain": Signal(4),
    "other_domain": Signal(-3),
    "near_company_name": Signal(7),
    "part_of_name": Signal(4, "doubtful"),
    "other_branch": Signal(-6, "none", "doubtful"),
    "other_company_name": Signal(-5, "none"),
    "same_town": Signal(8),
    "other_street": Signal(-9),
    "other_town": Signal(-6),
    "everything_else_other": Signal(-2, "doubtful", "doubtful"),
}

_CERTAIN = 18
_DOUBTFUL = {"contacts": 14, "companies": 11}


def weigh(object_type: str, names: tuple[str, ...]) -> Score:
    """What several signs come to."""
    signals = [EVIDENCE[name] for name in names]
    points = sum(signal.points for signal in signals)
    is_named = not IDENTITY.isdisjoint(names)
    allowed = {signal.cap if signal.named_by.isdisjoint(names) else signal.cap_if_named for signal in signals}
    if "none" in allowed:
        return Score("none", points, names)
    if points >= _CERTAIN and "doubtful" not in allowed:
        return Score("certain", points, names)
    return Score("doubtful" if is_named or points >= _DOUBTFUL[object_type] else "none", points, names)
