"""A Redis that answers and takes nothing, at every moment of a run's life: it costs time, never work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from tests.support.applications.services import bound_jobs, current_services
from tests.support.invariants import undisturbed
from tests.support.samples.users import PASSWORD
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.redis_refusals import Refuse, no_disk, no_memory, replica, take_again
from tests.support.servers.redis_server import redis_server
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from webapp.models import InboxEvent, Mail, OutboxRecord, Run, User
from webapp.processes import schedule
from webapp.usecases.runs import lifecycle

pytestmark = pytest.mark.one_database


class Refusing:
    """A server that takes nothing, or does again."""

    def __init__(self, client: Redis, folder: Path, refuse: Refuse) -> None:
        self._client, self._folder, self._refuse = client, folder, refuse

    def begin(self) -> None:
        """From now on it refuses every write."""
        self._refuse(self._client, self._folder)

    def end(self) -> None:
        """It takes what it is given."""
        take_again(self._client, self._folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="twinbook-redis-") as name:
        yield Path(name)


@pytest.fixture
def redis_url(folder: Path) -> Iterator[str]:
    """A server of this test's own."""
    with redis_server(folder / "redis.sock", folder) as url:
        yield url


@pytest.fixture(params=[no_memory, replica, no_disk])
def redis(request: pytest.FixtureRequest, redis_url: str, folder: Path) -> Iterator[Refusing]:
    with Redis.from_url(redis_url) as client:
        refusing = Refusing(client, folder, request.param)
        yield refusing
        # Else it would not even end.
        refusing.end()


def test_a_pull_waits_and_ends_as_if_nothing_had_been(
    connection_id: int, portal: SandboxServer, redis: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ahead of its queueing, of its first slice, in its middle, and ahead of its end."""
    portal.settings(latency_ms=0)
    expected, counts = undisturbed.pull(connection_id)
    pulling.short_slices(monkeypatch)
    redis.begin()
    run_id = pulling.begun(connection_id)
    assert pulling.run_of(run_id).waiting_for == "redis"
    redis.end()
    for moment in range(4):
        redis.begin()
        run = pulling.one_slice(run_id)
        lifecycle.sweep(current_services())
        assert run.state == "running", moment
        redis.end()
        pulling.wait_is_over(run_id) if moment == 3 else _go_on(run_id)
    undisturbed.assert_whole(pulling.worked_off(run_id), expected, counts)


def _go_on(run_id: int) -> None:
    """Its wait is over, and it comes a page further."""
    pulling.change(run_id, not_before=None, waiting_for=None)
    pulling.one_slice(run_id)


def test_a_run_is_cancelled_all_the_same(connection_id: int, redis: Refusing) -> None:
    run_id = pulling.begun(connection_id)
    waiting = pulling.begun(connection_id, "push")
    redis.begin()
    assert lifecycle.cancel(current_services(), run_id)
    assert (pulling.run_of(run_id).state, pulling.run_of(waiting).waiting_for) == ("cancelled", "redis")


def test_edits_and_events_are_kept(
    connection_id: int, portal: SandboxServer, redis: Refusing, client: FlaskClient
) -> None:
    portal.settings(latency_ms=0)
    pulling.pulled(connection_id)
    redis.begin()
    edit(pulling.contacts()[0].id, city="Ulm")
    remote_id = pulling.links("contacts")[1].remote_id
    changed = webhook_event("contact.propertyChange", remote_id, propertyName="city", propertyValue="Ulm")
    assert deliver(client, [changed], secret="sandbox-secret").status_code == 204
    assert (len(pulling.all_rows(OutboxRecord)), len(pulling.all_rows(InboxEvent))) == (1, 1)
    for _, task in schedule.TASKS:
        schedule._attempt(task, current_services())
    redis.end()
    assert len(pulling.all_rows(InboxEvent)) == 1


def test_people_log_in_and_pages_are_served(
    app: Flask, client: FlaskClient, administrator: User, connection_id: int, redis: Refusing
) -> None:
    run_id = pulling.begun(connection_id)
    redis.begin()
    typed = {"email": administrator.email, "password": PASSWORD}
    assert client.post("/login", data=typed).status_code == 303
    for address in ("/", "/companies", f"/sync-log/{run_id}", "/integrations/hubspot"):
        assert client.get(address).status_code == 200, address
    assert client.get("/readyz").status_code == 200
    assert app.test_cli_runner().invoke(args=["status"]).exit_code in (0, 1)
    bound_jobs().send_mail(0)
    assert pulling.all_rows(Mail) == []
    assert [run.state for run in pulling.all_rows(Run)] == ["running"]
