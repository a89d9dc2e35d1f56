"""A list that goes round in a circle is recognised by one cursor, and no other list is taken for one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.pull.reading.circle import Lap


def _pages_until_found(cursors: list[str]) -> int | None:
    lap: Lap | None = Lap()
    for number, cursor in enumerate(cursors, start=1):
        assert lap is not None
        lap = lap.behind(cursor)
        if lap is None:
            return number
    return None


@given(st.integers(0, 60), st.integers(1, 60))
def test_a_circle_is_found_however_long_it_is_and_wherever_it_begins(straight: int, around: int) -> None:
    circle = [f"c{number}" for number in range(around)]
    found = _pages_until_found([*(str(number) for number in range(straight)), *circle * 200])
    assert found is not None
    assert straight + around < found <= 4 * (straight + around)


@given(st.integers(0, 2_000))
def test_a_list_that_ends_is_no_circle(pages: int) -> None:
    assert _pages_until_found([str(number) for number in range(pages)]) is None
