"""The guided set-up after connecting: its steps, left and come back to (B3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import read_page
from tests.support.samples.factories import make_run
from tests.support.servers.sandbox_server import TOKEN, SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.connecting import change_settings
from webapp.domain.connection.setup import STEPS, next_step
from webapp.models import Run, User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
SETUP = "/integrations/hubspot/setup"
# What is blue on the page of a step, if not to go on.
MAIN = {"preview": "Preview the first Pull"}


@pytest.fixture
def pages(in_app: Flask, sandbox: SandboxServer, logged_in: LogIn, administrator: User) -> FlaskClient:  # noqa: ARG001 - for what it brings about
    return logged_in(administrator)


def _connected(pages: FlaskClient) -> str:
    return pages.post("/integrations/hubspot/connection", data={"token": TOKEN}).location


def _blue(page: str) -> list[str]:
    """What the blue buttons of a page say, without the step that follows."""
    main = read_page(page).one("main")
    return [one.shown_text.partition(" Next")[0] for one in main.all("button", class_="blue")]


def test_who_connects_finds_first_what_needs_no_app_and_how_it_is_made(
    in_app: Flask, pages: FlaskClient
) -> None:
    change_settings(in_app, hubspot_client_id="")
    page = read_page(pages.get("/integrations/hubspot").text).one("main")
    assert [one.shown_text for one in page.all("h3")][:2] == ["With an access token", "On HubSpot's page"]
    [address] = [one["href"] for one in page.all("a") if "step by step" in one.shown_text]
    path, _, part = address.partition("#")
    assert read_page(pages.get(path).text).one("h2", id=part)


def test_it_follows_connecting_and_leads_from_step_to_step(
    pages: FlaskClient, sandbox: SandboxServer
) -> None:
    sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    assert _connected(pages) == SETUP
    assert "Begin with: Field mapping" in pages.get(SETUP).text
    address, visited = "/integrations/hubspot/fields", []
    for name in STEPS[:-1]:
        page = pages.get(address, follow_redirects=True)
        assert 'aria-label="Set-up"' in page.text
        assert f"{SETUP}/{name}" in page.text, "the way on"
        assert _blue(page.text) == [MAIN.get(name, "This is correct.")], name
        visited.append(page.request.path)
        address = pages.post(f"{SETUP}/{name}").location
    assert visited == [
        "/integrations/hubspot/fields/companies",
        "/integrations/hubspot/statuses",
        "/integrations/hubspot/rules/companies/in",
        f"{SETUP}/preview",
    ]
    assert address == f"{SETUP}/pull"
    assert _blue(pages.get(address).text) == ["Pull"]
    assert "4 of 5 steps are done" in pages.get("/integrations/hubspot").text
    pages.post("/runs", data={"kind": "pull"})
    run = pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert run.state == "finished"
    assert "The set-up is done" in pages.get(address).text
    assert "Every step is done" in pages.get(SETUP).text
    assert 'aria-label="Set-up"' not in pages.get("/integrations/hubspot/statuses").text
    assert "set-up" not in pages.get("/integrations/hubspot").text


def test_it_is_left_and_come_back_to(pages: FlaskClient) -> None:
    """Steps may be done in any order, and twice; what is open is what comes next."""
    _connected(pages)
    for _ in range(2):
        assert pages.post(f"{SETUP}/rules").location == f"{SETUP}/preview"
    page = pages.get(SETUP).text
    assert "Go on with: Field mapping" in page
    assert [one.one("h2").shown_text for one in read_page(page).all("li", class_="done")] == [
        "Sync rules (done)"
    ]
    assert [one.shown_text for one in read_page(page).one("main").all("a", class_="blue")] == [
        "Go on with: Field mapping"
    ]
    assert pages.post(f"{SETUP}/preview").location == f"{SETUP}/pull"
    assert "This is correct" not in pages.get(f"{SETUP}/pull").text, "the first Pull is finished by pulling"
    assert pages.post(f"{SETUP}/nonsense").status_code == 404


def test_the_preview_of_the_first_pull_is_a_step(pages: FlaskClient, sandbox: SandboxServer) -> None:
    sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    _connected(pages)
    assert "Preview the first Pull" in pages.get(f"{SETUP}/preview").text
    pages.post("/runs", data={"kind": "pull", "preview": "1"})
    preview = pulling.worked_off(pulling.all_rows(Run)[-1].id)
    page = pages.get(f"{SETUP}/preview").text
    assert read_page(page).leads_to(f"/sync-log/{preview.id}")
    assert "1 to create" in page
    assert _blue(page) == ["This is correct."]
    assert 'aria-label="Set-up"' in pages.get(f"/sync-log/{preview.id}").text


def test_what_is_not_saved_yet_is_saved_before_going_on(pages: FlaskClient) -> None:
    _connected(pages)
    statuses, rule = "/integrations/hubspot/statuses", "/integrations/hubspot/rules/companies/in"
    form = read_page(pages.get(statuses).text).one("form", action=f"{statuses}/companies").form_values()
    page = pages.post(
        f"{statuses}/companies", data={**form, "in:subscriber": "Customer", "check": "yes"}
    ).text
    assert _blue(page) == ["Save the statuses of companies"]
    assert _blue(pages.post(rule, data={"do": "add:0"}).text) == ["Save"]


def test_while_the_first_pull_works_nothing_of_the_set_up_is_offered(pages: FlaskClient) -> None:
    _connected(pages)
    offering = ("/integrations", "/integrations/hubspot")
    assert all("Begin the set-up" in pages.get(address).text for address in offering)
    pages.post("/runs", data={"kind": "pull"})
    assert not any("set-up" in pages.get(address).text for address in offering)
    for address in (SETUP, f"{SETUP}/pull"):
        page = read_page(pages.get(address).text)
        assert "The first Pull is under way" in page.one("main").shown_text
        assert not page.one("main").all("button", class_="blue") + page.one("main").all("a", class_="blue")


def test_a_first_pull_ends_it_whichever_steps_were_gone_through(pages: FlaskClient) -> None:
    _connected(pages)
    pages.post("/runs", data={"kind": "pull"})
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    page = read_page(pages.get(SETUP).text).one("main")
    assert "Every step is done" in page.shown_text
    assert "until a first Pull has finished" not in page.shown_text
    assert len(page.all("li", class_="done")) == len(STEPS)


def test_it_is_for_administrators_and_needs_a_connection(
    pages: FlaskClient, logged_in: LogIn, member: User
) -> None:
    assert pages.get(SETUP).status_code == 409
    _connected(pages)
    client_of_member = logged_in(member)
    assert client_of_member.get(SETUP).status_code == 403
    assert client_of_member.post(f"{SETUP}/fields").status_code == 403
    assert "set-up" not in client_of_member.get("/integrations/hubspot").text


def test_what_is_next_is_the_first_open_step_behind_or_else_before() -> None:
    assert next_step(()) == "fields"
    assert next_step(("fields",), after="rules") == "preview"
    assert next_step(STEPS[2:], after="pull") == "fields"
    assert next_step(STEPS) is None


def test_a_preview_that_did_not_finish_is_not_called_correct(pages: FlaskClient) -> None:
    _connected(pages)
    for state, is_correct in (("failed", False), ("running", False), ("finished", True)):
        run = make_run(1, is_preview=True, state=state)
        page = read_page(pages.get(f"/sync-log/{run.id}").text)
        assert ("This is correct" in page.one("section", class_="setup").shown_text) == is_correct, state
        step = read_page(pages.get(f"{SETUP}/preview").text).one("main")
        assert ("This is correct" in step.shown_text) == is_correct, state
        assert ("Preview again" in step.shown_text) == (state != "running"), state
        led_to = pages.post(f"{SETUP}/preview").location
        assert led_to == f"{SETUP}/{'pull' if is_correct else 'preview'}", state


def test_the_preview_can_be_left_out(pages: FlaskClient) -> None:
    _connected(pages)
    step = read_page(pages.get(f"{SETUP}/preview").text).one("main")
    assert "Go on without a preview" in step.shown_text
    assert "This is correct" not in step.shown_text
