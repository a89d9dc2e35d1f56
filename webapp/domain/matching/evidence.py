"""What speaks for two records being the same, and what against it: each piece has a name and a weight."""

from typing import Literal

from msgspec import Struct

Kind = Literal["certain", "doubtful", "none"]


IDENTITY = frozenset({"same_key", "same_email", "same_domain"})
"""What names a record almost alone."""
_BORN = IDENTITY | {"same_birthday"}


class Signal(Struct, frozen=True):
    """A piece of evidence.

    Attributes:
        words: what it is called on screen.
        points: what it weighs; below zero it speaks against the match.
        cap: what a match can be at most with it.
        cap_if_named: the same where one of the signals `named_by` stands beside it.
    """

    words: str
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
    "same_key": Signal("the key that this record was given in HubSpot", 30),
    # People, and names of either.
    "same_email": Signal("same e-mail address", 24),
    "near_email": Signal("almost the same e-mail address", 7),
    "same_mailbox": Signal("same mailbox name at another domain", 5),
    "moved_email": Signal("another e-mail address that is made of the same name", 0),
    "colleagues_email": Signal("but another e-mail address at the same firm", -8, "doubtful"),
    "other_email": Signal("but another e-mail address", -4),
    "own_email": Signal("but each with an e-mail address of its own", -4, "doubtful"),
    "own_name_and_email": Signal("but each with a name and an e-mail address of its own", -8, "none"),
    "same_name": Signal("same name", 11),
    "alike_name": Signal("same name in another form", 10),
    "near_name": Signal("almost the same name", 8),
    "rough_name": Signal("first and last name almost the same", 5),
    "initial_name": Signal("same initial and last name", 6, "doubtful", named_by=_BORN),
    "half_name": Signal("same name as far as it is given", 4, "doubtful", named_by=_BORN),
    "no_name": Signal("no name to compare", 0, "doubtful"),
    "unlike_first_name": Signal("but a first name that may be another one", 4, "doubtful"),
    "other_first_name": Signal("but another first name", -10, "none", "doubtful"),
    "other_last_name": Signal("but another last name", -6, "none", named_by=_BORN),
    "other_generation": Signal("but junior or senior", -10, "none", "doubtful"),
    "same_birthday": Signal("same date of birth", 10),
    "near_birthday": Signal("almost the same date of birth", 4),
    "other_birthday": Signal("but another date of birth", -7, "doubtful", "doubtful"),
    "same_company": Signal("same company", 7),
    "same_mail_domain": Signal("e-mail at the same firm", 5),
    "other_company": Signal("but another company", -1),
    # Both.
    "same_phone": Signal("same phone number", 9),
    "near_phone": Signal("almost the same phone number", 5),
    "other_phone": Signal("but another phone number", 0),
    "same_address": Signal("same address", 10),
    "near_address": Signal("almost the same address", 7),
    "same_place": Signal("same postcode", 4),
    "same_city": Signal("same city", 2),
    "other_place": Signal("but another place", 0),
    # Companies.
    "same_domain": Signal("same domain", 26),
    "near_domain": Signal("same domain with another ending", 4),
    "other_domain": Signal("but another domain", -3),
    "near_company_name": Signal("almost the same name", 7),
    "part_of_name": Signal("one name is part of the other", 4, "doubtful"),
    "other_branch": Signal("but names as of two branches or sisters of one firm", -6, "none", "doubtful"),
    "other_company_name": Signal("but another name", -5, "none"),
    "same_town": Signal("same place", 8),
    "other_street": Signal("but another street", -9),
    "other_town": Signal("but another place", -6),
    "everything_else_other": Signal("but another address and phone number", -2, "doubtful", "doubtful"),
}

_CERTAIN = 18
_DOUBTFUL = {"contacts": 14, "companies": 11}


def weigh(object_type: str, names: tuple[str, ...]) -> Score:
    """What pieces of evidence come to."""
    signals = [EVIDENCE[name] for name in names]
    points = sum(signal.points for signal in signals)
    is_named = not IDENTITY.isdisjoint(names)
    allowed = {signal.cap if signal.named_by.isdisjoint(names) else signal.cap_if_named for signal in signals}
    if "none" in allowed:
        return Score("none", points, names)
    if points >= _CERTAIN and "doubtful" not in allowed:
        return Score("certain", points, names)
    return Score("doubtful" if is_named or points >= _DOUBTFUL[object_type] else "none", points, names)
