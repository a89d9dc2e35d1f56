"""New records go to HubSpot by themselves where that was switched on, as the rules allow (B22)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import add_out_rule, give_key, objects
from webapp.models import OutboxRecord, Run
from webapp.store.connection import connections
from webapp.usecases.records import editing
from webapp.usecases.records.files import import_at_once

pytestmark = pytest.mark.one_database


@pytest.fixture
def creating(connection_id: int, sandbox: SandboxServer) -> int:
    """A connection that creates by itself."""
    give_key(sandbox, connection_id)
    _switch(connection_id, is_on=True)
    return connection_id


def _switch(connection_id: int, *, is_on: bool) -> None:
    with writing() as session:
        connections.set_automatic(session, connection_id, {"create": is_on})


def _sent(connection_id: int) -> list[tuple[str | None, str, str | None]]:
    bound_jobs().begin_auto_push(connection_id)
    [run] = [run for run in pulling.all_rows(Run) if run.kind == "auto_push"]
    return pulling.outcomes(pulling.worked_off(run.id).id)


def _add(name: str = "Nordlicht", domain: str = "n.de") -> int:
    saved = editing.create(current_services(), "companies", {"name": name, "domain": domain})
    assert isinstance(saved, editing.Saved)
    editing.create(
        current_services(),
        "contacts",
        {"last_name": "Roth", "email": f"r@{domain}", "company_id": str(saved.record_id)},
    )
    return saved.record_id


@pytest.mark.every_database
def test_a_new_company_and_its_contact_are_created_once_and_associated(
    creating: int, sandbox: SandboxServer
) -> None:
    _add()
    assert [outcome for _, outcome, _ in _sent(creating)][:2] == ["created", "created"]
    [contact] = objects(sandbox, "contacts", "email")
    companies = sandbox.get("contacts", contact["id"])["associations"]["companies"]
    assert [one["id"] for one in companies] == [objects(sandbox, "companies", "domain")[0]["id"]]
    assert not pulling.all_rows(OutboxRecord)


def test_by_default_new_records_stay_here(connection_id: int, sandbox: SandboxServer) -> None:
    give_key(sandbox, connection_id)
    _add()
    edit(1, city="Ulm")
    assert not pulling.all_rows(OutboxRecord)


def test_the_rules_decide_about_new_records(creating: int, sandbox: SandboxServer) -> None:
    add_out_rule(creating, "companies", {"field": "domain", "operator": "is", "value": "other.de"})
    _add()
    assert ("rule_excluded") in [reason for _, _, reason in _sent(creating)]
    assert not objects(sandbox, "companies")


def test_what_was_switched_off_meanwhile_is_not_created(creating: int, sandbox: SandboxServer) -> None:
    _add()
    _switch(creating, is_on=False)
    assert {reason for _, _, reason in _sent(creating)} == {"not_created_by_itself"}
    assert not objects(sandbox, "companies")


def test_imported_rows_are_created_too(creating: int, sandbox: SandboxServer, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("name,domain\nNordlicht,n.de\nSuedwind,s.de\n")
    import_at_once.import_csv(current_services(), "companies", path)
    _sent(creating)
    assert sorted(one["domain"] for one in objects(sandbox, "companies", "domain")) == ["n.de", "s.de"]
