"""The preview of a pull says what the pull would do, and touches nothing (B36)."""

from __future__ import annotations

import pytest

from tests.support.applications.services import current_services, reading
from tests.support.invariants.both_sides import everything, planned_rows
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.previews import log_rows, previewed
from tests.support.usecases.pushing import change_company
from webapp.store.records import records
from webapp.usecases.runs import lifecycle


def test_a_preview_of_a_first_pull_says_all_that_the_pull_then_does(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a portal with the mess of real ones, in pages so short that companies come long before contacts."""
    pulling.short_pages(monkeypatch, 17)
    pulling.short_slices(monkeypatch)
    sandbox.reset(companies=60, contacts=200)
    pulling.add_rule(connection_id, "companies", {"field": "name", "operator": "is_not_blank"})
    make_company(name="Here already", domain="here.example")
    before = everything(sandbox)
    preview = previewed(connection_id)
    assert everything(sandbox) == before
    run = pulling.pulled(connection_id)
    assert (preview.state, run.state) == ("finished", "finished")
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)


def test_a_preview_leaves_nothing_of_its_plans_behind(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.reset(companies=5, contacts=20)
    previewed(connection_id)
    assert planned_rows() == 0
    cancelled = lifecycle.start(
        current_services(),
        "pull",
        connection_id=connection_id,
        trigger="command",
        started_by_id=None,
        is_preview=True,
    ).run_id
    pulling.one_slice(cancelled)
    lifecycle.cancel(current_services(), cancelled)
    assert planned_rows() == 0


@pytest.mark.one_database
def test_two_objects_that_look_alike_are_known_to_across_pages(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second object meets what the preview has planned for the first, a page earlier."""
    pulling.short_pages(monkeypatch, 1)
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    sandbox.create("companies", {"name": "Acme Holding", "domain": "acme.de"})
    for first in ("Ana", "Bo"):
        sandbox.create(
            "contacts", {"firstname": first, "lastname": "Ito", "phone": "+49 30 1234567"}, [firm["id"]]
        )
    sandbox.create(
        "contacts", {"firstname": "Ana", "lastname": "Ito", "phone": "+49 30 1234567"}, [firm["id"]]
    )
    preview = previewed(connection_id)
    run = pulling.pulled(connection_id)
    alike = [one.object_type for one in pulling.entries(preview.id) if one.reason == "looks_like_another"]
    assert alike == ["companies", "contacts"]
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)


@pytest.mark.one_database
def test_further_addresses_are_met_across_pages(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.short_pages(monkeypatch, 1)
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    record = make_contact(first_name="Ana", email="ana@acme.de")
    sandbox.create("contacts", {"email": "ana@acme.de", "hs_additional_emails": "eva@acme.de"}, [firm["id"]])
    make_contact(first_name="Eva", email="eva@other.de")
    sandbox.create("contacts", {"firstname": "Ana", "hs_additional_emails": "eva@acme.de"}, [firm["id"]])
    preview = previewed(connection_id)
    assert pulling.links() == []
    run = pulling.pulled(connection_id)
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)
    assert record.id in {link.record_id for link in pulling.links("contacts")}


def test_what_would_change_is_told_field_by_field_on_a_second_pull(
    connection_id: int, sandbox: SandboxServer
) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn"})
    pulling.pulled(connection_id)
    sandbox.update("companies", made["id"], {"city": "Köln"})
    change_company(1, name="Ours")
    before = everything(sandbox)
    preview = previewed(connection_id)
    assert everything(sandbox) == before
    [entry] = pulling.entries(preview.id)
    assert sorted(entry.changes or []) == [["city", "Bonn", "Köln"], ["name", "Ours", "Acme"]]
    run = pulling.pulled(connection_id)
    assert preview.counts == run.counts


@pytest.mark.one_database
def test_a_new_contacts_company_is_told_by_name(connection_id: int, sandbox: SandboxServer) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    sandbox.create("contacts", {"firstname": "Ana", "email": "ana@acme.de"}, [firm["id"]])
    preview = previewed(connection_id)
    [ana] = [entry for entry in pulling.entries(preview.id) if entry.object_type == "contacts"]
    assert ["company_id", None, "Acme"] in (ana.changes or [])
    assert ana.record_id is None


@pytest.mark.one_database
def test_a_preview_is_no_part_of_a_records_history(connection_id: int, sandbox: SandboxServer) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    run = pulling.pulled(connection_id)
    sandbox.update("companies", made["id"], {"city": "Köln"})
    previewed(connection_id)
    with reading() as session:
        log = records.log_of(session, "companies", pulling.link_of(made["id"], "companies").record_id, 10)
    assert [entry.run_id for entry in log] == [run.id]


@pytest.mark.one_database
def test_a_preview_is_no_first_pull(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.create("companies", {"name": "Acme"})
    previewed(connection_id)
    connection = pulling.connection_of(connection_id)
    assert connection.first_pull_finished_at is None
    assert connection.watermark is None


@pytest.mark.one_database
def test_a_preview_and_a_pull_wait_for_each_other_and_are_not_taken_for_one(
    connection_id: int, sandbox: SandboxServer
) -> None:
    sandbox.create("companies", {"name": "Acme"})
    real = pulling.begun(connection_id)
    preview = lifecycle.start(
        current_services(),
        "pull",
        connection_id=connection_id,
        trigger="command",
        started_by_id=None,
        is_preview=True,
    )
    assert preview.is_new
    assert preview.run_id != real
    assert pulling.run_of(preview.run_id).state == "queued"
    pulling.worked_off(real)
    assert pulling.worked_off(preview.run_id).counts["companies"] == {"unchanged": 1}
