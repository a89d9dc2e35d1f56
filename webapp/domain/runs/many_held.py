"""When a run holds so many records that its page says so first, and the cause that most of them share."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from webapp.domain.runs.outcomes import HELD, OUTCOMES

_MANY = 0.05
_OF_RECORDS = ("companies", "contacts")
_MOST_SHOWN = 3


class Held(Struct, frozen=True):
    """How many of a run's records wait for a person, and how many it has processed."""

    held: int
    total: int


def many_held(counts: Mapping[str, Mapping[str, int]]) -> Held | None:
    """How many records a run has held, if more than one in twenty; otherwise None.

    Args:
        counts: By object type, how many records ended with each outcome.
    """
    of_records = [counts.get(kind, {}) for kind in _OF_RECORDS]
    total = sum(one.get(outcome, 0) for one in of_records for outcome in OUTCOMES)
    found = Held(sum(one.get(HELD, 0) for one in of_records), total)
    return found if found.held > found.total * _MANY else None


def commonest_evidence(details: Iterable[Mapping[str, Any] | None]) -> list[tuple[tuple[str, ...], int]]:
    """The signs that held records share with their likeliest candidates, the most common first.

    Args:
        details: What the log keeps of each.

    Returns:
        Some sets of signs, each with how many of the records have it.
    """
    likeliest = (next(iter((detail or {}).get("candidates", ())), None) for detail in details)
    counted = Counter(tuple(one["evidence"]) for one in likeliest if one and one.get("evidence"))
    return counted.most_common(_MOST_SHOWN)
