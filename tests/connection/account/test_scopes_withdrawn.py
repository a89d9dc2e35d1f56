"""Permissions that are withdrawn in the middle of a flow: it stops, says why, and ends as it would have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from flask import Flask

from tests.support.applications.services import current_services, reading, writing
from tests.support.faults.search_lag import person_makes_acme, time_goes_by
from tests.support.samples import shop
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit_record
from tests.support.usecases.pushing import connected_with_key, objects, pushed
from webapp.errors import RefusedError
from webapp.hubspot.http.transport import Call, Transport
from webapp.models import (
    AnnouncedAssociation,
    AnnouncedCreate,
    AnnouncedUpdate,
    Connection,
    FailingRecord,
    Mail,
    OutboxRecord,
    Run,
)
from webapp.store.connection import connections, troubles
from webapp.usecases.connection import connect
from webapp.usecases.push import automatic as automatic_push
from webapp.usecases.push.new_objects import creation_checks
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import resume_by_person
from webapp.usecases.undo import run as undo_run

pytestmark = pytest.mark.one_database

_WRITING = [f"crm.objects.{kind}.write" for kind in ("companies", "contacts")]
_ALL = [*_WRITING, *(one.replace(".write", ".read") for one in _WRITING)]
_COMPANIES, _CONTACTS = 3, 6


class Flow(NamedTuple):
    """A flow: what it needs, its beginning and its end; whether nobody begins it, or it can be begun anew."""

    prepare: Callable[[int, SandboxServer], None]
    begin: Callable[[int], int]
    judge: Callable[[int, SandboxServer], None]
    is_automatic: bool = False
    is_begun_anew: bool = False


def _only_there(_: int, sandbox: SandboxServer) -> None:
    for number in range(_COMPANIES):
        firm = sandbox.create("companies", {"name": f"Firm {number}", "domain": f"firm{number}.de"})["id"]
        for person in range(_CONTACTS // _COMPANIES):
            sandbox.create("contacts", {"email": f"p{person}@firm{number}.de"}, [str(firm)])


def _only_here(_: int, __: SandboxServer) -> None:
    shop.fill(_COMPANIES, _CONTACTS)


def _on_both_sides(connection_id: int, sandbox: SandboxServer) -> None:
    _only_there(connection_id, sandbox)
    pulling.pulled(connection_id)


def _pushed_before(connection_id: int, sandbox: SandboxServer) -> None:
    _on_both_sides(connection_id, sandbox)
    for number in (1, 2):
        edit_record("companies", number, city="Ulm")
        edit_record("contacts", number, city="Ulm")
    pushed(connection_id)


def _edited(connection_id: int, sandbox: SandboxServer) -> None:
    _on_both_sides(connection_id, sandbox)
    for number in range(1, 1 + _COMPANIES):
        edit_record("companies", number, city="Ulm")
        edit_record("contacts", number, city="Ulm")


def _changed_there(connection_id: int, sandbox: SandboxServer) -> None:
    _on_both_sides(connection_id, sandbox)
    for kind in ("companies", "contacts"):
        for one in pulling.links(kind)[:2]:
            sandbox.update(kind, one.remote_id, {"city": "Bonn"})
    with writing() as session:
        session.get_one(Connection, connection_id).reconciled_at = datetime.now(UTC) - timedelta(hours=1)


def _made_twice(connection_id: int, sandbox: SandboxServer) -> None:
    _on_both_sides(connection_id, sandbox)
    sandbox.settings(search_delay_s=3600)
    make_company(name="Acme", domain="acme.de")
    person_makes_acme(sandbox)
    pushed(connection_id)
    sandbox.settings(search_delay_s=0)
    time_goes_by(sandbox)


def _bulk(kind: str, *, is_preview: bool = False) -> Callable[[int], int]:
    return lambda connection_id: pulling.begun(connection_id, kind, is_preview=is_preview)


def _undo(_: int) -> int:
    last = max(run.id for run in pulling.all_rows(Run, kind="push"))
    request = undo_run.UndoRequest(run_id=last)
    started = undo_run.start(current_services(), request, trigger="command", user_id=None, is_preview=False)
    return started.run_id


def _begun(kind: str, begin: Callable[[Any], None]) -> Callable[[int], int]:
    def beginning(_: int) -> int:
        begin(current_services())
        [run] = [one for one in pulling.all_rows(Run, kind=kind) if one.state == "running"]
        return run.id

    return beginning


def _at_rest(connection_id: int, sandbox: SandboxServer) -> None:
    """Both sides hold the same, each record once: neither a pull nor a push finds anything to do."""
    for kind, records in (("companies", pulling.companies()), ("contacts", pulling.contacts())):
        assert len(objects(sandbox, kind)) == len(records) == len(pulling.links(kind))
    for run in (pulling.pulled(connection_id), pushed(connection_id)):
        assert {outcome for some in run.counts.values() for outcome in some} == {"unchanged"}


def _cities_are(city: str | None) -> Callable[[int, SandboxServer], None]:
    def judge(_: int, sandbox: SandboxServer) -> None:
        assert {one.get("city") for one in objects(sandbox, "companies", "city")} == {city}
        assert {one.get("city") for one in objects(sandbox, "contacts", "city")} == {city}

    return judge


def _only_sent_back(_: int, sandbox: SandboxServer) -> None:
    _cities_are(None)(_, sandbox)
    cities = {one.city for one in pulling.companies()} | {one.city for one in pulling.contacts()}
    assert cities == {"Ulm", None}


def _nothing_here(_: int, __: SandboxServer) -> None:
    assert not pulling.links()
    assert not pulling.companies()


def _nothing_there(_: int, sandbox: SandboxServer) -> None:
    assert not pulling.links()
    assert not objects(sandbox, "companies")


FLOWS = {
    "pull": Flow(_only_there, _bulk("pull"), _at_rest),
    "push": Flow(_only_here, _bulk("push"), _at_rest),
    "preview of a pull": Flow(_only_there, _bulk("pull", is_preview=True), _nothing_here, is_begun_anew=True),
    "preview of a push": Flow(_only_here, _bulk("push", is_preview=True), _nothing_there, is_begun_anew=True),
    "undo": Flow(_pushed_before, _undo, _only_sent_back, is_begun_anew=True),
    "reconcile": Flow(
        _changed_there, _begun("reconcile", begin_reconcile.begin_due), _at_rest, is_automatic=True
    ),
    "check": Flow(_made_twice, _begun("check", creation_checks.begin_due), _at_rest, is_automatic=True),
    "automatic push": Flow(
        _edited, _begun("auto_push", automatic_push.begin_forgotten), _at_rest, is_automatic=True
    ),
}


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> int:
    """A portal with our unique property; calls are repeated without a pause."""
    assert in_app
    pulling.hasty_retries(monkeypatch)
    return connected_with_key(sandbox)


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("name", list(FLOWS))
@pytest.mark.parametrize(
    ("call", "withheld"),
    [(1, _ALL), (3, _ALL), (6, _ALL), (4, _WRITING)],
    ids=["at once", "early", "late", "writing"],
)
def test_a_flow_whose_permissions_go_in_the_middle_ends_as_it_would_have(
    connection_id: int, sandbox: SandboxServer, name: str, withheld: list[str], call: int
) -> None:
    flow = FLOWS[name]
    flow.prepare(connection_id, sandbox)
    run_id = flow.begin(connection_id)
    with _withdrawn_at(call, sandbox, withheld):
        run = pulling.worked_off(run_id)
    if run.state != "finished":
        _assert_stopped(run, flow)
        _give_back(sandbox, connection_id)
        run = _gone_on(run, flow, connection_id)
    sandbox.settings(withheld_scopes=[])
    assert run.state == "finished"
    assert _trouble() is None
    for table in (FailingRecord, AnnouncedCreate, AnnouncedUpdate, AnnouncedAssociation, OutboxRecord):
        assert not pulling.all_rows(table)
    FLOWS[name].judge(connection_id, sandbox)


@contextmanager
def _withdrawn_at(call: int, sandbox: SandboxServer, withheld: list[str]) -> Iterator[None]:
    """Permissions go ahead of this call, if there are so many."""
    made: list[Call] = []
    real = Transport._request

    def request(self: Transport, one: Call, token: str) -> Any:
        made.append(one)
        if len(made) == call:
            sandbox.settings(withheld_scopes=withheld)
        return real(self, one, token)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "_request", request)
        yield


def _trouble() -> str | None:
    with reading() as session:
        trouble = troubles.lasting(connections.current(session))
    return trouble.code if trouble is not None else None


def _assert_stopped(run: Run, flow: Flow) -> None:
    """It says why, one mail has gone out, and no record counts as failed."""
    assert _trouble() == "missing_scopes"
    assert len([mail for mail in pulling.all_rows(Mail) if mail.run_id is None]) == 1
    if flow.is_automatic:
        assert (run.state, run.waiting_for) == ("running", "missing_scopes")
    else:
        assert (run.state, run.error) == ("failed", "missing_scopes")
    assert not [one for one in pulling.entries(run.id) if one.outcome == "failed"]


def _give_back(sandbox: SandboxServer, connection_id: int) -> None:
    """Somebody grants them again, and presses Test connection."""
    sandbox.settings(withheld_scopes=[])
    connect.test(current_services(), connection_id)


def _gone_on(run: Run, flow: Flow, connection_id: int) -> Run:
    if flow.is_automatic:
        return pulling.wait_is_over(run.id)
    try:
        resume_by_person.go_on(current_services(), run.id)
    except RefusedError:
        assert flow.is_begun_anew
        return pulling.worked_off(flow.begin(connection_id))
    return pulling.worked_off(run.id)
