"""A line for every request, under an id that the answer, the run and its log carry as well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import replace
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.support.applications.services import current_services, reading
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp import jobs
from webapp.domain.people.actor import Actor
from webapp.models import Run
from webapp.models.people.users import User
from webapp.processes.queue_worker import queue_worker
from webapp.usecases.runs import queues

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
HEADER = "X-Request-Id"


@pytest.fixture
def lines() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged, with what the lines of a request have in common."""
    with capture_logs(processors=[merge_contextvars]) as found:
        yield found


def requests(lines: list[MutableMapping[str, Any]]) -> list[MutableMapping[str, Any]]:
    return [line for line in lines if line["event"] == "request"]


def test_a_request_has_an_id_and_a_line(client: FlaskClient, lines: list[MutableMapping[str, Any]]) -> None:
    answer = client.get("/login?next=/companies%3Fq=secret")
    [line] = requests(lines)
    assert line["request_id"] == answer.headers[HEADER]
    assert (line["method"], line["rule"], line["status"]) == ("GET", "/login", 200)
    assert "secret" not in json.dumps(line)


def test_a_link_with_a_token_is_logged_without_it(
    client: FlaskClient, lines: list[MutableMapping[str, Any]]
) -> None:
    client.get("/choose-password/very-secret-token")
    assert "very-secret-token" not in json.dumps(lines)


def test_the_id_of_a_proxy_is_taken_when_it_is_sane(client: FlaskClient) -> None:
    assert client.get("/login", headers={HEADER: "proxy-0123456789"}).headers[HEADER] == "proxy-0123456789"
    for given in ("short", "a" * 65, 'with "quotes"', "with spaces here", "ünïcode-id", "-begins-with-it"):
        kept = client.get("/login", headers={HEADER: given}).headers[HEADER]
        assert kept != given
        assert len(kept) == 32


def test_monitors_leave_no_lines(client: FlaskClient, lines: list[MutableMapping[str, Any]]) -> None:
    for address in ("/healthz", "/readyz", "/metrics"):
        client.get(address)
    assert requests(lines) == []


def test_a_run_carries_the_id_of_the_request_that_started_it(
    app: Flask,
    sandbox: SandboxServer,
    administrator: User,
    logged_in: LogIn,
    lines: list[MutableMapping[str, Any]],
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
        lines.clear()
        assert pulling.worked_off(run.id).state == "finished"
        of_run = [line for line in lines if line.get("run_id") == run.id]
    assert of_run
    assert {line["request_id"] for line in of_run} == {run.request_id}


@pytest.mark.parametrize(
    ("meta", "logged"),
    [
        (None, "of-a-request"),
        (b'{"request_id": "short"}', None),
        (b'{"request_id": "two lines\\nof a log"}', None),
        (b'{"request_id": 12345678}', None),
        (b'["request_id"]', None),
        (b"no json", None),
    ],
)
def test_a_job_carries_the_id_of_the_request_that_queued_it(
    app: Flask,
    lines: list[MutableMapping[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    meta: bytes | None,
    logged: str | None,
) -> None:
    """What somebody else has put there is not logged."""
    # A worker has served no request.
    structlog.contextvars.clear_contextvars()
    monkeypatch.setattr("webapp.processes.queue_worker.QueueWorker._install_signal_handlers", lambda _: None)
    monkeypatch.setattr(jobs, "send_mail", lambda mail_id: structlog.get_logger().info("at_work", id=mail_id))
    with app.app_context():
        services = current_services()
        queues.enqueue_mail(replace(services, actor=Actor(request_id="of-a-request")), 7)
        if meta is not None:
            services.redis.hset("rq:job:mail-7", "meta", meta)
        queue_worker(queues.QUEUES, services.redis).work(burst=True, logging_level="CRITICAL")
    [line] = [line for line in lines if line["event"] == "at_work"]
    assert line.get("request_id") == logged
    queues.enqueue_mail(services, 8)
    queue_worker(queues.QUEUES, services.redis).work(burst=True, logging_level="CRITICAL")
    assert "request_id" not in [line for line in lines if line["event"] == "at_work"][-1]
