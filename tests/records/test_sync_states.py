"""How a record stands with HubSpot, and why; pulled, stopped and started by a person's word (B18, B35)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling, pushing
from tests.support.usecases.editing import edit
from webapp.domain.links.state import Known, SyncState, sync_state
from webapp.domain.runs.options import PullRecordOptions
from webapp.models import Run, User
from webapp.usecases.links import switch as link_switch
from webapp.usecases.runs import of_record

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - for what it brings about
    """The sandbox's portal with a contact of a company, pulled."""
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    values = {"firstname": "Eva", "lastname": "Roth", "email": "eva@n.de", "phone": "1"}
    sandbox.create("contacts", values, [company])
    number = pulling.connected()
    pulling.pulled(number)
    return number


def _phone_at_hubspot(sandbox: SandboxServer) -> str:
    found = pushing.objects(sandbox, "contacts", "phone")
    return str(found[0]["phone"])


def _send_edits(connection_id: int) -> None:
    bound_jobs().begin_auto_push(connection_id)
    [run] = [run for run in pulling.all_rows(Run) if run.kind == "auto_push"]
    pulling.worked_off(run.id)


def _remote_id() -> str:
    return pulling.links("contacts")[0].remote_id


def _pulled_record() -> None:
    run_id = of_record.start(
        current_services(), PullRecordOptions(object_type="contacts", record_id=1), user_id=None
    ).run_id
    run = pulling.worked_off(run_id)
    assert run.state == "finished", run.error_text


@pytest.mark.parametrize(
    ("known", "state"),
    [
        (Known(link_state="linked"), SyncState("in_sync")),
        (Known(link_state="linked", is_unsent=True), SyncState("pending")),
        (Known(), SyncState("unlinked")),
        (Known(link_state="stopped", is_unsent=True), SyncState("stopped", "stopped")),
        (Known(link_state="gone"), SyncState("gone", "gone_in_hubspot")),
        (Known(is_active=False, link_state="linked"), SyncState("excluded", "deactivated")),
        (Known(held=("same_email_here", None)), SyncState("held", "same_email_here")),
        (
            Known(link_state="linked", outcome="failed", reason="unexpected", is_unsent=True),
            SyncState("failing", "unexpected"),
        ),
        (Known(excluded={"field": "city"}), SyncState("excluded", "rule_excluded", {"field": "city"})),
        (Known(link_state="linked", excluded={"field": "city"}), SyncState("in_sync")),
    ],
)
def test_what_a_person_must_look_at_comes_first(known: Known, state: SyncState) -> None:
    assert sync_state(known) == state


@pytest.mark.usefixtures("connection_id")
def test_a_pull_of_one_record_takes_what_its_object_is_now(sandbox: SandboxServer) -> None:
    sandbox.update("contacts", _remote_id(), {"phone": "+49 731 2"})
    _pulled_record()
    assert pulling.contact(1).phone == "+49 731 2"
    run = pulling.all_rows(Run)[-1]
    assert (run.kind, run.counts["contacts"]["updated"]) == ("pull_record", 1)


@pytest.mark.usefixtures("connection_id")
def test_a_pull_of_one_record_marks_it_as_gone_when_its_object_is(sandbox: SandboxServer) -> None:
    sandbox.archive("contacts", _remote_id())
    _pulled_record()
    assert pulling.links("contacts")[0].state == "gone"


