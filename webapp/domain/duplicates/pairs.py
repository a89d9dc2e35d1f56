"""A pair of records that look alike: its evidence, its origin, and its state."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from webapp.domain.matching.frequencies import DEFAULT, Frequencies
from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.fields import ObjectType

State = Literal["open", "not_the_same", "merged"]
FoundBy = Literal["pull", "sync", "scan", "edit", "csv"]
Strength = Literal["certain", "doubtful"]
STRENGTHS: tuple[Strength, ...] = ("certain", "doubtful")
STATES: tuple[State, ...] = ("open", "not_the_same", "merged")

# The sign by which a pair is filed, the most telling first; of others the first one counts.
_TELLING = (
    *("same_key", "same_email", "same_domain", "same_phone", "same_birthday", "same_address"),
    *("near_email", "near_phone", "near_domain", "near_address", "same_name", "alike_name", "near_name"),
    *("near_unlisted_name", "near_company_name", "rough_name", "same_company", "same_mail_domain"),
)


class Pair(Struct, frozen=True):
    """Two records of one type that may be the same.

    Attributes:
        lower_id, higher_id: their numbers, the lower one first.
        evidence: names of the signs, as the matcher gives them.
        points: what these come to.
        strength: what the matcher makes of it.
    """

    lower_id: int
    higher_id: int
    evidence: tuple[str, ...]
    points: int
    strength: Strength = "doubtful"

    @property
    def ids(self) -> tuple[int, int]:
        """The two numbers."""
        return self.lower_id, self.higher_id


def pair_of(
    one: int, other: int, evidence: Sequence[str], points: int, strength: Strength = "doubtful"
) -> Pair:
    """A pair of two numbers in any order."""
    return Pair(min(one, other), max(one, other), tuple(evidence), points, strength)


def compare(
    object_type: ObjectType,
    one: tuple[int, Mapping[str, object]],
    other: tuple[int, Mapping[str, object]],
    *,
    emails: tuple[Sequence[str], Sequence[str]] = ((), ()),
    domains: tuple[Sequence[str], Sequence[str]] = ((), ()),
    frequencies: Frequencies = DEFAULT,
) -> Pair | None:
    """The pair of two records; None if the matcher tells them apart.

    Args:
        object_type: Companies or contacts.
        one: Number and field values of a record.
        other: The number and the values of the other record.
        emails: The addresses of each beside its first.
        domains: The domains of each beside its first.
        frequencies: By which what they share is weighed: namesakes are many where a name is frequent.
    """
    score = score_pair(
        object_type,
        one[1],
        other[1],
        own_emails=emails[0],
        further_emails=emails[1],
        own_domains=domains[0],
        further_domains=domains[1],
        frequencies=frequencies,
    )
    if score.kind == "none":
        return None
    return pair_of(one[0], other[0], score.evidence, score.points, score.kind)


def leading_sign(evidence: Sequence[str]) -> str:
    """The sign under which a pair is listed."""
    for name in _TELLING:
        if name in evidence:
            return name
    return evidence[0] if evidence else "no_sign"
