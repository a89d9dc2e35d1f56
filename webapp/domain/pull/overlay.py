"""The plans of a preview's earlier pages, laid over the stored records for the later pages."""

from collections.abc import Iterable

from msgspec.structs import replace

from webapp.domain.matching.candidates import Candidate


def lay_over(here: Iterable[Candidate], planned: Iterable[Candidate]) -> list[Candidate]:
    """The stored records with the plans so far laid over them, then the records that would be created.

    A record keeps its own key, which no plan changes.
    """
    by_now = {candidate.record_id: candidate for candidate in planned}
    over = [_as_planned(one, by_now.pop(one.record_id, None)) for one in here]
    return over + list(by_now.values())


def _as_planned(here: Candidate, planned: Candidate | None) -> Candidate:
    if planned is None:
        return here
    return replace(planned, keys=replace(planned.keys, own_key=here.keys.own_key))


def numbers_below(lowest: int | None, count: int) -> range:
    """Numbers for records that would be new, below those given so far; no record here is negative."""
    first = min(lowest or 0, 0) - 1
    return range(first, first - count, -1)
