"""A push keeps its worker while nobody else waits for it, and leaves it soon when somebody does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_company
from tests.support.usecases import pulling
from webapp.models import Run
from webapp.usecases.push import page as push_page
from webapp.usecases.push import reading as push_reading
from webapp.usecases.push.writing import write
from webapp.usecases.runs import overtime, queues, slices

pytestmark = pytest.mark.one_database

_PAGE, _PAGES = 2, 3


@pytest.fixture
def run_id(with_key: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """A push of three pages whose slices have no time of their own, and for whose worker nobody waits."""
    monkeypatch.setattr(push_reading, "PAGE_SIZES", {"companies": _PAGE, "contacts": _PAGE})
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    monkeypatch.setattr(overtime, "LOOK_EVERY_S", 0.0)
    # However slow the machine is.
    monkeypatch.setattr(overtime, "LONGEST_S", 600.0)
    monkeypatch.setattr(push_page, "LONGEST_GRACE_S", 600.0)
    for number in range(_PAGE * _PAGES):
        make_company(name=f"Firm {number}", domain=f"firm{number}.de")
    begun = pulling.begun(with_key, "push")
    current_services().redis.flushall()
    return begun


def _made(run: Run) -> int:
    return sum(run.counts["companies"].values())


def test_a_slice_goes_on_while_nobody_waits(run_id: int) -> None:
    run = pulling.one_slice(run_id)
    assert (run.state, _made(run)) == ("finished", _PAGE * _PAGES)


def test_a_slice_ends_as_soon_as_something_waits(run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(*given: Any, **named: Any) -> None:
        write(*given, **named)
        queues.enqueue_slice(current_services(), 99, 1)

    monkeypatch.setattr(push_page, "write", written)
    monkeypatch.setattr(push_page, "read_ahead", lambda *_: None)
    run = pulling.one_slice(run_id)
    assert (run.state, _made(run)) == ("running", _PAGE)


def test_a_slice_ends_in_any_case(run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overtime, "LONGEST_S", 0.0)
    monkeypatch.setattr(push_page, "read_ahead", lambda *_: None)
    run = pulling.one_slice(run_id)
    assert (run.state, _made(run)) == ("running", _PAGE)
