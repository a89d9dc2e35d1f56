"""A long list shared out among readers: how many, where it is cut, and what is no proof."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.pull.reading import parts
from webapp.domain.pull.reading.parts import (
    Cut,
    Remaining,
    Stretch,
    doubt_at_seam,
    judged,
    next_cut,
    readers_for,
)


@pytest.mark.parametrize(
    ("latency_s", "calls_per_s", "readers"),
    [
        (0.1, 9.9, 1),
        (0.3, 9.9, 5),
        (0.15, 17.1, 4),
        (0.005, 95_000, 1),
        (0.3, 95_000, 8),
        (30, 9.9, 8),
        (0.3, 0.1, 1),
    ],
)
def test_as_many_read_as_wait_for_an_answer_under_the_limit_and_some_to_spare(
    latency_s: float, calls_per_s: float, readers: int
) -> None:
    assert readers_for(latency_s, calls_per_s) == readers


def test_pages_begin_a_little_faster_than_the_limit_allows_and_not_in_a_burst() -> None:
    assert 1 / 20 < parts.gap_between(9.9) < 1 / 10


@pytest.mark.parametrize("text", [None, "", "MTAw", "-1", "1.5", "٣", "1" * 31])
def test_what_is_no_plain_number_is_none(text: str | None) -> None:
    assert parts.number_of(text) is None


def test_a_page_within_a_part_is_kept_whole() -> None:
    assert judged(["11", "12"], "13", behind=10, until=20) == Stretch(2, None)
    assert judged(["11", "12"], None, behind=10, until=None) == Stretch(2, None)
    assert judged([], "13", behind=10, until=20) == Stretch(0, None)


def test_a_part_ends_at_its_boundary_in_the_middle_of_a_page_or_behind_one() -> None:
    assert judged(["11", "19", "20", "21"], "22", behind=10, until=20) == Stretch(2, 20)
    assert judged(["11", "19"], "20", behind=10, until=20) == Stretch(2, 20)
    assert judged(["11", "19"], "25", behind=10, until=20) == Stretch(2, 25)
    assert judged(["21", "22"], "23", behind=10, until=20) == Stretch(0, 21)


def test_ids_of_different_lengths_rise_as_numbers() -> None:
    assert judged(["99", "100"], "101", behind=98, until=None) == Stretch(2, None)
    assert judged(["100", "99"], "101", behind=98, until=None) == "ids_fall"


@pytest.mark.parametrize(
    ("ids", "after", "until", "doubt"),
    [
        (["12", "11"], "13", 20, "ids_fall"),
        (["11", "11"], "13", 20, "ids_fall"),
        (["9", "11"], "13", 20, "ids_fall"),
        (["x"], "13", 20, "ids_fall"),
        (["11", "12"], "MTM=", 20, "opaque_cursor"),
        (["11", "12"], "12", 20, "opaque_cursor"),
        (["11", "12"], "2", 20, "opaque_cursor"),
        (["11", "12"], None, 20, "ended_early"),
    ],
)
def test_a_list_that_is_not_as_readers_need_it_is_doubted(
    ids: list[str], after: str | None, until: int, doubt: str
) -> None:
    assert judged(ids, after, behind=10, until=until) == doubt


@pytest.mark.parametrize(
    ("ids", "doubt"),
    [
        (["20", "21"], None),
        (["21", "22"], "seam_open"),
        (["19", "20"], "before_boundary"),
        ([], "empty"),
        (["x"], "ids_fall"),
    ],
)
def test_a_part_is_used_only_if_it_begins_where_the_one_before_ends(
    ids: list[str], doubt: str | None
) -> None:
    assert doubt_at_seam(20, ids, boundary=20) == doubt


def test_a_boundary_that_is_gone_is_no_doubt_where_both_lists_say_so() -> None:
    assert doubt_at_seam(25, ["25"], boundary=20) is None


def test_the_largest_part_is_cut_and_an_uncounted_one_is_the_largest() -> None:
    assert next_cut([Remaining(1, 800), Remaining(9, None)]) == Cut(1, 9, parts.PART)
    assert next_cut([Remaining(1, 9_000), Remaining(9, 5_000)]) == Cut(0, 1, parts.PART)
    assert next_cut([Remaining(1, 700), Remaining(9, 800)]) == Cut(1, 9, 400)
    assert next_cut([Remaining(1, 1_500), Remaining(9, 800)]) == Cut(0, 1, 800)


def test_what_is_read_before_a_search_is_answered_is_not_cut() -> None:
    assert next_cut([Remaining(1, 500), Remaining(9, 0)]) is None


def test_a_count_that_the_lag_of_a_search_explains_is_no_difference() -> None:
    assert not parts.count_differs(1_000, 1_090)
    assert not parts.count_differs(100_000, 99_100)
    assert parts.count_differs(100_000, 98_000)


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=60, unique=True).map(sorted),
    st.integers(1, 9),
    st.lists(st.integers(1, 400), max_size=6, unique=True).map(sorted),
)
def test_parts_that_meet_are_the_whole_list(ids: list[int], size: int, boundaries: list[int]) -> None:
    """Each part is read from its boundary on, in a portal that lists by number: nothing is missed."""
    starts = [0, *boundaries]
    given_out: list[int] = []
    for index, start in enumerate(starts):
        until = starts[index + 1] if index + 1 < len(starts) else None
        found, following = _part(ids, start, until, size, behind=given_out[-1] if given_out else 0)
        given_out += found
        if following is None:
            break
        assert (
            doubt_at_seam(following, [str(one) for one in ids if one >= (until or 0)], boundary=until or 0)
            is None
        )
    assert given_out == ids


def _part(
    ids: list[int], start: int, until: int | None, size: int, *, behind: int
) -> tuple[list[int], int | None]:
    """What a reader keeps of a part, and what its list says is behind it; None at the end of the list."""
    kept: list[int] = []
    rest = [one for one in ids if one >= start]
    while True:
        page, rest = rest[:size], rest[size:]
        shown = judged(
            [str(one) for one in page],
            str(rest[0]) if rest else None,
            behind=kept[-1] if kept else behind,
            until=until,
        )
        if shown == "ended_early":
            # All that there is has been read: one reader would see the end here as well.
            return [*kept, *page], None
        assert isinstance(shown, Stretch)
        kept += page[: shown.kept]
        if shown.following is not None or not rest:
            return kept, shown.following
