"""The Preview buttons, the page of a preview, and the way from there to the run itself (B36)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.invariants.both_sides import everything
from tests.support.pages.page import read_page
from tests.support.pages.run_pages import pressed
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company, objects
from webapp.models import Run, User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def pages(logged_in: LogIn, administrator: User) -> FlaskClient:
    return logged_in(administrator)


def _latest() -> Run:
    return pulling.all_rows(Run)[-1]


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize("kind", ["pull", "push"])
def test_the_button_leads_to_a_page_that_says_nothing_was_written(
    sandbox: SandboxServer, pages: FlaskClient, kind: str
) -> None:
    """Without the questions that the run itself asks: a preview overwrites nothing."""
    make_company(name="Ours", domain="ours.de")
    sandbox.create("companies", {"name": "Theirs", "domain": "theirs.de"})
    before = everything(sandbox)
    page = pages.get(pressed(pages, "/runs", kind=kind, preview="1")).text
    assert everything(sandbox) == before
    assert "This is a preview: nothing has been written" in page
    assert f"{kind.capitalize()} preview" in page
    assert "To create" in page
    assert "Run this now" in page


@pytest.mark.usefixtures("connection_id")
def test_run_this_now_does_it_and_leads_back_to_the_preview(
    sandbox: SandboxServer, pages: FlaskClient
) -> None:
    make_company(name="Ours", domain="ours.de")
    preview = pressed(pages, "/runs", kind="push", preview="1")
    run = pages.get(pressed(pages, f"{preview}/preview")).text
    assert [one["name"] for one in objects(sandbox, "companies", "name")] == ["Ours"]
    assert read_page(run).leads_to(preview)
    assert "This is a preview" not in run
    assert (_latest().kind, _latest().is_preview) == ("push", False)


@pytest.mark.every_database
@pytest.mark.usefixtures("connection_id")
def test_how_many_records_changed_since_is_counted_on_both_sides(
    sandbox: SandboxServer, pages: FlaskClient
) -> None:
    sandbox.settings(search_delay_s=0)
    made = sandbox.create("companies", {"name": "Theirs", "domain": "theirs.de"})
    make_company(name="Ours", domain="ours.de")
    preview = pressed(pages, "/runs", kind="pull", preview="1")
    headers = {"HX-Request": "true"}
    assert "Nothing has changed since" in pages.get(f"{preview}/preview/since", headers=headers).text
    change_company(1, city="Bonn", updated_at=datetime.now(UTC))
    sandbox.update("companies", made["id"], {"city": "Köln"})
    text = pages.get(f"{preview}/preview/since", headers=headers).text
    assert "1 record was changed here and 1 in HubSpot" in text
    sandbox.revoke_tokens()
    assert "HubSpot does not answer" in pages.get(f"{preview}/preview/since", headers=headers).text
    without_script = pages.get(f"{preview}/preview/since", follow_redirects=True)
    assert without_script.request.path == preview
    assert "1 record was changed here" in without_script.text


def test_a_record_is_previewed_from_its_page_both_ways(
    connection_id: int, sandbox: SandboxServer, logged_in: LogIn, member: User
) -> None:
    """A member may: the record's own buttons are everybody's."""
    assert connection_id
    pages = logged_in(member)
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn"})
    pulling.pulled(connection_id)
    record_id = pulling.link_of(made["id"], "companies").record_id
    make_contact(record_id, first_name="Ana", email="ana@acme.de")
    change_company(record_id, city="Köln")
    before = everything(sandbox)
    assert pages.get(f"/companies/{record_id}").text.count("Preview") >= 2
    push = pages.get(pressed(pages, f"/companies/{record_id}/push", preview="1")).text
    pull_address = pressed(pages, f"/companies/{record_id}/sync", verb="preview")
    pull = pages.get(pull_address).text
    assert everything(sandbox) == before
    assert "To create" in push
    assert "Ana" in push
    assert "Köln → Bonn" in read_page(pull).shown_text
    panel = pages.get(f"/companies/{record_id}/push", headers={"HX-Request": "true"}).text
    assert "/sync-log/" not in panel.split("push-news")[1].split("push-spoken")[0], "no push was made yet"
    pressed(pages, f"{pull_address}/preview")
    assert pulling.company(record_id).city == "Bonn"


def test_what_is_no_preview_cannot_be_run_from_here(connection_id: int, pages: FlaskClient) -> None:
    run = pulling.pulled(connection_id)
    assert pages.post(f"/sync-log/{run.id}/preview").status_code == 404
    assert pages.get(f"/sync-log/{run.id}/preview/since").status_code == 404


@pytest.mark.usefixtures("connection_id")
def test_a_preview_that_was_cancelled_is_not_run(pages: FlaskClient) -> None:
    pages.post("/runs", data={"kind": "pull", "preview": "1"})
    preview = _latest()
    pages.post(f"/runs/{preview.id}/cancellation")
    assert "only part of it" in pages.get(f"/sync-log/{preview.id}").text
    assert pages.post(f"/sync-log/{preview.id}/preview").status_code == 409
    assert _latest().id == preview.id


@pytest.mark.usefixtures("connection_id")
def test_members_run_no_bulk_preview(logged_in: LogIn, administrator: User, member: User) -> None:
    preview = pressed(logged_in(administrator), "/runs", kind="pull", preview="1")
    pages = logged_in(member)
    assert "Run this now" not in pages.get(preview).text
    assert pages.post(f"{preview}/preview").status_code == 403


@pytest.mark.usefixtures("connection_id")
def test_the_entries_of_a_preview_are_a_file_too(sandbox: SandboxServer, pages: FlaskClient) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    sandbox.create("contacts", {"firstname": "Ana", "email": "ana@acme.de"}, [firm["id"]])
    preview = pressed(pages, "/runs", kind="pull", preview="1")
    assert "Acme" in pages.get(f"{preview}/entries.csv?type=contacts").text


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize("kind", ["pull", "push"])
def test_the_commands_preview_too(sandbox: SandboxServer, in_app: Flask, kind: str) -> None:
    make_company(name="Ours", domain="ours.de")
    # Which key the database has is kept by the first command.
    assert in_app.test_cli_runner().invoke(args=["status"]).exit_code == 0
    before = everything(sandbox)
    done = in_app.test_cli_runner().invoke(args=[kind, "--preview", "--json"])
    printed = json.loads(done.stdout)
    assert (done.exit_code, printed["kind"], printed["preview"]) == (0, kind, True)
    assert done.stderr == ""
    pulling.worked_off(printed["id"])
    assert everything(sandbox) == before
    shown = in_app.test_cli_runner().invoke(args=["runs", "show", str(printed["id"])])
    assert f"preview of a {kind}" in shown.stdout
