"""The cursor of a list, as an address carries it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from webapp.store.database.pages import Moment, Number, Text, cursor, place_of


@pytest.mark.parametrize("key", ["", "Müller & Söhne", "a+/=?&#", "🙂" * 100])
def test_a_place_is_read_back_as_it_was_written(key: str) -> None:
    written = cursor(key, 7)
    assert written.isascii()
    assert not set(written) & set("+/=&?# ")
    assert place_of(written, tuple[Text, Number]) == (key, 7)


def test_a_moment_is_read_back_to_the_microsecond() -> None:
    at = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
    assert place_of(cursor(at, 3), tuple[Moment, Number]) == (at, 3)


@pytest.mark.parametrize(
    "made_up",
    [
        *(
            "",
            "x",
            "é",
            "====",
            "bm9wZQ",
            "W10",
            cursor("a"),
            cursor(1, 2),
            cursor("a", "b"),
            cursor("a", 1, 2),
        ),
        *(cursor("a", -1), cursor("a", 2**31), cursor("a", 10**30), cursor("a", 1.5), cursor("a\x00b", 1)),
        cursor("a" * 5_000, 1),
    ],
)
def test_one_that_somebody_made_up_is_none(made_up: str) -> None:
    assert place_of(made_up, tuple[Text, Number]) is None
