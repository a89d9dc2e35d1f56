"""What people told apart on Held is no possible duplicate once both are records."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import current_services, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.duplicates import pairs_listed
from tests.support.usecases.pushing import give_key, requested_push
from tests.support.usecases.undoing import undo_of
from webapp.domain.records.fields import ObjectType
from webapp.models import KeptApart, PossibleDuplicate, RemoteObject, Run
from webapp.store.duplicates import pairs
from webapp.usecases.duplicates import scan
from webapp.usecases.matching import finding

_PHONE = "+49 30 1234567"
_BOTH: tuple[ObjectType, ...] = ("companies", "contacts")


def _held(connection_id: int, sandbox: SandboxServer, kind: ObjectType) -> tuple[RemoteObject, int]:
    """A held object, and the record that it may be."""
    if kind == "companies":
        record = make_company(name="Birke Druckwerk", domain="birke.de", city="Ulm").id
        sandbox.create("companies", {"name": "Rheingold Handel", "domain": "birke.de", "city": "Kiel"})
    else:
        firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
        record = make_contact(first_name="Eva", last_name="Kern", email="other@x.de", phone=_PHONE).id
        values = {"firstname": "Eva", "lastname": "Kern", "email": "eva@n.de", "phone": _PHONE}
        sandbox.create("contacts", values, [firm])
    pulling.pulled(connection_id)
    [found] = pulling.left_out(kind)
    assert found.state == "held"
    return found, record


def _scanned() -> int:
    return pulling.worked_off(scan.start(current_services(), trigger="command", user_id=None).run_id).id


def _listed(kind: ObjectType, state: str | None = None) -> list[tuple[int, int]]:
    return [(one.lower_id, one.higher_id) for one in pairs_listed(state) if one.object_type == kind]


@pytest.mark.parametrize("kind", _BOTH)
def test_neither_a_scan_nor_an_edit_asks_again(
    connection_id: int, sandbox: SandboxServer, kind: ObjectType
) -> None:
    found, record = _held(connection_id, sandbox, kind)
    pulling.decided(found.id, "apart")
    new = pulling.link_of(found.remote_id, kind).record_id
    assert _listed(kind, "not_the_same") == [(record, new)]
    run = _scanned()
    assert finding.after_edit(current_services(), kind, new) == []
    assert _listed(kind, "open") == []
    assert pulling.run_of(run).counts[kind]["held"] == 0
    undo_of(pulling.link_of(found.remote_id, kind).last_run_id or 0)
    assert _listed(kind) == []
    assert pulling.all_rows(KeptApart) == []


@pytest.mark.parametrize("kind", _BOTH)
def test_the_record_that_a_later_pull_makes_is_told_apart_too(
    connection_id: int, sandbox: SandboxServer, kind: ObjectType
) -> None:
    found, record = _held(connection_id, sandbox, kind)
    pulling.decided(found.id, "apart")
    its_link = pulling.link_of(found.remote_id, kind)
    with writing() as session:
        for one in pulling.all_rows(RemoteObject):
            session.delete(session.merge(one))
        session.delete(session.merge(its_link))
        session.execute(PossibleDuplicate.__table__.delete())  # type: ignore[attr-defined]
        table = pulling.companies if kind == "companies" else pulling.contacts
        session.delete(session.merge(table()[-1]))
    pulling.pulled(connection_id)
    assert _listed(kind, "not_the_same") == [(record, pulling.link_of(found.remote_id, kind).record_id)]


@pytest.mark.parametrize("kind", _BOTH)
def test_what_was_decided_before_pairs_were_kept_is_not_asked_either(
    connection_id: int, sandbox: SandboxServer, kind: ObjectType
) -> None:
    found, record = _held(connection_id, sandbox, kind)
    pulling.decided(found.id, "apart")
    new = pulling.link_of(found.remote_id, kind).record_id
    with writing() as session:
        pairs.forget_records(session, kind, [new])
    run = _scanned()
    assert (_listed(kind), pulling.run_of(run).counts[kind]["held"]) == ([], 0)
    finding.after_edit(current_services(), kind, new)
    assert (_listed(kind, "open"), _listed(kind, "not_the_same")) == ([], [(record, new)])


def test_a_company_that_was_made_in_hubspot_beside_an_object_is_told_apart_from_it(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    """Decided on a Push, of an object that is a record only later; an undo takes it back."""
    give_key(sandbox, connection_id)
    sandbox.settings(search_delay_s=0)
    there = sandbox.create("companies", {"name": "Rheingold Handel", "domain": "birke.de", "city": "Kiel"})
    record = make_company(name="Birke Druckwerk", domain="birke.de", city="Ulm").id
    pulling.worked_off(requested_push("companies", record).run_id)
    pages.post(f"/companies/{record}/push", data={"decision": "create"})
    made = pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert made.counts["companies"] == {"created": 1}
    assert [(one.remote_id, one.record_id) for one in pulling.all_rows(KeptApart)] == [(there["id"], record)]
    pulling.pulled(connection_id)
    new = pulling.link_of(there["id"], "companies").record_id
    assert (_listed("companies", "not_the_same"), _listed("companies", "open")) == ([(record, new)], [])
    undo_of(made.id, archives=True)
    assert (pulling.all_rows(KeptApart), _listed("companies")) == ([], [])


def test_a_push_tells_apart_from_the_record_of_an_object_at_once(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    give_key(sandbox, connection_id)
    sandbox.settings(search_delay_s=0)
    there = sandbox.create("companies", {"name": "Birke Druckwerk", "city": "Ulm"})
    pulling.pulled(connection_id)
    record = make_company(name="Birke Druckwerk", domain=None, city="Ulm").id
    pulling.worked_off(requested_push("companies", record).run_id)
    pages.post(f"/companies/{record}/push", data={"decision": "create"})
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert _listed("companies", "not_the_same") == [
        (pulling.link_of(there["id"], "companies").record_id, record)
    ]
