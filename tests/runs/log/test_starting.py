"""Starting and cancelling runs from the pages and from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import reading
from tests.support.pages.page import read_page
from tests.support.samples.factories import NOW, make_connection, make_entries, make_run
from tests.support.samples.rows import Rows
from webapp.commands.runs import lines
from webapp.models import Run, User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def pulls(logged_in: LogIn, administrator: User) -> FlaskClient:
    return logged_in(administrator)


def _run(app: Flask, run_id: int = 1) -> Run:
    with app.app_context(), reading() as session:
        return session.get_one(Run, run_id)


def test_pull_queues_a_run_and_leads_to_its_page(
    app: Flask, rows: Rows, pulls: FlaskClient, administrator: User
) -> None:
    rows.connection()
    answer = pulls.post("/runs", data={"kind": "pull"})
    assert (answer.status_code, answer.location) == (303, "/sync-log/1")
    run = _run(app)
    assert (run.kind, run.trigger, run.started_by_id) == ("pull", "button", administrator.id)
    assert "Ada Administrator" in pulls.get("/sync-log/1").text


def test_htmx_is_led_to_the_page_too(rows: Rows, pulls: FlaskClient) -> None:
    rows.connection()
    answer = pulls.post("/runs", data={"kind": "pull"}, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/sync-log/1"


def test_pressing_again_leads_to_the_run_that_is_under_way(rows: Rows, pulls: FlaskClient) -> None:
    rows.connection()
    pulls.post("/runs", data={"kind": "pull"})
    answer = pulls.post("/runs", data={"kind": "pull"}, follow_redirects=True)
    assert answer.request.path == "/sync-log/1"
    assert "already under way" in answer.text


def test_without_a_connection_nothing_starts_and_the_page_says_so(pulls: FlaskClient) -> None:
    answer = pulls.post("/runs", data={"kind": "pull"})
    assert answer.status_code == 409
    assert "not connected" in answer.text


def test_a_failing_connection_starts_nothing(rows: Rows, pulls: FlaskClient) -> None:
    rows(make_connection, state="failing")
    assert pulls.post("/runs", data={"kind": "pull"}).status_code == 409
    assert "Nothing has run yet" in pulls.get("/sync-log").text


def test_what_is_no_pull_is_refused(rows: Rows, pulls: FlaskClient) -> None:
    rows.connection()
    assert pulls.post("/runs", data={"kind": "drop"}).status_code == 400


def test_members_neither_start_nor_cancel_runs(rows: Rows, logged_in: LogIn, member: User) -> None:
    run = rows.run(state="running")
    visitor = logged_in(member)
    assert visitor.post("/runs", data={"kind": "pull"}).status_code == 403
    assert visitor.post(f"/runs/{run.id}/cancellation").status_code == 403
    assert "Cancel this run" not in visitor.get(f"/sync-log/{run.id}").text


def test_cancelling_ends_a_run_and_keeps_what_it_did(app: Flask, rows: Rows, pulls: FlaskClient) -> None:
    run = rows.run(state="running", counts={"companies": {"created": 7}})
    assert "Cancel this run" in pulls.get(f"/sync-log/{run.id}").text
    page = pulls.post(f"/runs/{run.id}/cancellation", follow_redirects=True).text
    assert "so far stays done" not in page, "it is said once"
    assert "stays done" in page
    assert "Cancel this run" not in page
    assert _run(app, run.id).state == "cancelled"
    assert _run(app, run.id).counts == {"companies": {"created": 7}}


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_a_preview_that_did_not_finish_calls_nothing_done(rows: Rows, pulls: FlaskClient, state: str) -> None:
    run = rows.run(state=state, is_preview=True, counts={"companies": {"created": 7}})
    page = read_page(pulls.get(f"/sync-log/{run.id}").text).one("main").shown_text
    assert "lists only what it had read by then: 7 to create." in page
    assert "stays done" not in page


def test_cancelling_a_run_that_had_ended_changes_nothing(app: Flask, rows: Rows, pulls: FlaskClient) -> None:
    run = rows.run()
    page = pulls.post(f"/runs/{run.id}/cancellation", follow_redirects=True).text
    assert "already ended" in page
    assert _run(app, run.id).state == "finished"


def test_cancelling_what_is_not_there_is_a_404(pulls: FlaskClient) -> None:
    assert pulls.post("/runs/9/cancellation").status_code == 404


def test_the_command_queues_a_pull_for_a_person_and_prints_one_object(
    app: Flask, rows: Rows, member: User
) -> None:
    rows.connection()
    result = app.test_cli_runner().invoke(args=["pull", "--json", "--as", "MEM@example.com"])
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert (printed["id"], printed["kind"], printed["trigger"]) == (1, "pull", "command")
    assert _run(app).started_by_id == member.id


def test_the_command_needs_a_connection_and_a_known_person(app: Flask, rows: Rows) -> None:
    cli = app.test_cli_runner()
    assert cli.invoke(args=["pull"]).exit_code == 1
    rows.connection()
    assert cli.invoke(args=["pull", "--as", "nobody@example.com"]).exit_code == 2


@pytest.mark.every_database
def test_a_run_is_shown_in_the_promised_shape(app: Flask, rows: Rows) -> None:
    rows.run(state="failed", error="reconnect", counts={"contacts": {"held": 2}}, api_calls=9)
    result = app.test_cli_runner().invoke(args=["runs", "show", "1", "--json"])
    assert result.exit_code == 0
    nothing = dict.fromkeys(("created", "updated", "unchanged", "skipped", "held", "failed"), 0)
    assert json.loads(result.stdout) == {
        "id": 1,
        "kind": "pull",
        "trigger": "button",
        "state": "failed",
        "preview": False,
        "started_at": NOW.isoformat(),
        "finished_at": "2026-11-23T09:00:12+00:00",
        "counts": {"companies": nothing, "contacts": nothing | {"held": 2}},
        "api_calls": 9,
        "error": "reconnect",
    }
    printed = app.test_cli_runner().invoke(args=["runs", "show", "1"]).stdout
    assert "Reconnect on the Integrations page" in printed


@pytest.mark.every_database
def test_a_run_says_why_it_left_records(app: Flask, rows: Rows) -> None:
    """Who has the command line alone looks at no page."""
    run = rows.run(state="finished")
    with app.app_context():
        make_entries(run.id, 3, outcome="skipped", reason="needs_unique_property")
        make_entries(run.id, 2, outcome="created", reason=None)
    printed = app.test_cli_runner().invoke(args=["runs", "show", "1"]).stdout
    assert "3 skipped (contacts): Duplicate protection is missing in HubSpot" in printed
    assert "Create it on the Integrations page" in printed


def test_waiting_ends_with_the_run_and_exits_with_one_unless_it_finished(
    app: Flask, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends while the command waits: before that, the command would begin another run."""
    run = rows(make_run, rows.connection(), state="running", counts={"contacts": {"created": 3}})

    def end_it(_seconds: float) -> None:
        rows.change(run, state="cancelled", finished_at=NOW)

    monkeypatch.setattr(lines, "time", SimpleNamespace(sleep=end_it))
    result = app.test_cli_runner().invoke(args=["pull", "--wait", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["state"] == "cancelled"
    assert "3 records" in result.stderr


def test_a_run_is_cancelled_once(app: Flask, rows: Rows) -> None:
    rows.run(state="running")
    cli = app.test_cli_runner()
    assert cli.invoke(args=["runs", "cancel", "1"]).exit_code == 0
    assert _run(app).state == "cancelled"
    assert cli.invoke(args=["runs", "cancel", "1"]).exit_code == 1
    assert cli.invoke(args=["runs", "show", "2"]).exit_code == 1
