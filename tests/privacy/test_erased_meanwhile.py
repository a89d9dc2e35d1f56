"""Somebody is erased while a run works: what it had read of them comes back with nothing that it writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from tests.support.applications.services import current_services, writing
from tests.support.samples.known_person import ADDRESS, VALUES, traces
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from webapp.errors import RefusedError
from webapp.models import ErasedAddress, Erasure, RemoteObject, Run
from webapp.store.database.transactions import Database
from webapp.usecases.duplicates import scan
from webapp.usecases.privacy import person as persons
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle, mass_change
from webapp.usecases.undo import run as undo_run

# So long the other one has to come in between, or to be found waiting.
_OTHER_S = 1.0


class Met:
    """A portal with a person whose record is here."""

    def __init__(self, connection_id: int, sandbox: SandboxServer) -> None:
        self.connection_id, self.sandbox = connection_id, sandbox
        self._firm = str(sandbox.create("companies", {"name": "Birkenwerk", "domain": "birke.de"})["id"])
        self._remote_id = ""

    def again(self) -> None:
        """Somebody new, with the same values: whoever had them before was erased, which is forgotten."""
        if self._remote_id:
            self.sandbox.erase("contacts", self._remote_id)
        with writing() as session:
            for table in (ErasedAddress, Erasure, RemoteObject):
                session.execute(delete(table))
        self._remote_id = str(self.sandbox.create("contacts", dict(VALUES), [self._firm])["id"])
        pulling.pulled(self.connection_id)

    def record_id(self) -> int:
        """Their record."""
        return pulling.link_of(self._remote_id).record_id

    def changes_there(self) -> None:
        """Somebody changes them in HubSpot."""
        self.sandbox.update("contacts", self._remote_id, {"jobtitle": "Altmeisterin"})


@pytest.fixture
def met(connection_id: int, sandbox: SandboxServer) -> Met:
    return Met(connection_id, sandbox)


def _pull(met: Met) -> int:
    met.changes_there()
    return pulling.begun(met.connection_id)


def _push(met: Met) -> int:
    edit(met.record_id(), job_title="Altmeisterin")
    return pulling.begun(met.connection_id, "push")


def _preview_of_a_push(met: Met) -> int:
    edit(met.record_id(), job_title="Altmeisterin")
    return pulling.begun(met.connection_id, "push", is_preview=True)


def _reconcile(met: Met) -> int:
    met.changes_there()
    return begin_reconcile.start(current_services(), trigger="button", user_id=None, is_full=True).run_id


def _scan(_met: Met) -> int:
    return scan.start(current_services(), trigger="button", user_id=None).run_id


def _preview_of_an_undo(_met: Met) -> int:
    pull = next(run for run in reversed(pulling.all_rows(Run)) if run.kind == "pull")
    request = undo_run.UndoRequest(run_id=pull.id)
    return undo_run.start(current_services(), request, trigger="button", user_id=None, is_preview=True).run_id


@pytest.mark.long
@pytest.mark.one_database
@pytest.mark.parametrize("begin", [_pull, _push, _preview_of_a_push, _reconcile, _scan, _preview_of_an_undo])
def test_ahead_of_whatever_a_run_writes(met: Met, begin: Callable[[Met], int]) -> None:
    """Ahead of its first transaction, then of its second, and so on."""
    moments = [0]
    while moment := _moment_of_erasure(moments[-1] + 1, met, begin):
        moments.append(moment)
    assert len(moments) > 3


def _moment_of_erasure(number: int, met: Met, begin: Callable[[Met], int]) -> int:
    """Erase the person ahead of a run's transaction or of a later one; of which, 0 if none is so late."""
    met.again()
    run_id = begin(met)
    with _erased_ahead_of(number) as erased:
        run = pulling.worked_off(run_id)
    if not erased:
        persons.erase(current_services(), ADDRESS)
    assert (run.state, run.error_text) == ("finished", None)
    persons.go_on_forgotten(current_services())
    assert traces() == {}, f"erased ahead of transaction {number}"
    return erased[0] if erased else 0


@contextmanager
def _erased_ahead_of(number: int) -> Iterator[list[int]]:
    """Erase the person ahead of a transaction; while they are being sent, ahead of a later one: of which."""
    real, ahead, erased, is_erasing = Database.writing, [number], list[int](), list[bool]()

    @contextmanager
    def writing_behind(self: Database, **named: Any) -> Iterator[Any]:
        if not is_erasing:
            ahead[0] -= 1
            if ahead[0] <= 0 and not erased:
                is_erasing.append(True)
                try:
                    persons.erase(current_services(), ADDRESS)
                    erased.append(number - ahead[0])
                except RefusedError as error:
                    assert error.reason == "record_being_sent"  # noqa: PT017 - any other is a failure
                finally:
                    is_erasing.clear()
        with real(self, **named) as session:
            yield session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "writing", writing_behind)
        yield erased


def test_while_a_page_is_written_the_erasure_waits_for_it(
    met: Met, in_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else either would wait for the other, or the page would write of them behind the erasure."""
    met.again()
    met.changes_there()
    run_id = pulling.begun(met.connection_id)
    real, begun = mass_change.check, list[int]()

    def begin() -> None:
        with in_app.app_context():
            begun.append(persons.begin(current_services(), ADDRESS))

    other = threading.Thread(target=begin)

    def check(*given: Any) -> None:
        if not other.ident:
            other.start()
            other.join(_OTHER_S)
            assert begun == []
        real(*given)

    monkeypatch.setattr(mass_change, "check", check)
    run = pulling.worked_off(run_id)
    other.join()
    run = pulling.worked_off(run_id)
    assert (run.state, run.error_text, len(begun)) == ("finished", None, 1)
    persons.go_on_forgotten(current_services())
    assert traces() == {}


def test_a_run_that_waited_for_its_turn_is_not_taken_from_its_worker(met: Met) -> None:
    """Whoever comes later reads what is left."""
    met.again()
    waiting = pulling.begun(met.connection_id, "push")
    working = pulling.begun(met.connection_id)
    before = {number: pulling.run_of(number).fence for number in (waiting, working)}
    persons.erase(current_services(), ADDRESS)
    after = {number: pulling.run_of(number).fence for number in (waiting, working)}
    states = {number: pulling.run_of(number).state for number in (waiting, working)}
    moved = {number for number in before if after[number] != before[number]}
    assert moved == {number for number, state in states.items() if state == "running"}
    lifecycle.sweep(current_services())
