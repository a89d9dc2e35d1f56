"""The red Push of a record: one run however often it is pressed, and a panel that tells what became of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec import structs

from tests.support.applications.services import bound_jobs, current_services, reading
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_contact, make_run
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, give_key, held, objects, requested_push
from webapp.models import Run, User
from webapp.store.runs import queries
from webapp.usecases.runs import lifecycle
from webapp.web.people import attempts

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - for what it brings about
    number = pulling.connected()
    give_key(sandbox, number)
    return number


@pytest.fixture
def pages(logged_in: LogIn, member: User) -> FlaskClient:
    """A member presses, no administrator is needed."""
    return logged_in(member)


def _runs() -> list[Run]:
    return pulling.all_rows(Run)


@pytest.mark.usefixtures("connection_id")
def test_pressing_sends_the_contact_and_the_panel_says_so(sandbox: SandboxServer, pages: FlaskClient) -> None:
    make_company()
    make_contact(1, first_name="Ana", email="ana@x-firm.de")
    answer = pages.post("/contacts/1/push", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'hx-trigger="every 500ms"' in answer.text
    assert [(run.kind, run.subject) for run in _runs()] == [("push_record", "contacts/1")]
    pulling.worked_off(_runs()[0].id)
    answer = pages.get("/contacts/1/push", headers={"HX-Request": "true"})
    assert "every 500ms" not in answer.text
    assert "Created" in answer.text
    assert "Open in HubSpot" in answer.text
    assert "company is not linked" in answer.text
    assert len(objects(sandbox, "contacts")) == 1


@pytest.mark.usefixtures("connection_id")
def test_without_javascript_the_button_leads_back_to_the_record(pages: FlaskClient) -> None:
    make_company()
    answer = pages.post("/companies/1/push")
    assert (answer.status_code, answer.location) == (303, "/companies/1#push")
    assert "Running" in pages.get("/companies/1").text
    assert read_page(pages.get("/companies/1").text).one("noscript").leads_to(""), "to look again"
    pulling.worked_off(_runs()[0].id)
    assert not read_page(pages.get("/companies/1").text).has("noscript")


@pytest.mark.usefixtures("connection_id")
def test_the_company_says_how_many_contacts_go_with_it(pages: FlaskClient) -> None:
    make_company()
    for number in range(3):
        make_contact(1, email=f"p{number}@x-firm.de")
    assert "Push with 3 contacts" in " ".join(pages.get("/companies/1").text.split())


@pytest.mark.usefixtures("connection_id")
@pytest.mark.every_database
def test_double_clicks_make_one_run_and_a_press_during_the_push_makes_one_more() -> None:
    make_company()
    first = requested_push("companies", 1)
    assert requested_push("companies", 1).is_new
    again = requested_push("companies", 1)
    assert not again.is_new
    states = [(run.id, run.state) for run in _runs()]
    assert states == [(first.run_id, "running"), (again.run_id, "queued")]
    pulling.worked_off(first.run_id)
    assert pulling.worked_off(again.run_id).counts["companies"] == {"unchanged": 1}


@pytest.mark.usefixtures("connection_id")
@pytest.mark.every_database
def test_many_people_at_once_start_no_more_than_one_and_one(in_app: Flask) -> None:
    make_company()
    errors: list[Exception] = []

    def press() -> None:
        with in_app.app_context():
            try:
                requested_push("companies", 1)
            except Exception as error:  # noqa: BLE001 - any is a failure
                errors.append(error)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(_runs()) <= 2


def test_it_runs_beside_a_bulk_push(connection_id: int) -> None:
    make_company()
    bulk = pulling.begun(connection_id, "push")
    run_id = requested_push("companies", 1).run_id
    assert [pulling.run_of(number).state for number in (bulk, run_id)] == ["running", "running"]


@pytest.mark.usefixtures("connection_id")
@pytest.mark.every_database
def test_one_that_a_killed_worker_left_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    make_company()
    monkeypatch.setattr(lifecycle, "UNTOUCHED_S", -1)
    monkeypatch.setattr("webapp.usecases.runs.queues.is_slice_alive", lambda *_: False)
    run_id = requested_push("companies", 1).run_id
    fence = pulling.run_of(run_id).fence
    lifecycle.sweep(current_services())
    run = pulling.run_of(run_id)
    assert (run.state, run.fence) == ("running", fence + 1)
    bound_jobs().run_slice(run_id, run.fence)
    assert pulling.run_of(run_id).state == "finished"


@pytest.mark.usefixtures("connection_id")
def test_a_refusal_is_shown_with_hubspots_words(pages: FlaskClient) -> None:
    make_company()
    make_contact(1, first_name="Ana", email="no address")
    pulling.worked_off(requested_push("contacts", 1).run_id)
    text = pages.get("/contacts/1").text
    assert "HubSpot refused some of its fields; all others were sent." in text
    assert "Email address no address is invalid" in text


@pytest.mark.usefixtures("connection_id")
@pytest.mark.every_database
def test_a_question_is_answered_beside_the_button(sandbox: SandboxServer, pages: FlaskClient) -> None:
    sandbox.settings(search_delay_s=0)
    ids = [sandbox.create("companies", {"name": f"Acme {n}", "domain": "acme.de"})["id"] for n in range(2)]
    make_company(name="Acme", domain="acme.de")
    pulling.worked_off(requested_push("companies", 1).run_id)
    text = pages.get("/companies/1").text
    assert "Which one is it?" in text
    assert "same domain" in text.lower()
    answer = pages.post("/companies/1/push", data={"decision": "link", "remote_id": "999"})
    assert answer.status_code == 409
    pages.post("/companies/1/push", data={"decision": "link", "remote_id": ids[0]})
    pulling.worked_off(_runs()[-1].id)
    assert pulling.links("companies")[0].remote_id == ids[0]
    assert not held()


@pytest.mark.usefixtures("connection_id")
def test_the_panel_is_sent_again_only_when_something_is_new(pages: FlaskClient) -> None:
    """Otherwise a focused link in it would be taken away twice a second."""
    make_company()
    answer = pages.post("/companies/1/push", headers={"HX-Request": "true"})
    [address] = re.findall(r'hx-get="([^"]+)"', answer.text)
    assert pages.get(address, headers={"HX-Request": "true"}).status_code == 204
    pulling.worked_off(_runs()[0].id)
    answer = pages.get(address, headers={"HX-Request": "true"})
    assert "Push: finished." in answer.text
    assert "hx-get" not in answer.text


@pytest.mark.usefixtures("connection_id")
@pytest.mark.every_database
def test_create_new_makes_a_new_object(sandbox: SandboxServer, pages: FlaskClient) -> None:
    sandbox.settings(search_delay_s=0)
    for number in range(2):
        sandbox.create("companies", {"name": f"Acme {number}", "domain": "acme.de"})
    make_company(name="Acme", domain="acme.de")
    pulling.worked_off(requested_push("companies", 1).run_id)
    pages.post("/companies/1/push", data={"decision": "create"})
    pulling.worked_off(_runs()[-1].id)
    assert len(objects(sandbox, "companies")) == 3


@pytest.mark.usefixtures("connection_id")
def test_a_record_that_is_not_there_cannot_be_pushed(pages: FlaskClient) -> None:
    assert pages.post("/contacts/77/push").status_code == 404


@pytest.mark.usefixtures("in_app")
def test_without_a_connection_the_button_is_off(pages: FlaskClient) -> None:
    make_company()
    assert pages.post("/companies/1/push").status_code == 409
    assert "HubSpot is not connected" in pages.get("/companies/1").text


@pytest.mark.usefixtures("connection_id")
def test_an_edit_after_the_first_push_is_sent_by_the_next(sandbox: SandboxServer) -> None:
    make_company()
    make_contact(1, first_name="Ana", email="ana@x-firm.de")
    pulling.worked_off(requested_push("contacts", 1).run_id)
    change_contact(1, first_name="Anna")
    run = pulling.worked_off(requested_push("contacts", 1).run_id)
    assert [one.changes for one in pulling.entries(run.id)] == [[["first_name", "Ana", "Anna"]]]
    with reading() as session:
        assert queries.pending_of_subject(session, run.connection_id, "contacts/1") is None
    assert [one["firstname"] for one in objects(sandbox, "contacts", "firstname")] == ["Anna"]


@pytest.mark.usefixtures("connection_id")
def test_a_member_pushes_no_more_than_sixty_records_one_by_one_within_ten_minutes(
    pages: FlaskClient, logged_in: LogIn, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long sixty take here, none grows back meanwhile.
    longer = structs.replace(attempts._PUSHES, within_s=attempts._PUSHES.within_s * 100)
    monkeypatch.setattr(attempts, "_PUSHES", longer)
    make_company()
    codes = [pages.post("/companies/1/push").status_code for _ in range(61)]
    assert codes == [303] * 60 + [429]
    answer = pages.post("/companies/1/push", headers={"HX-Request": "true"})
    assert "ask an administrator" in answer.text
    # Whichever button it is that sends a record.
    clears = {"verb": "clear", "field": "city"}
    assert pages.post("/companies/1/sync", data=clears).status_code == 429
    preview = make_run(1, kind="push_record", subject="companies/1", state="finished", is_preview=True)
    assert pages.post(f"/sync-log/{preview.id}/preview").status_code == 429
    assert logged_in(administrator).post("/companies/1/push").status_code == 303
