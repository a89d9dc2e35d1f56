"""A field that means another property from now on: no side moves by itself, and no edit is lost (B28)."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from sqlalchemy import update

from tests.support.applications.services import bound_jobs, current_services, reading, writing
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import pushed
from webapp.domain.mapping.mapping import Direction, FieldMap
from webapp.models import Contact, Link, Run
from webapp.store.mapping import definitions, mappings
from webapp.usecases.mapping import definitions as portal_definitions
from webapp.usecases.mapping import save as save_mapping

pytestmark = pytest.mark.one_database


@pytest.fixture
def contact(connection_id: int, sandbox: SandboxServer) -> str:
    """A contact that holds one thing as its job title, and in HubSpot another as its salutation."""
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    values = {"firstname": "Eva", "lastname": "Roth", "jobtitle": "Editor", "salutation": "Dr"}
    number = str(sandbox.create("contacts", values, [company])["id"])
    pulling.pulled(connection_id)
    portal_definitions.refresh(current_services(), connection_id)
    return number


def remap(connection_id: int, field: str, prop: str, direction: Direction = "both") -> save_mapping.Saved:
    with reading() as session:
        present = save_mapping.load(session, connection_id)["contacts"]
        version = mappings.version(session, connection_id)
    desired = save_mapping.requested_from(present)
    fields = tuple(item for item in desired.fields if item.field != field)
    answer = save_mapping.save(
        current_services(),
        connection_id,
        {"contacts": replace(desired, fields=(*fields, FieldMap(field, prop, direction)))},
        version,
    )
    assert isinstance(answer, save_mapping.Saved), answer
    return answer


def refreshed(connection_id: int, hubspot: FlaskClient, number: str) -> None:
    deliver(hubspot, [webhook_event("contact.propertyChange", number, propertyName="phone")])
    bound_jobs().begin_refresh(connection_id)
    pulling.worked_off(pulling.all_rows(Run)[-1].id)


def sent(connection_id: int) -> None:
    bound_jobs().begin_auto_push(connection_id)
    pulling.worked_off([run for run in pulling.all_rows(Run) if run.kind == "auto_push"][-1].id)


def both(sandbox: SandboxServer, number: str) -> tuple[Any, Any]:
    """The job title here and the salutation there."""
    return pulling.contact(1).job_title, sandbox.get("contacts", number)["properties"].get("salutation")


def test_neither_side_moves_by_itself(
    connection_id: int, contact: str, sandbox: SandboxServer, hubspot: FlaskClient
) -> None:
    saved = remap(connection_id, "job_title", "salutation")
    assert saved.started == (("contacts", "job_title"),)
    edit(phone="+49 228 7")
    sent(connection_id)
    assert both(sandbox, contact) == ("Editor", "Dr")
    sandbox.update("contacts", contact, {"city": "Ulm"})
    refreshed(connection_id, hubspot, contact)
    assert pulling.contact(1).city == "Ulm"
    assert both(sandbox, contact) == ("Editor", "Dr")


def test_a_blank_there_is_not_filled_by_itself_either(
    connection_id: int, contact: str, sandbox: SandboxServer
) -> None:
    sandbox.update("contacts", contact, {"salutation": ""})
    remap(connection_id, "job_title", "salutation")
    edit(phone="+49 228 7")
    sent(connection_id)
    assert sandbox.get("contacts", contact)["properties"]["phone"] == "+49 228 7"
    assert not both(sandbox, contact)[1]


def test_what_is_changed_on_a_side_afterwards_goes_over(
    connection_id: int, contact: str, sandbox: SandboxServer, hubspot: FlaskClient
) -> None:
    remap(connection_id, "job_title", "salutation")
    edit(job_title="Publisher")
    sent(connection_id)
    assert both(sandbox, contact) == ("Publisher", "Publisher")
    sandbox.update("contacts", contact, {"salutation": "Prof"})
    refreshed(connection_id, hubspot, contact)
    assert both(sandbox, contact) == ("Prof", "Prof")


def test_a_field_that_was_off_for_a_while_does_not_move_either(
    connection_id: int, contact: str, sandbox: SandboxServer, hubspot: FlaskClient
) -> None:
    remap(connection_id, "job_title", "jobtitle", "off")
    sandbox.update("contacts", contact, {"jobtitle": "Intern", "city": "Ulm"})
    pulling.pulled(connection_id)
    remap(connection_id, "job_title", "jobtitle")
    sandbox.update("contacts", contact, {"city": "Bonn"})
    refreshed(connection_id, hubspot, contact)
    assert (pulling.contact(1).city, pulling.contact(1).job_title) == ("Bonn", "Editor")


def test_a_bulk_run_settles_the_field_by_its_own_side(
    connection_id: int, contact: str, sandbox: SandboxServer
) -> None:
    remap(connection_id, "job_title", "salutation")
    pushed(connection_id)
    assert both(sandbox, contact) == ("Editor", "Editor")
    sandbox.update("contacts", contact, {"salutation": "Dr"})
    pulling.pulled(connection_id)
    assert both(sandbox, contact) == ("Dr", "Dr")


def test_a_value_that_only_goes_out_is_not_sent_again_after_a_pull(
    connection_id: int, contact: str, sandbox: SandboxServer
) -> None:
    remap(connection_id, "job_title", "jobtitle", "out")
    sandbox.update("contacts", contact, {"jobtitle": ""})
    pulling.pulled(connection_id)
    edit(phone="+49 228 7")
    sent(connection_id)
    assert pulling.contact(1).job_title == "Editor"
    assert not sandbox.get("contacts", contact)["properties"].get("jobtitle")


@pytest.mark.usefixtures("contact")
@pytest.mark.every_database
def test_a_run_at_work_goes_on_with_the_new_mapping(
    connection_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.short_slices(monkeypatch)
    run_id = pulling.begun(connection_id)
    before = pulling.one_slice(run_id)
    assert before.state == "running"
    remap(connection_id, "job_title", "salutation")
    assert pulling.run_of(run_id).fence > before.fence
    bound_jobs().run_slice(run_id, before.fence)  # the slice that still has the old one
    assert pulling.contact(1).job_title == "Editor"
    assert pulling.worked_off(run_id).state == "finished"
    assert pulling.contact(1).job_title == "Dr"


@pytest.mark.usefixtures("contact")
@pytest.mark.every_database
def test_the_second_of_two_administrators_is_told(connection_id: int) -> None:
    with reading() as session:
        desired = save_mapping.requested_from(save_mapping.load(session, connection_id)["contacts"])
    assert isinstance(
        save_mapping.save(current_services(), connection_id, {"contacts": desired}, 0), save_mapping.Saved
    )
    assert save_mapping.save(
        current_services(), connection_id, {"contacts": desired}, 0
    ) == save_mapping.Overtaken(1)


@pytest.mark.every_database
@pytest.mark.usefixtures("contact")
def test_definitions_that_cannot_be_read_leave_the_old_ones(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.hasty_retries(monkeypatch)
    with reading() as session:
        known = definitions.load(session, connection_id, "contacts")
    assert known.definitions.by_name["createdate"].is_read_only
    assert known.definitions.by_name["lifecyclestage"].options
    sandbox.fault("status", path="*properties*", status=500, times=50)
    why = portal_definitions.refresh(current_services(), connection_id)
    with reading() as session:
        now = definitions.load(session, connection_id, "contacts")
    assert why is not None
    assert (now.definitions, now.read_at, now.error) == (known.definitions, known.read_at, why.stored())


@pytest.mark.every_database
def test_the_base_is_forgotten_only_of_the_field(connection_id: int, contact: str) -> None:
    with writing() as session:
        session.execute(update(Contact).values(version=2))
    remap(connection_id, "job_title", "salutation")
    link = pulling.link_of(contact)
    assert isinstance(link, Link)
    assert "job_title" not in link.local_seen
    assert "job_title" not in link.remote_seen
    assert link.local_seen["last_name"] == "Roth"
