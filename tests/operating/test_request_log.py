"""A line for every request, under an id that the answer, the run and its log carry as well."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support import pulling
from tests.support.sandbox_server import SandboxServer
from tests.support.services import bound_jobs, reading
from webapp.models import Run
from webapp.models.people import User

LogIn = Callable[[User], FlaskClient]
HEADER = "X-Request-Id"


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]


def requests(capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [line for line in lines(capfd) if line["event"] == "request"]


def test_a_request_has_an_id_and_a_line(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    answer = client.get("/login?next=/companies%3Fq=secret")
    [line] = requests(capfd)
    assert line["request_id"] == answer.headers[HEADER]
    assert (line["method"], line["rule"], line["status"]) == ("GET", "/login", 200)
    assert "secret" not in json.dumps(line)


def test_a_link_with_a_token_is_logged_without_it(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    client.get("/choose-password/very-secret-token")
    assert "very-secret-token" not in json.dumps(lines(capfd))


def test_the_id_of_a_proxy_is_taken_when_it_is_sane(client: FlaskClient) -> None:
    assert client.get("/login", headers={HEADER: "proxy-0123456789"}).headers[HEADER] == "proxy-0123456789"
    for given in ("short", "a" * 65, 'with "quotes"', "with spaces here", "ünïcode-id", "-begins-with-it"):
        kept = client.get("/login", headers={HEADER: given}).headers[HEADER]
        assert kept != given
        assert len(kept) == 32


def test_monitors_leave_no_lines(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    for address in ("/healthz", "/readyz", "/metrics"):
        client.get(address)
    assert requests(capfd) == []


def test_a_run_carries_the_id_of_the_request_that_started_it(
    app: Flask,
    sandbox: SandboxServer,
    administrator: User,
    logged_in: LogIn,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with app.app_context():
        pulling.connected()
    page = logged_in(administrator)
    started = page.post("/runs", data={"kind": "pull", "confirmed": "yes"})
    assert started.status_code == 303, started.text
    assert sandbox
    with app.app_context():
        with reading() as session:
            run = session.scalars(select(Run)).one()
        assert run.request_id == started.headers[HEADER]
        capfd.readouterr()
        bound_jobs().run_slice(run.id, run.fence)
        of_run = [line for line in lines(capfd) if line.get("run_id") == run.id]
    assert of_run
    assert {line["request_id"] for line in of_run} == {run.request_id}
