"""Status tables: every round trip is known, and what would never rest is refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.mapping.mapping import DEFAULT_STATUS_IN, DEFAULT_STATUS_OUT
from webapp.domain.mapping.statuses import flipping, round_trips

stages, statuses = st.sampled_from("abcd"), st.sampled_from("WXYZ")


def is_stable(start: str, over: dict[str, str], back: dict[str, str]) -> bool:
    """Whether a value stays the same from some round trip on."""
    present: str | None = start
    for _ in range(10):
        returned = back.get(over.get(present or "", ""))
        if returned is None or returned == present:
            return True
        present = returned
    return False


@given(st.dictionaries(stages, statuses), st.dictionaries(statuses, stages))
def test_a_table_is_refused_exactly_when_a_value_would_go_back_and_forth(
    status_in: dict[str, str], status_out: dict[str, str]
) -> None:
    all_stable = all(is_stable(stage, status_in, status_out) for stage in status_in)
    all_stable &= all(is_stable(status, status_out, status_in) for status in status_out)
    assert (flipping(round_trips(status_in, status_out)) is None) == all_stable


def test_the_tables_of_a_new_connection_are_at_rest() -> None:
    trips = round_trips(DEFAULT_STATUS_IN, DEFAULT_STATUS_OUT)
    assert flipping(trips) is None
    assert len(trips) == len(DEFAULT_STATUS_IN) + len(DEFAULT_STATUS_OUT)


def test_many_to_one_each_way_is_allowed_and_shown_as_a_change() -> None:
    trips = round_trips({"customer": "Customer"}, {"Customer": "customer", "Former": "customer"})
    assert flipping(trips) is None
    [changed] = [trip for trip in trips if trip.is_changed]
    assert changed.path == ("Former", "customer", "Customer", "customer", "Customer")


def test_a_refusal_shows_the_way_of_the_value() -> None:
    trip = flipping(round_trips({"a": "X", "b": "Y"}, {"X": "b", "Y": "a"}))
    assert trip is not None
    assert trip.path == ("a", "X", "b", "Y", "a")
