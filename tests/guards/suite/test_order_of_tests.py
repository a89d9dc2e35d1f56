"""No worker of the suite idles at its end because of one long test, and none loses a test."""

from __future__ import annotations

import pytest

from tests.support.suite.order import long_early

LONG = [(module, number) for module in ("kills", "stories", "chaos") for number in range(7)]
SHORT = [("short", number) for number in range(600)]


def ordered(tests: list[tuple[str, int]], workers: int) -> list[tuple[str, int]]:
    return long_early(tests, workers, is_long=lambda one: one[0] != "short", module_of=lambda one: one[0])


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("tests", [[], LONG, SHORT, SHORT[:5] + LONG, SHORT + LONG], ids=len)
def test_each_test_is_run_once(tests: list[tuple[str, int]], workers: int) -> None:
    assert sorted(ordered(tests, workers)) == sorted(tests)


def test_long_ones_are_shared_out_and_begin_in_the_first_part_at_different_times() -> None:
    found = ordered(SHORT + LONG, 3)
    size = len(found) // 3
    begins = set()
    for share in (found[:size], found[size : 2 * size], found[2 * size :]):
        places = [place for place, one in enumerate(share) if one in LONG]
        assert len(places) == len(LONG) // 3
        assert places[-1] < 0.7 * size
        begins.add(places[0])
    assert len(begins) == 3


@pytest.mark.parametrize("workers", [1, 3])
def test_those_of_a_module_follow_each_other_in_one_worker(workers: int) -> None:
    """What they share is made once."""
    places = [place for place, one in enumerate(ordered(SHORT + LONG, workers)) if one[0] == "kills"]
    assert places == list(range(places[0], places[0] + 7))
