"""The preview of a push says what the push would do, and touches nothing (B36)."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.support.applications.services import current_services, writing
from tests.support.invariants.both_sides import everything, planned_rows
from tests.support.samples import shop
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.previews import log_rows, previewed
from tests.support.usecases.pushing import (
    change_company,
    change_contact,
    pushed,
    pushed_record,
    requested_push,
)
from webapp.models import FieldMapping, Run
from webapp.usecases.mapping import definitions
from webapp.usecases.push import reading as push_reading
from webapp.web.runs.labels import record_error_text

pytestmark = pytest.mark.one_database


def _both(connection_id: int, sandbox: SandboxServer) -> tuple[Run, Run]:
    """The preview, which touches nothing, and the push right after it."""
    before = everything(sandbox)
    preview = previewed(connection_id, "push")
    assert everything(sandbox) == before
    assert planned_rows() == 0
    run = pushed(connection_id)
    assert (preview.state, run.state) == ("finished", "finished")
    return preview, run


@pytest.mark.every_database
def test_a_preview_of_a_first_push_says_all_that_the_push_then_does(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In short pages and slices: new ones, met ones, ones without key, two of one domain."""
    monkeypatch.setattr(push_reading, "PAGE_SIZES", {"companies": 7, "contacts": 13})
    pulling.short_slices(monkeypatch)
    sandbox.settings(search_delay_s=0)
    shop.fill(20, 60)
    make_company(name="Twin", domain="firm0.de")
    make_contact(first_name="Alone", email="alone@firm0.de", company_id=None)
    sandbox.create("companies", {"name": "Firm 3 there", "domain": "firm3.de"})
    sandbox.create("contacts", {"firstname": "There", "email": "person4@firm4.de"})
    preview, run = _both(connection_id, sandbox)
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)


@pytest.mark.every_database
def test_a_second_preview_foresees_only_what_differs(connection_id: int, sandbox: SandboxServer) -> None:
    shop.fill(5, 10)
    pushed(connection_id)
    change_company(1, city="Köln")
    change_contact(2, last_name="Other")
    preview, run = _both(connection_id, sandbox)
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)
    changes = [change for one in pulling.entries(preview.id) for change in one.changes or ()]
    assert ["city", "Bonn", "Köln"] in changes


def test_what_hubspot_would_refuse_is_named_with_the_property(
    connection_id: int, sandbox: SandboxServer
) -> None:
    definitions.refresh(current_services(), connection_id)
    make_contact(first_name="Bad", email="bad@nowhere", company_id=make_company(name="Acme").id)
    preview, run = _both(connection_id, sandbox)
    [refused] = [one for one in pulling.entries(preview.id) if one.reason == "fields_refused"]
    assert (refused.outcome, (refused.detail or {})["property"]) == ("created", "email")
    assert record_error_text(refused.detail) == "HubSpot does not take “bad@nowhere” as an e-mail address."
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)


def test_what_would_be_refused_of_an_update_keeps_neither_the_rest_nor_others(
    connection_id: int, sandbox: SandboxServer
) -> None:
    definitions.refresh(current_services(), connection_id)
    company = make_company(name="Acme", domain="acme.de")
    for number in range(3):
        make_contact(company.id, first_name=f"P{number}", email=f"p{number}@acme.de")
    pushed(connection_id)
    for number in range(3):
        change_contact(number + 1, city="Ulm", email="bad@nowhere" if number == 1 else f"q{number}@acme.de")
    preview, run = _both(connection_id, sandbox)
    assert preview.counts["contacts"] == run.counts["contacts"] == {"updated": 3}
    [refused] = [one for one in pulling.entries(preview.id) if one.reason == "fields_refused"]
    assert (refused.record_id, refused.changes) == (2, [["city", None, "Ulm"]])
    assert log_rows(preview) == log_rows(run)


def test_a_match_whose_only_property_is_not_there_any_more_is_linked_all_the_same(
    connection_id: int, sandbox: SandboxServer
) -> None:
    sandbox.create("contacts", {"firstname": "Jonas", "lastname": "Wieland", "email": "j@acme.de"})
    definitions.refresh(current_services(), connection_id)
    with writing() as session:
        of_title = update(FieldMapping).where(FieldMapping.field == "job_title")
        session.execute(of_title.values(property="no_such_property"))
    make_contact(email="j@acme.de", job_title="New")
    preview, run = _both(connection_id, sandbox)
    assert [one.reason for one in pulling.entries(preview.id)] == ["matched"]
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)
    assert [link.state for link in pulling.links("contacts")] == ["linked"]


def test_an_address_that_another_object_has_is_held_in_the_preview_too(
    connection_id: int, sandbox: SandboxServer
) -> None:
    sandbox.create("contacts", {"firstname": "Eva", "email": "eva@acme.de"})
    make_contact(first_name="Ana", email="ana@acme.de")
    pushed(connection_id)
    change_contact(1, email="eva@acme.de", email_key="eva@acme.de")
    preview, run = _both(connection_id, sandbox)
    assert [(one.outcome, one.reason) for one in pulling.entries(preview.id)] == [
        ("held", "email_taken_at_hubspot")
    ]
    assert preview.counts == run.counts


def test_a_stage_that_would_go_backwards_is_told_as_kept(connection_id: int, sandbox: SandboxServer) -> None:
    definitions.refresh(current_services(), connection_id)
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "lifecyclestage": "customer"})
    pulling.pulled(connection_id)
    record_id = pulling.link_of(made["id"], "companies").record_id
    change_company(record_id, status="Lead")
    preview, run = _both(connection_id, sandbox)
    assert [(one.outcome, one.reason) for one in pulling.entries(preview.id)] == [
        ("skipped", "kept_by_hubspot")
    ]
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)


@pytest.mark.every_database
def test_what_is_gone_at_hubspot_is_foreseen(connection_id: int, sandbox: SandboxServer) -> None:
    make_contact(first_name="Ana", email="ana@acme.de", company_id=make_company(name="Acme").id)
    pushed(connection_id)
    sandbox.archive("companies", pulling.links("companies")[0].remote_id)
    preview, run = _both(connection_id, sandbox)
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)


@pytest.mark.every_database
def test_an_object_that_an_earlier_page_claims_is_held_for_the_next_record(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both addresses lead to it, a page apart."""
    monkeypatch.setattr(push_reading, "PAGE_SIZES", {"companies": 1, "contacts": 1})
    sandbox.create("contacts", {"email": "eva@acme.de", "hs_additional_emails": "eva.old@acme.de"})
    make_contact(first_name="Eva", email="eva@acme.de")
    make_contact(first_name="Eve", email="eva.old@acme.de")
    preview, run = _both(connection_id, sandbox)
    assert ("held", "object_linked") in [(one.outcome, one.reason) for one in pulling.entries(preview.id)]
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)


@pytest.mark.every_database
def test_the_preview_of_one_record_takes_its_new_company_into_account(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """Of a contact whose company would be made just before it, nobody says that the company is not linked."""
    make_contact(make_company(name="Acme").id, first_name="Ana", email="ana@acme.de")
    before = everything(sandbox)
    started = requested_push("companies", 1, is_preview=True)
    preview = pulling.worked_off(started.run_id)
    assert everything(sandbox) == before
    run = pushed_record(connection_id, "companies", 1)
    assert preview.counts == run.counts
    assert log_rows(preview) == log_rows(run)
