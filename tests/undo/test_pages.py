"""Undo from the pages and the command line: a preview first, then the undo itself (B38)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.pages.page import read_page
from tests.support.pages.run_pages import pressed
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company, pushed
from tests.support.usecases.undoing import portal_now, undo_of
from webapp.models import LogEntry, OutboxRecord, Run, User
from webapp.usecases.runs import retention

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def pages(logged_in: LogIn, administrator: User) -> FlaskClient:
    return logged_in(administrator)


@pytest.fixture
def run(connection_id: int, sandbox: SandboxServer) -> Run:
    """A pull that changed two fields of a company which an earlier one had made."""
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn", "zip": "53111"})
    pulling.pulled(connection_id)
    sandbox.update("companies", made["id"], {"city": "Köln", "zip": "50667"})
    return pulling.pulled(connection_id)


def _latest() -> Run:
    return pulling.all_rows(Run)[-1]


@pytest.mark.every_database
def test_a_run_is_undone_from_its_page_by_way_of_a_preview(run: Run, pages: FlaskClient) -> None:
    here = f"/sync-log/{run.id}"
    assert read_page(pages.get(here).text).leads_to(f"{here}/undo")
    page = pages.get(f"{here}/undo").text
    assert "writes nothing" in page
    assert "HubSpot is not touched" in page
    preview = pressed(pages, f"{here}/undo")
    text = pages.get(preview).text
    assert f"Undo preview {_latest().id} of Pull {run.id}" in text
    assert "Köln → Bonn" in read_page(text).shown_text
    heads = [
        one.shown_text for one in read_page(text).one("table", class_="count-table").all("th", scope="col")
    ]
    assert heads == ["To put back"], "what an undo could do besides is no column of zeros"
    assert pulling.company(1).city == "Köln"
    undo = pressed(pages, f"{preview}/preview")
    assert (pulling.company(1).city, pulling.company(1).postcode) == ("Bonn", "53111")
    assert f"Undo {_latest().id} of Pull {run.id}" in pages.get(undo).text
    assert read_page(pages.get(here).text).leads_to(undo), "the run says that it was undone"
    assert "Put back here" in pages.get("/companies/1/history").text


def test_one_field_of_one_record_from_its_entry(run: Run, pages: FlaskClient) -> None:
    address = f"/sync-log/{run.id}/undo"
    assert read_page(pages.get(f"/sync-log/{run.id}").text).leads_to(f"{address}?entry=1")
    page = pages.get(f"{address}?entry=1").text
    assert "Undo Pull 2 for Acme" in page
    assert "City alone" in page
    preview = pressed(pages, address, entry="1", field="city")
    assert "City of one record" in pages.get(preview).text
    pressed(pages, f"{preview}/preview")
    assert (pulling.company(1).city, pulling.company(1).postcode) == ("Bonn", "50667")


def test_what_is_put_back_goes_to_hubspot_only_when_asked_for(
    run: Run, connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    preview = pressed(pages, f"/sync-log/{run.id}/undo", sends="yes")
    assert not pulling.all_rows(OutboxRecord)
    pressed(pages, f"{preview}/preview")
    assert [row.record_id for row in pulling.all_rows(OutboxRecord)] == [1]
    pushed(connection_id)
    assert portal_now(sandbox)["companies"][0]["city"] == "Bonn"


def test_archiving_is_offered_where_a_push_made_something(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    make_company(name="Ours", domain="ours.de")
    run = pushed(connection_id)
    address = f"/sync-log/{run.id}/undo"
    assert read_page(pages.get(address).text).has("input", name="archives")
    preview = pressed(pages, address, archives="yes")
    assert "Running it archives in HubSpot" in pages.get(preview).text
    assert len(portal_now(sandbox)["companies"]) == 1
    pressed(pages, f"{preview}/preview")
    assert portal_now(sandbox)["companies"] == []
    assert "Put back in HubSpot" in pages.get("/companies/1/history").text


def test_a_preview_that_found_nothing_to_do_offers_no_button_but_the_way_back(
    connection_id: int, pages: FlaskClient
) -> None:
    make_company(name="Ours", domain="ours.de")
    run = pushed(connection_id)
    address = f"/sync-log/{run.id}/undo"
    preview = pressed(pages, address)
    page = read_page(pages.get(preview).text)
    assert "this undo would change nothing" in page.shown_text
    assert "stays there unless you choose to have it archived" in page.shown_text
    assert page.leads_to(address)
    assert not page.has("form", action=f"{preview}/preview")


def test_the_words_for_what_cannot_be_undone(connection_id: int, run: Run, pages: FlaskClient) -> None:
    preview = undo_of(run.id, is_preview=True)
    assert "nothing to undo" in pages.get(f"/sync-log/{preview.id}/undo").text
    assert pages.post(f"/sync-log/{preview.id}/undo").status_code == 409
    pending = pulling.begun(connection_id)
    assert "not over yet" in pages.get(f"/sync-log/{pending}/undo").text
    assert "Undo…" not in pages.get(f"/sync-log/{pending}").text
    assert pages.get("/sync-log/99/undo").status_code == 404
    for entry in ("7", "x", "9" * 30, "-1"):
        assert pages.get(f"/sync-log/{run.id}/undo?entry={entry}").status_code == 404
    pulling.worked_off(pending)
    assert "Undo…" not in pages.get(f"/sync-log/{pending}").text, "it has changed nothing"


def test_members_undo_nothing(run: Run, logged_in: LogIn, member: User) -> None:
    pages = logged_in(member)
    assert "Undo…" not in pages.get(f"/sync-log/{run.id}").text
    assert pages.get(f"/sync-log/{run.id}/undo").status_code == 403
    assert pages.post(f"/sync-log/{run.id}/undo").status_code == 403


def test_the_command_undoes_and_previews(run: Run, in_app: Flask) -> None:
    cli = in_app.test_cli_runner()
    done = cli.invoke(args=["runs", "undo", str(run.id), "--preview", "--json"])
    printed = json.loads(done.stdout)
    assert (done.exit_code, printed["kind"], printed["preview"]) == (0, "undo", True)
    pulling.worked_off(printed["id"])
    assert pulling.company(1).city == "Köln"
    done = cli.invoke(args=["runs", "undo", str(run.id)])
    assert (done.exit_code, done.stderr) == (0, "")
    pulling.worked_off(_latest().id)
    assert pulling.company(1).city == "Bonn"
    refused = cli.invoke(args=["runs", "undo", "77"])
    assert refused.exit_code == 1
    assert "There is no run 77" in refused.stderr


@pytest.mark.every_database
def test_the_log_is_cleared_after_its_time_and_undo_ends_with_it(
    connection_id: int, run: Run, pages: FlaskClient
) -> None:
    """What was written stays; records and links stay; a run that is not over is never cleared."""
    assert run.finished_at is not None
    until = (run.finished_at + timedelta(days=90)).strftime("%-d %b %Y")
    assert f"until {until}" in read_page(pages.get(f"/sync-log/{run.id}/undo").text).shown_text
    retention.clear_old(current_services())
    assert len(pulling.entries(run.id)) == 1
    pending = pulling.begun(connection_id)
    old = datetime.now(UTC) - timedelta(days=91)
    for number in (run.id, pending):
        pulling.change(number, created_at=old, finished_at=old if number == run.id else None)
    retention.clear_old(current_services())
    assert [one.id for one in pulling.all_rows(Run)] == [1, pending]
    assert {one.run_id for one in pulling.all_rows(LogEntry)} == {1}
    assert pages.get(f"/sync-log/{run.id}/undo").status_code == 404
    assert pulling.company(1).city == "Köln"
    change_company(1, city="Ulm")
    assert pulling.links("companies")[0].state == "linked"
