"""Numbers told of as stretches, and what is left of a stretch without others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.links.stretches import Stretch, less, stretches

_numbers = st.sets(st.integers(1, 60))


def test_numbers_that_follow_one_another_are_one_stretch() -> None:
    assert stretches([4, 1, 2, 9, 3]) == [Stretch(1, 4), Stretch(9, 9)]
    assert stretches([]) == []


def test_a_stretch_is_cut_where_others_lie() -> None:
    assert less(Stretch(1, 10), [Stretch(0, 2), Stretch(5, 6), Stretch(10, 30)]) == [
        Stretch(3, 4),
        Stretch(7, 9),
    ]
    assert less(Stretch(1, 10), []) == [Stretch(1, 10)]
    assert less(Stretch(3, 4), [Stretch(1, 9)]) == []


@given(_numbers, _numbers)
def test_nothing_is_lost_and_nothing_added(whole: set[int], others: set[int]) -> None:
    made = stretches(whole)
    assert _all_of(made) == sorted(whole)
    assert _all_of([left for one in made for left in less(one, stretches(others))]) == sorted(whole - others)


def _all_of(found: list[Stretch]) -> list[int]:
    return [number for one in found for number in range(one.first, one.last + 1)]
