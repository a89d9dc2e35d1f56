"""Whether and when a contact moved to another company in HubSpot, where companies are merged."""

from datetime import UTC, datetime

import pytest

from webapp.domain.links.company_moves import Version, has_moved, moved_at


def _at(hour: int) -> datetime:
    return datetime(2026, 12, 1, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "now", "former", "expected"),
    [
        ("1", "1", (), False),
        ("1", "2", (), True),
        ("1", "3", ("1", "2"), False),
        ("1", "3", ("2",), True),
        ("1", None, (), True),
        (None, None, (), False),
        (None, "1", (), True),
    ],
)
def test_a_merge_is_no_move(
    before: str | None, now: str | None, former: tuple[str, ...], *, expected: bool
) -> None:
    assert has_moved(before, now, former) is expected


@pytest.mark.parametrize(
    ("companies", "former", "hour"),
    [
        (["2", "1"], (), 9),
        (["3", "2", "1"], ("2",), 8),
        (["3", None, "2", "1"], ("2",), 7),
        (["4", "3", "2", "1"], ("2", "3"), 7),
        (["3", "1", "2"], ("2",), 9),
        (["3", "2"], ("2",), 8),
        (["9", "3"], ("2",), 9),
    ],
)
def test_it_moved_when_it_came_to_what_its_company_is_now(
    companies: list[str | None], former: tuple[str, ...], hour: int
) -> None:
    present = next(one for one in companies if one not in former)
    versions = [Version(one, _at(9 - place)) for place, one in enumerate(companies)]
    assert moved_at(versions, present, former) == _at(hour)


def test_without_a_history_it_is_not_known() -> None:
    assert moved_at([], "1", ()) is None
    assert moved_at([Version("1", None)], "1", ()) is None
