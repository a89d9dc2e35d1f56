"""Two people decide about the same at the same moment: the first decision counts, the other one is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask

from tests.support.applications.services import current_services, writing
from tests.support.samples.factories import NOW, make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import give_key, held, pushed, requested_push
from webapp.errors import RefusedError
from webapp.models import AuditEntry, KeptApart, RemoteObject
from webapp.usecases.held import carry_out, decisions
from webapp.usecases.held import records as held_records

_PHONE = "+49 30 1234567"
_VERBS: tuple[tuple[decisions.Verb, int | None], ...] = (
    *(("link", 1), ("link", 2), ("apart", None), ("import", None), ("again", None)),
)


@pytest.fixture
def held_object(connection_id: int, sandbox: SandboxServer) -> RemoteObject:
    """A contact in HubSpot that may be either of two contacts here."""
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    for number in range(2):
        make_contact(first_name="Eva", last_name="Kern", email=f"e{number}@other.de", phone=_PHONE)
    values = {"firstname": "Eva", "lastname": "Kern", "email": "eva@n.de", "phone": _PHONE}
    sandbox.create("contacts", values, [firm])
    pulling.pulled(connection_id)
    [found] = pulling.left_out("contacts")
    return found


def _resolve(found: RemoteObject, verb: decisions.Verb, record_id: int | None) -> str:
    try:
        decisions.resolve(current_services(), found.id, verb, record_id, None)
    except RefusedError as error:
        return error.problem.code
    return "decided"


def _insist_on(found: RemoteObject, verb: decisions.Verb, record_id: int | None) -> None:
    """Check that this decision was carried out, and nothing of another."""
    carry_out.carry_out(current_services(), found.id)
    new = [one.id for one in pulling.contacts()][2:]
    linked = [link.record_id for link in pulling.links("contacts")]
    apart = [one.record_id for one in pulling.all_rows(KeptApart)]
    assert linked == {"link": [record_id], "again": []}.get(verb, new)
    assert apart == ([1, 2] if new else [])
    assert len(new) == (verb in ("apart", "import"))


@pytest.mark.one_database
@pytest.mark.parametrize("first", _VERBS)
def test_the_second_decision_about_an_object_changes_nothing(
    held_object: RemoteObject, first: tuple[decisions.Verb, int | None]
) -> None:
    assert _resolve(held_object, *first) == "decided"
    assert _resolve(held_object, *first) == "decided", "pressed twice"
    for second in (*_VERBS, ("skip", None)):
        if second != first:
            assert _resolve(held_object, *second) == "already_settled"
    assert decisions.resolve_several(current_services(), [held_object.id], "apart", None).decided == 0
    _insist_on(held_object, *first)


def test_of_two_at_once_one_decides(held_object: RemoteObject, in_app: Flask) -> None:
    together = Barrier(2)

    def decide(number: int) -> str:
        with in_app.app_context():
            together.wait()
            return _resolve(held_object, *_VERBS[number])

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(decide, (0, 2)))
    assert sorted(answers) == ["already_settled", "decided"]
    _insist_on(held_object, *_VERBS[(0, 2)[answers.index("decided")]])


@pytest.fixture
def candidates(connection_id: int, sandbox: SandboxServer) -> list[str]:
    """Two companies in HubSpot, either of which one here may be, that a push has held."""
    sandbox.settings(search_delay_s=0)
    give_key(sandbox, connection_id)
    ids = [sandbox.create("companies", {"name": f"Acme {n}", "domain": "acme.de"})["id"] for n in range(2)]
    make_company(name="Acme here", domain="acme.de")
    pushed(connection_id)
    assert len(held()) == 1
    return ids


def test_the_second_decision_about_a_record_changes_nothing(candidates: list[str]) -> None:
    first, second = ({"verb": "link", "remote_id": one} for one in candidates)
    run_id = requested_push("companies", 1, decision=first).run_id
    again_id = requested_push("companies", 1, decision=first).run_id
    for other in (second, {"verb": "create"}):
        with pytest.raises(RefusedError, match="already_settled"):
            requested_push("companies", 1, decision=other)
    for one in (run_id, again_id):
        pulling.worked_off(one)
    assert [one.remote_id for one in pulling.links("companies")] == [candidates[0]]


def test_a_decision_whose_push_has_failed_can_be_another(
    candidates: list[str], sandbox: SandboxServer, connection_id: int
) -> None:
    first, second = ({"verb": "link", "remote_id": one} for one in candidates)
    run_id = requested_push("companies", 1, decision=first).run_id
    sandbox.revoke_tokens()
    assert pulling.worked_off(run_id).state == "failed"
    sandbox.restore_tokens()
    assert pulling.connected() == connection_id
    pulling.worked_off(requested_push("companies", 1, decision=second).run_id)
    assert [one.remote_id for one in pulling.links("companies")] == [candidates[1]]


def test_beside_another_push_nothing_is_decided_about_several(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """Else they would be linked although the answer was that nothing was done."""
    give_key(sandbox, connection_id)
    company = make_company(name="Acme", domain="acme.de")
    contact = make_contact(company.id, first_name="Eva", email="eva@acme.de")
    there = sandbox.create("contacts", {"firstname": "Eva", "email": "eva@acme.de"})
    with writing() as session:
        values = {"object_type": "contacts", "remote_id": str(there["id"]), "record_id": contact.id}
        session.add(KeptApart(connection_id=connection_id, decided_at=NOW, **values))
    pushed(connection_id)
    [found] = held()
    run_id = pulling.begun(connection_id, "push")
    with pytest.raises(RefusedError, match="busy"):
        held_records.resolve_several(current_services(), [found.id], "link", None)
    assert [one.decision for one in held()] == [None]
    assert pulling.all_rows(AuditEntry, action="held_record_decided") == []
    pulling.worked_off(run_id)
    assert pulling.links("contacts") == []
    done = held_records.resolve_several(current_services(), [found.id], "link", None)
    pulling.worked_off(done.run_id or 0)
    assert [one.remote_id for one in pulling.links("contacts")] == [there["id"]]
