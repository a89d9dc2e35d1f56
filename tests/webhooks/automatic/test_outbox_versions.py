"""Which edits a push or a pull ends: exactly those that it read, whatever the machines' clocks say (B44)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count
from typing import Any

import pytest

from tests.support.applications.services import reading, writing
from tests.support.faults import kills
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit, edit_once_read
from tests.support.usecases.pushing import primary_of, pushed, pushed_record
from webapp import jobs
from webapp.models import OutboxRecord, Run
from webapp.store.push import facts as push_facts
from webapp.store.push import outbox
from webapp.usecases.pull import apply, with_companies
from webapp.usecases.push import associations
from webapp.usecases.push import bulk as bulk_push
from webapp.usecases.push import writing as push_writing
from webapp.usecases.records import editing

_HOUR = timedelta(hours=1)
_EDITS = 12


@pytest.fixture
def contact(connection_id: int, sandbox: SandboxServer) -> str:
    """A contact of one company, here and in HubSpot."""
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    values = {"firstname": "Eva", "lastname": "Roth", "email": "eva@n.de", "phone": "1"}
    number = str(sandbox.create("contacts", values, [company])["id"])
    pulling.pulled(connection_id)
    return number


def web_clocks(patch: pytest.MonkeyPatch) -> Iterator[str]:
    """While each is told, edits are made on a machine whose clock differs so from the worker's."""
    for name, apart in {"behind": -_HOUR, "ahead": _HOUR}.items():
        patch.setattr(editing, "datetime", _clock(apart))
        yield name


def _clock(apart: timedelta) -> type[datetime]:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + apart

    return Clock


def _automatic(connection_id: int) -> Run:
    jobs.begin_auto_push(connection_id)
    return _work_off_last("auto_push")


def _red(connection_id: int) -> Run:
    return pushed_record(connection_id, "contacts", 1)


def _work_off_last(kind: str) -> Run:
    return pulling.worked_off([run.id for run in pulling.all_rows(Run) if run.kind == kind][-1])


PUSHES = pytest.mark.parametrize("push_it", [_automatic, pushed, _red], ids=["automatic", "blue", "red"])
Pushing = Callable[[int], Run]


def _unsent() -> list[int]:
    return [row.record_id for row in pulling.all_rows(OutboxRecord)]


def _phones() -> Iterator[str]:
    """Numbers that nobody has had before."""
    return (f"+49 228 {number}" for number in count(1))


def _phone(sandbox: SandboxServer, number: str) -> str:
    return str(sandbox.get("contacts", number)["properties"]["phone"])


@PUSHES
def test_an_edit_behind_the_reading_of_a_push_is_sent_by_the_next(
    connection_id: int,
    contact: str,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    push_it: Pushing,
) -> None:
    # Until the push is through nothing else is begun, as where another worker is busy.
    monkeypatch.setattr(jobs, "BEGIN_AGAIN", {})
    phones = _phones()
    for clock in web_clocks(monkeypatch):
        sent, later = next(phones), next(phones)
        edit(phone=sent)
        edit_once_read(monkeypatch, later)
        assert push_it(connection_id).state == "finished"
        assert (_phone(sandbox, contact), _unsent()) == (sent, [1]), clock
        _automatic(connection_id)
        assert (_phone(sandbox, contact), _unsent()) == (later, []), clock


@PUSHES
def test_an_edit_between_the_writing_of_a_page_and_the_end_is_sent_by_the_next(
    connection_id: int,
    contact: str,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    push_it: Pushing,
) -> None:
    """Its version is not the one that was sent, though a push has just been through the same record."""
    monkeypatch.setattr(jobs, "BEGIN_AGAIN", {})
    real, to_come, phones = associations.push_associations, list[str](), _phones()

    def after_an_edit(*args: Any) -> int | None:
        if to_come:
            edit(phone=to_come.pop())
        return real(*args)

    monkeypatch.setattr(bulk_push, "push_associations", after_an_edit)
    for clock in web_clocks(monkeypatch):
        sent, later = next(phones), next(phones)
        edit(phone=sent)
        to_come.append(later)
        assert push_it(connection_id).state == "finished"
        assert (_phone(sandbox, contact), _unsent()) == (sent, [1]), clock
        _automatic(connection_id)
        assert (_phone(sandbox, contact), _unsent()) == (later, []), clock


@PUSHES
def test_what_a_killed_push_has_sent_is_forgotten_and_no_later_edit(
    connection_id: int,
    contact: str,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    push_it: Pushing,
) -> None:
    """The page is written, and gone through again: a run of everything does not touch the record twice."""
    phones = _phones()
    cases = (
        (clock, is_edited_again) for clock in web_clocks(monkeypatch) for is_edited_again in (False, True)
    )
    for clock, is_edited_again in cases:
        last = next(phones)
        edit(phone=last)
        with (
            kills.killed_after(push_writing, "_write_at_once", 2 if push_it is pushed else 1),
            pytest.raises(kills.PowerCutError),
        ):
            push_it(connection_id)
        assert (_phone(sandbox, contact), _unsent()) == (last, [1]), clock
        if is_edited_again:
            last = next(phones)
            edit(phone=last)
        [run] = [one for one in pulling.all_rows(Run) if one.state == "running"]
        assert pulling.worked_off(run.id).state == "finished"
        if is_edited_again and _unsent():
            _automatic(connection_id)
        assert (_phone(sandbox, contact), _unsent()) == (last, []), (clock, is_edited_again)


