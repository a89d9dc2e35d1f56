"""What a pull reads ahead is written together where it has been read already, and never lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.support.applications.services import current_services, writing
from tests.support.applications.worker_process import wait_until
from tests.support.clocks.patience import PATIENCE_S
from webapp.domain.records.fields import ObjectType
from webapp.hubspot.objects import Page, RemoteObject
from webapp.usecases.pull.reading.position import Pages, Position
from webapp.usecases.pull.reading.read_ahead import ReadAhead

_NOW = datetime(2026, 11, 28, tzinfo=UTC)


def _objects(*ids: str, merged: str | None = None) -> list[RemoteObject]:
    properties = {"hs_merged_object_ids": merged}
    return [RemoteObject(id=one, properties=properties, created_at=_NOW, updated_at=_NOW) for one in ids]


class _Portal:
    """Lists made-up pages; an exception in their place is raised."""

    def __init__(
        self, companies: list[list[RemoteObject] | Exception], contacts: list[list[RemoteObject]]
    ) -> None:
        self._pages: dict[ObjectType, Sequence[list[RemoteObject] | Exception]] = {
            "companies": companies,
            "contacts": contacts,
        }
        self.read: list[str] = []

    def list_page(self, position: Position) -> Page:
        """The page at a position."""
        pages = self._pages[position.object_type]
        number = int(position.after or 0)
        self.read.append(f"{position.object_type} {number}")
        page = pages[number]
        if isinstance(page, Exception):
            raise page
        return Page(page, str(number + 1) if number + 1 < len(pages) else None)


def _never() -> bool:
    return False


@contextmanager
def _reading(
    portal: _Portal, *, is_over: Callable[[], bool] = _never, is_waited_for: Callable[[], bool] = _never
) -> Iterator[ReadAhead]:
    with ReadAhead(portal.list_page, "contacts", is_over=is_over, has_waiting_writer=is_waited_for) as ahead:
        yield ahead


def _given(ahead: ReadAhead) -> Iterator[list[str]]:
    """The ids that are given out at once, taken only when all that may be read ahead has been read."""
    pages = ahead.pages(Position())
    for _ in range(20):
        ahead.call(lambda: None)
        read = next(pages, None)
        if read is None:
            return
        yield [one.id for one in read.results]


def test_pages_that_have_been_read_are_given_together() -> None:
    portal = _Portal([_objects(str(n)) for n in range(18)], [_objects("0")])
    with _reading(portal) as ahead:
        assert list(_given(ahead)) == [[str(n) for n in range(16)], ["16", "17"], ["0"]]


def test_who_waits_to_write_waits_for_one_page() -> None:
    portal = _Portal([_objects(str(n)) for n in range(3)], [_objects("0")])
    with _reading(portal, is_waited_for=lambda: True) as ahead:
        assert list(_given(ahead)) == [["0"], ["1"], ["2"], ["0"]]


def test_after_somebody_had_to_wait_pages_are_written_one_by_one_for_a_while() -> None:
    portal = _Portal([_objects(str(n)) for n in range(20)], [_objects("0")])
    waits = iter([False, True])
    with _reading(portal, is_waited_for=lambda: next(waits, False)) as ahead:
        pages = [len(some) for some in _given(ahead)]
    assert pages == [16, 1, 1, 1, 1, 1]
    portal = _Portal([_objects(str(n)) for n in range(26)], [_objects("0")])
    waits = iter([True])
    with _reading(portal, is_waited_for=lambda: next(waits, False)) as ahead:
        pages = [len(some) for some in _given(ahead)]
    assert pages == [1] * 8 + [16, 2, 1]


@pytest.mark.parametrize("again", [_objects("1", "9"), _objects("9", merged="1")])
def test_an_object_that_comes_again_is_written_after_its_first_state(again: list[RemoteObject]) -> None:
    portal = _Portal([_objects("0"), _objects("1"), again, _objects("3")], [_objects("0")])
    with _reading(portal) as ahead:
        assert list(_given(ahead)) == [["0", "1"], [*(one.id for one in again), "3"], ["0"]]


def test_what_was_read_before_trouble_is_given_first() -> None:
    portal = _Portal([_objects("0"), _objects("1"), _objects("2"), ValueError("trouble"), []], [])
    with _reading(portal) as ahead:
        given = _given(ahead)
        assert next(given) == ["0", "1", "2"]
        with pytest.raises(ValueError, match="trouble"):
            next(given)
    assert portal.read[-1] == "companies 3"


def test_nothing_is_read_once_the_time_is_up_and_nothing_that_was_read_is_lost() -> None:
    portal = _Portal([_objects(str(n)) for n in range(9)], [_objects("0")])
    with _reading(portal, is_over=lambda: len(portal.read) >= 3) as ahead:
        read = list(ahead.pages(Position(started_at="then")))
    assert [one.id for some in read for one in some.results] == ["0", "1", "2"]
    following = read[-1].following
    assert (following.after, following.started_at, following.is_end) == ("3", "then", False)
    assert len(portal.read) == 3


def test_behind_the_last_page_is_the_end() -> None:
    portal = _Portal([[]], [_objects("0"), []])
    with _reading(portal) as ahead:
        read: list[Pages] = list(ahead.pages(Position()))
    assert read[-1].following == Position(object_type="contacts", is_end=True)
    with _reading(portal) as ahead:
        assert list(ahead.pages(read[-1].following)) == []


@pytest.mark.sqlite  # on PostgreSQL writers do not wait for each other
def test_a_writer_who_waits_is_noticed(in_app: Flask) -> None:
    done: Future[None] = Future()

    def write() -> None:
        with in_app.app_context(), writing():
            done.set_result(None)

    other = threading.Thread(target=write)
    with writing():
        assert not current_services().database.has_waiting_writer()
        other.start()
        wait_until(current_services().database.has_waiting_writer, "the other one waits")
    done.result(timeout=PATIENCE_S)
    other.join()
    assert not current_services().database.has_waiting_writer()