def test_nothing_of_a_stopped_record_goes_either_way_until_it_is_started(
    connection_id: int, sandbox: SandboxServer
) -> None:
    link_switch.stop(current_services(), connection_id, "contacts", 1)
    sandbox.update("contacts", _remote_id(), {"jobtitle": "Head"})
    edit(phone="+49 731 3")
    pulling.pulled(connection_id)
    pushing.pushed(connection_id)
    assert pulling.contact(1).job_title is None
    assert _phone_at_hubspot(sandbox) == "1"
    link_switch.start(current_services(), connection_id, "contacts", 1, None)
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    _send_edits(connection_id)
    assert (pulling.contact(1).job_title, pulling.contact(1).phone) == ("Head", "+49 731 3")
    assert _phone_at_hubspot(sandbox) == "+49 731 3"


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_the_page_has_the_buttons_and_says_how_the_record_stands(logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    assert "In sync" in client.get("/contacts/1").text
    assert client.post("/contacts/1/sync", data={"verb": "stop"}).status_code == 303
    page = client.get("/contacts/1").text
    assert "A person stopped the sync of this record." in page
    assert "Sync this record again" in page
    assert client.post("/contacts/1/sync", data={"verb": "start"}).status_code == 303
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert client.post("/contacts/1/sync", data={"verb": "pull"}).status_code == 303
    assert pulling.all_rows(Run)[-1].kind == "pull_record"
    assert "Waiting for a worker to take it up." in client.get("/contacts/1").text
    assert client.post("/contacts/1/sync", data={"verb": "dance"}).status_code == 400


@pytest.mark.one_database
def test_a_record_that_the_rules_exclude_is_told_the_condition_and_its_value(
    connection_id: int, logged_in: LogIn, member: User
) -> None:
    pushing.add_out_rule(connection_id, "companies", {"field": "city", "operator": "is", "value": "Ulm"})
    company = make_company(name="Süd", city="Bonn")
    page = logged_in(member).get(f"/companies/{company.id}").text
    assert "Required: City is Ulm. Found: Bonn." in page


def test_explain_says_it_of_a_record_and_of_an_object_never_seen_here(
    app: Flask, connection_id: int, sandbox: SandboxServer
) -> None:
    pulling.add_rule(connection_id, "companies", {"field": "city", "operator": "is", "value": "Ulm"})
    other = str(sandbox.create("companies", {"name": "Süd", "city": "Bonn"})["id"])
    writes = sandbox.counts()["writes"]

    def explained(*arguments: str) -> dict[str, object]:
        answer = app.test_cli_runner().invoke(args=["explain", *arguments, "--json"])
        assert answer.exit_code == 0, answer.output
        return dict(json.loads(answer.stdout))

    assert explained("contacts", "1")["state"] == "in_sync"
    assert explained("contacts", "--hubspot-id", _remote_id())["id"] == 1
    found = explained("companies", "--hubspot-id", other)
    assert (found["state"], found["reason"], found["id"]) == ("excluded", "rule_excluded", None)
    assert found["detail"] == {"field": "city", "operator": "is", "value": "Ulm", "actual": "Bonn"}
    assert explained("companies", "--hubspot-id", "999999999")["state"] == "absent"
    assert sandbox.counts()["writes"] == writes
    assert [left.remote_id for left in pulling.left_out("companies")] == []


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["contacts"], "Give either"),
        (["contacts", "4", "--hubspot-id", "5"], "Give either"),
        (["contacts", "--hubspot-id", "x"], "consist of digits"),
        (["contacts", "77"], "no record 77"),
    ],
)
def test_explain_names_what_is_wrong(app: Flask, arguments: list[str], text: str) -> None:
    answer = app.test_cli_runner().invoke(args=["explain", *arguments])
    assert answer.exit_code != 0
    assert text in answer.output


@pytest.mark.one_database
def test_a_deactivated_record_is_not_sent_until_it_is_active_again(
    connection_id: int, sandbox: SandboxServer, logged_in: LogIn, member: User
) -> None:
    client = logged_in(member)
    assert client.post("/contacts/1/active", data={"active": "no"}).status_code == 303
    page = client.get("/contacts/1").text
    assert "The record is deactivated here." in page
    assert "Inactive" in [one.shown_text for one in read_page(page).all("span", class_="badge")]
    edit(phone="+49 731 4")
    _send_edits(connection_id)
    pushing.pushed(connection_id)
    assert _phone_at_hubspot(sandbox) == "1"
    assert client.post("/contacts/1/active", data={"active": "yes"}).status_code == 303
    _send_edits(connection_id)
    assert _phone_at_hubspot(sandbox) == "+49 731 4"
    assert client.post("/contacts/77/active", data={"active": "no"}).status_code == 404
