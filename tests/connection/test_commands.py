from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import change_services, current_services
from tests.support.samples.factories import make_run
from tests.support.servers.redis_server import absent_redis
from tests.support.servers.sandbox_server import TOKEN
from tests.support.usecases.connecting import paste, rows
from webapp.usecases.runs import lifecycle

pytestmark = pytest.mark.one_database


@pytest.mark.usefixtures("sandbox")
def test_connect_takes_a_token_from_standard_input(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["connect", "--token-stdin"], input=f"{TOKEN}\n")
    assert (done.exit_code, done.stdout) == (0, "Portal 111222 is connected.\n")
    assert rows(app)[0].state == "connected"


@pytest.mark.usefixtures("sandbox")
def test_connect_prints_one_json_object(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["connect", "--token-stdin", "--json"], input=TOKEN)
    printed = json.loads(done.stdout)
    assert (done.exit_code, printed["portal_id"], printed["state"]) == (0, "111222", "connected")
    assert "crm.objects.contacts.read" in printed["scopes"]


@pytest.mark.usefixtures("sandbox")
def test_connect_with_a_wrong_token_fails_and_says_why(app: Flask) -> None:
    runner = app.test_cli_runner()
    plain = runner.invoke(args=["connect", "--token-stdin"], input="pat-na1-wrong")
    assert (plain.exit_code, plain.stdout) == (1, "")
    assert "HubSpot does not accept this token." in plain.stderr
    as_json = runner.invoke(args=["connect", "--token-stdin", "--json"], input="pat-na1-wrong")
    assert (as_json.exit_code, json.loads(as_json.stdout)["error"]) == (1, "reconnect")
    assert rows(app) == []


def test_connect_without_saying_where_the_token_comes_from_is_wrong_use(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["connect"]).exit_code == 2


def test_status_tells_of_everything(ada: FlaskClient, app: Flask) -> None:
    paste(ada)
    with app.app_context():
        lifecycle.start(
            current_services(), "pull", connection_id=rows(app)[0].id, trigger="button", started_by_id=None
        )
    done = app.test_cli_runner().invoke(args=["status", "--json"])
    printed = json.loads(done.stdout)
    assert done.exit_code == 0
    assert printed["connection"]["state"] == "connected"
    assert printed["redis"] == "up"
    assert (printed["queues"], printed["workers"]) == ({"now": 0, "refresh": 0, "bulk": 1}, 0)
    assert [(run["kind"], run["state"], run["preview"]) for run in printed["last_runs"]] == [
        ("pull", "running", False)
    ]
    assert printed["api_budget"]["throttled_today"] == 0
    text = app.test_cli_runner().invoke(args=["status"]).stdout
    assert "connection  portal 111222, connected" in text
    assert "pull running" in text
    assert "trouble     No worker is running, so nothing that waits is carried out." in text


def test_status_does_without_redis_and_without_a_connection(app: Flask) -> None:
    change_services(app, redis=absent_redis())
    printed = json.loads(app.test_cli_runner().invoke(args=["status", "--json"]).stdout)
    assert printed == {
        "connection": None,
        "redis": "down",
        "queues": None,
        "workers": None,
        "last_runs": [],
        "api_budget": None,
    }
    assert (
        "queues      unknown: Redis does not answer" in app.test_cli_runner().invoke(args=["status"]).stdout
    )


LATER = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ({"state": "queued"}, ["Starts in a moment."]),
        (
            {"waiting_for": "daily_limit", "not_before": LATER},
            ["Waiting for HubSpot's daily call limit to reset (asked again every quarter of an hour), until"],
        ),
        (
            {"waiting_for": "missing_scopes", "not_before": LATER, "error_text": "crm.lists.read"},
            [
                "The connection lacks a permission that this needs.",
                "crm.lists.read",
                "It is tried again at 2030-01-02 03:04 UTC, and as soon as a test of the connection",
            ],
        ),
        ({"waiting_for": "unexpected"}, ["It is being tried again now."]),
        (
            {"waiting_for": "approval", "question": {"changed": 900}},
            ["Safety check: it waits for an administrator to allow what it would change."],
        ),
        (
            {"waiting_for": "approval", "question": {"asked_by": 7}},
            ["Waiting for an administrator's answer to the question of run 7."],
        ),
    ],
)
def test_commands_say_what_a_run_waits_for(
    ada: FlaskClient, in_app: Flask, values: Any, lines: list[str]
) -> None:
    paste(ada)
    run = make_run(rows(in_app)[0].id, **{"state": "running"} | values)
    shown = in_app.test_cli_runner().invoke(args=["runs", "show", str(run.id)]).stdout
    status = in_app.test_cli_runner().invoke(args=["status"]).stdout
    for line in lines:
        assert f"\n  {line}" in shown
        assert f"\n            {line}" in status
    assert "No worker is running" in shown
    printed = json.loads(in_app.test_cli_runner().invoke(args=["runs", "show", str(run.id), "--json"]).stdout)
    assert (printed.get("waiting_for"), printed.get("not_before")) == (
        values.get("waiting_for"),
        LATER.isoformat() if "not_before" in values and "waiting_for" in values else None,
    )


def test_a_run_that_stands_behind_another_one_is_told_which(ada: FlaskClient, in_app: Flask) -> None:
    paste(ada)
    connection_id = rows(in_app)[0].id
    before = make_run(connection_id, state="running")
    behind = make_run(connection_id, kind="push", state="queued")
    shown = in_app.test_cli_runner().invoke(args=["runs", "show", str(behind.id)]).stdout
    assert f"Starts when run {before.id} has finished." in shown


def test_of_a_run_that_is_over_nothing_is_waited_for(ada: FlaskClient, in_app: Flask) -> None:
    paste(ada)
    run = make_run(rows(in_app)[0].id, state="cancelled", waiting_for="daily_limit", not_before=LATER)
    shown = in_app.test_cli_runner().invoke(args=["runs", "show", str(run.id)]).stdout
    assert "Waiting" not in shown
    assert "No worker" not in shown
    printed = json.loads(in_app.test_cli_runner().invoke(args=["runs", "show", str(run.id), "--json"]).stdout)
    assert printed.keys().isdisjoint(("waiting_for", "not_before"))
