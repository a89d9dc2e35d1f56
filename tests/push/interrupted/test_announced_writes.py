"""What was announced to HubSpot is in flight while its slice is at work, and is logged once (B46, B47)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, current_app

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, pushed
from webapp.domain.push.interrupted_writes import AnnouncedWrite, Completion, SeenObject
from webapp.domain.runs.options import PullRecordOptions
from webapp.hubspot.calls.objects import ObjectCalls
from webapp.models import AnnouncedCreate, AnnouncedUpdate, Run
from webapp.store.push import announced_writes
from webapp.usecases.runs import of_record

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
CITY = ("city", "Bonn", "Ulm")


@pytest.fixture
def run(with_key: int) -> Run:
    """A push that has made two contacts of a company, and is at work again."""
    company = make_company(name="Acme", domain="acme.de")
    for name in ("ana", "bea"):
        make_contact(company.id, first_name=name, email=f"{name}@acme.de", city="Bonn")
    done = pushed(with_key)
    pulling.change(done.id, state="running", waiting_for=None)
    return pulling.run_of(done.id)


def _announce(run: Run, kind: str, record_id: int = 1, *, run_id: int | None = None) -> None:
    """Announce an update or a create of a contact as a slice of the run, or another one's, does."""
    remote_id = pulling.links("contacts")[record_id - 1].remote_id
    of_record = {"connection_id": run.connection_id, "object_type": "contacts", "record_id": record_id}
    by = {"run_id": run_id or run.id, "fence": run.fence, "changes": [list(CITY)]}
    with writing() as session:
        if kind == "update":
            session.add(AnnouncedUpdate(**of_record, **by, remote_id=remote_id))
        else:
            session.add(AnnouncedCreate(**of_record, **by, key=f"key {record_id}", announced_at=NOON))


def _in_flight(run: Run, **how: Any) -> dict[int, frozenset[str]]:
    with reading() as session:
        return announced_writes.in_flight(session, run.connection_id, "contacts", [1, 2], **how)


def _about(run: Run, record_id: int = 1, *, but_of_run: int | None = None) -> list[AnnouncedWrite]:
    """What is announced about a contact's object."""
    seen = SeenObject(pulling.links("contacts")[record_id - 1].remote_id, {"twinbook_id": "key 1"}, NOON)
    with reading() as session:
        return announced_writes.about_objects(
            session, run.connection_id, "contacts", [seen], but_of_run=but_of_run
        )


KINDS = pytest.mark.parametrize(
    ("kind", "fields"), [("update", {"city"}), ("create", set())], ids=["update", "create"]
)


@KINDS
def test_it_is_in_flight_for_others_while_its_slice_is_at_work(run: Run, kind: str, fields: set[str]) -> None:
    _announce(run, kind)
    assert _in_flight(run) == {1: frozenset(fields)}
    assert [one.is_in_flight for one in _about(run)] == [True]
    assert _in_flight(run, but_of_run=run.id) == {}
    assert _about(run, but_of_run=run.id) == []
    assert _in_flight(run, but_of_run=run.id + 1) == {1: frozenset(fields)}


@KINDS
@pytest.mark.parametrize(
    "changed",
    [{"state": "cancelled"}, {"waiting_for": "hubspot_trouble"}, {"fence": 99}],
    ids=["ended", "waits", "taken over"],
)
def test_what_a_slice_has_left_behind_is_in_flight_no_more(
    run: Run, kind: str, fields: set[str], changed: dict[str, Any]
) -> None:
    _announce(run, kind)
    assert _in_flight(run) == {1: frozenset(fields)}
    pulling.change(run.id, **changed)
    assert _in_flight(run) == {}
    assert [one.is_in_flight for one in _about(run)] == [False]