@PUSHES
def test_a_push_killed_before_the_companies_are_set_still_moves_the_contact(
    connection_id: int, contact: str, sandbox: SandboxServer, push_it: Pushing
) -> None:
    """What the outbox keeps until the end says whose company is still to be looked at."""
    other = str(sandbox.create("companies", {"name": "Other", "domain": "other.de"})["id"])
    pulling.pulled(connection_id)
    edit(company_id="2")
    with (
        kills.killed_after(bulk_push, "move_on", 4 if push_it is pushed else 3),
        pytest.raises(kills.PowerCutError),
    ):
        push_it(connection_id)
    assert primary_of(sandbox, contact) != other
    [run] = [one for one in pulling.all_rows(Run) if one.state == "running"]
    assert run.checkpoint["phase"] == "associations"
    assert pulling.worked_off(run.id).state == "finished"
    assert primary_of(sandbox, contact) == other
    assert not _unsent()


def test_edits_that_wait_when_a_pull_is_asked_for_are_overwritten(
    connection_id: int, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert contact
    for clock in web_clocks(monkeypatch):
        edit(phone="+49 228 7")
        run = pulling.pulled(connection_id)
        assert [one.reason for one in pulling.entries(run.id)] == ["overtaken_by_pull"], clock
        assert (pulling.contacts()[0].phone, _unsent()) == ("1", []), clock


def test_an_edit_behind_the_reading_of_a_pull_is_kept_and_sent(
    connection_id: int,
    contact: str,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pull has read HubSpot's page and not yet written it."""
    real, to_come, phones = apply.apply_page, list[str](), _phones()

    def apply_page(services: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        if context.object_type == "contacts" and to_come:
            edit(phone=to_come.pop())
        return real(services, context, *args, **kwargs)

    monkeypatch.setattr(with_companies, "apply_page", apply_page)
    for clock in web_clocks(monkeypatch):
        edit(phone=next(phones))
        later = next(phones)
        to_come.append(later)
        run = pulling.pulled(connection_id)
        assert [one.reason for one in pulling.entries(run.id)] == ["edited_meanwhile"], clock
        assert (pulling.contacts()[0].phone, _unsent()) == (later, [1]), clock
        _automatic(connection_id)
        assert (_phone(sandbox, contact), _unsent()) == (later, []), clock


def test_only_the_version_that_was_read_is_forgotten(connection_id: int, contact: str) -> None:
    """Also where a row went meanwhile and came again: no version comes twice."""
    assert contact
    edit(phone="+49 228 1")
    with reading() as session:
        read = outbox.unsent_of(session, connection_id, "contacts", [1])
    with writing() as session:
        outbox.forget_read(session, connection_id, "contacts", read)
    assert not _unsent()
    edit(phone="+49 228 2")
    with writing() as session:
        outbox.forget_read(session, connection_id, "contacts", read)
        outbox.mark_pushed(session, connection_id, "contacts", 99, read)
        outbox.forget_pushed(session, connection_id, 99, ["contacts"])
    assert _unsent() == [1]


def test_a_push_ends_what_was_edited_before_a_failed_one_and_nothing_of_types_switched_off(
    connection_id: int, contact: str
) -> None:
    assert contact
    edit(phone="+49 228 1")
    with writing() as session:
        read = outbox.unsent_of(session, connection_id, "contacts", [1])
        outbox.mark_pushed(session, connection_id, "contacts", 99, read)
        outbox.forget_pushed(session, connection_id, 99, ["companies"])
        outbox.forget_pushed(session, connection_id, 98, ["contacts"])
    assert _unsent() == [1]
    _automatic(connection_id)
    assert not _unsent()


def test_each_edit_has_a_version_of_its_own(connection_id: int, contact: str) -> None:
    assert connection_id
    assert contact
    versions = set()
    for number in range(3):
        edit(phone=f"+49 228 {number}")
        versions |= {row.version for row in pulling.all_rows(OutboxRecord)}
    assert len(versions) == 3
    assert datetime.now(UTC) - pulling.all_rows(OutboxRecord)[0].edited_at < _HOUR


@pytest.mark.one_database
def test_of_many_edits_beside_a_worker_whose_clock_is_ahead_none_is_forgotten(
    connection_id: int, contact: str, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is saved by a clock a second behind, while a push has read the record and not yet ended."""
    assert contact
    sandbox.settings(search_delay_s=0)
    monkeypatch.setattr(editing, "datetime", _clock(timedelta(seconds=-1)))
    monkeypatch.setattr(jobs, "BEGIN_AGAIN", {})
    real, number = push_facts.page, 0

    def page(*args: Any, **kwargs: Any) -> Any:
        nonlocal number
        found = real(*args, **kwargs)
        if found and args[3] == "contacts" and number < _EDITS:
            number += 1
            edit(phone=f"+49 228 {number}")
        return found

    monkeypatch.setattr(push_facts, "page", page)
    edit(phone="+49 228 0")
    for expected in range(_EDITS + 1):
        _automatic(connection_id)
        assert _phone(sandbox, contact) == f"+49 228 {expected}"
    assert not _unsent()