@KINDS
def test_two_who_find_it_at_once_log_it_once(run: Run, kind: str, fields: set[str]) -> None:
    assert fields <= {"city"}
    _announce(run, kind)
    [found] = _about(run)
    completion = Completion(found, pulling.links("contacts")[0].remote_id, (CITY,))
    before = pulling.run_of(run.id)
    written = []
    for _ in range(2):
        with writing() as session:
            written.append(announced_writes.complete(session, run.id, "contacts", [completion], NOON))
    assert written == [1, 0]
    after = pulling.run_of(run.id)
    assert after.last_seq == before.last_seq + 1 == len(pulling.entries(run.id))
    outcome = "updated" if kind == "update" else "created"
    assert after.counts["contacts"].get(outcome, 0) == before.counts["contacts"].get(outcome, 0) + 1
    assert pulling.entries(run.id)[-1].changes == [list(CITY)]


@KINDS
def test_what_never_took_effect_is_only_forgotten(run: Run, kind: str, fields: set[str]) -> None:
    assert fields <= {"city"}
    _announce(run, kind)
    before = len(pulling.entries(run.id))
    with writing() as session:
        assert announced_writes.complete(session, run.id, "contacts", [Completion(_about(run)[0])], NOON) == 0
    assert (_about(run), len(pulling.entries(run.id))) == ([], before)


@KINDS
def test_a_run_takes_only_what_it_has_announced_itself(run: Run, kind: Any, fields: set[str]) -> None:
    assert fields <= {"city"}
    _announce(run, kind)
    _announce(run, kind, 2, run_id=run.id + 1)
    with writing() as session:
        taken = announced_writes.take(
            session, kind, run.connection_id, "contacts", run_id=run.id, record_ids=[1, 2]
        )
    assert taken == {1}
    left: list[Any] = [*pulling.all_rows(AnnouncedCreate), *pulling.all_rows(AnnouncedUpdate)]
    assert [one.record_id for one in left] == [2]


def _just_before_the_call(patch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """Do something once an update is announced, and before HubSpot has heard of it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    real, left = ObjectCalls.batch_update, [work]

    def batch_update(self: Any, kind: Any, inputs: Any) -> Any:
        if left:
            # The calls of a push have threads of their own.
            with app.app_context():
                left.pop()()
        return real(self, kind, inputs)

    patch.setattr(ObjectCalls, "batch_update", batch_update)


def _pulled_record() -> None:
    of_record.start(current_services(), PullRecordOptions(object_type="contacts", record_id=1), user_id=None)
    pulled = pulling.worked_off(max(one.id for one in pulling.all_rows(Run)))
    assert (pulled.kind, pulled.state) == ("pull_record", "finished")


def test_a_pull_beside_it_leaves_the_field_and_the_log_to_the_push(
    with_key: int, run: Run, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.change(run.id, state="finished")
    sandbox.update("contacts", pulling.links("contacts")[0].remote_id, {"jobtitle": "Boss"})
    change_contact(1, city="Ulm")
    _just_before_the_call(monkeypatch, _pulled_record)
    push = pushed(with_key)
    contact = pulling.contacts()[0]
    assert (contact.city, contact.job_title) == ("Ulm", "Boss")
    assert [one.changes for one in pulling.entries(push.id) if one.changes] == [[list(CITY)]]
    [link] = [one for one in pulling.links("contacts") if one.record_id == 1]
    assert (link.local_seen["city"], link.remote_seen["city"]) == ("Ulm", "Ulm")


def test_a_pull_beside_an_update_leaves_the_field_and_the_object_as_unread(
    run: Run, sandbox: SandboxServer
) -> None:
    """Once the push is over, the next read brings the field: it was not taken for read."""
    pulling.change(run.id, kind="auto_push", trigger="edit")
    _announce(run, "update")
    link = pulling.links("contacts")[0]
    sandbox.update("contacts", link.remote_id, {"city": "Ulm", "jobtitle": "Editor"})
    pulling.pulled(run.connection_id)
    contact, beside = pulling.contacts()[0], pulling.links("contacts")[0]
    assert (contact.city, contact.job_title) == ("Bonn", "Editor")
    assert beside.remote_updated_at == link.remote_updated_at
    pulling.change(run.id, state="finished")
    pulling.pulled(run.connection_id)
    contact, after = pulling.contacts()[0], pulling.links("contacts")[0]
    assert contact.city == "Ulm"
    assert after.remote_updated_at != link.remote_updated_at
