"""The figures for Prometheus: what waits and since when, what fails, and how long requests and calls take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.operating.scraped import Samples, samples
from tests.support.applications.services import change_services, current_services, writing
from tests.support.samples import everything
from tests.support.samples.factories import make_connection
from tests.support.servers.redis_server import absent_redis
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import InboxEvent, Mail, OutboxRecord
from webapp.models.people.users import User
from webapp.usecases.operating import live_pages
from webapp.usecases.operating.durations import BOUNDS_S, Durations
from webapp.usecases.runs import machinery, queues

pytestmark = pytest.mark.one_database


@pytest.mark.every_database
def test_what_waits_is_counted_and_how_long_it_has(app: Flask, administrator: User) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with app.app_context():
        connection_id = make_connection().id
        everything.fill(connection_id, administrator.id)
        before = samples(app)
        with writing() as session:
            for remote_id in ("1", "2"):
                session.add(_event(connection_id, remote_id, an_hour_ago))
            session.add(
                OutboxRecord(
                    connection_id=connection_id,
                    object_type="companies",
                    record_id=1,
                    edited_at=an_hour_ago,
                    version="a",
                )
            )
            for state in ("waiting", "failed", "uncertain"):
                session.add(
                    Mail(recipient="a@b.de", state=state, attempts=0, created_at=an_hour_ago, purpose="reset")
                )
    found = samples(app)
    assert found["waiting", "inbox"] == before["waiting", "inbox"] + 2
    assert found["waiting", "outbox"] == before["waiting", "outbox"] + 1
    assert found["waiting", "mails"] == before["waiting", "mails"] + 1
    assert found["mails_failed", ""] == before["mails_failed", ""] + 2
    for what in ("inbox", "outbox", "mails"):
        assert found["waiting_age_seconds", what] >= 3600
    assert found["needs_a_person", "held"] > 0
    assert found["needs_a_person", "failing"] > 0


def _event(connection_id: int, remote_id: str, at: datetime) -> InboxEvent:
    return InboxEvent(
        connection_id=connection_id,
        object_type="companies",
        remote_id=remote_id,
        kind="changed",
        source="CRM_UI",
        source_id="1",
        occurred_at=at,
        received_at=at,
    )


def test_queues_and_the_schedule_have_ages(app: Flask) -> None:
    assert ("schedule_age_seconds", "") not in samples(app)
    with app.app_context():
        queues.enqueue_mail(current_services(), 7)
        machinery.sign_schedule(current_services())
    found = samples(app)
    assert found["queue_jobs", "now"] == 1
    assert found["queue_age_seconds", "now"] > 0
    assert found["queue_age_seconds", "bulk"] == 0
    assert 0 <= found["schedule_age_seconds", ""] < 600


def test_a_pull_leaves_when_it_finished_and_how_long_its_calls_took(
    app: Flask, sandbox: SandboxServer
) -> None:
    sandbox.create("companies", {"name": "Nordlicht"})
    with app.app_context():
        pulling.pulled(pulling.connected())
    found = samples(app)
    assert found["last_pull_finished_timestamp_seconds", ""] > 1e9
    assert found["hubspot_call_seconds_count", "2xx"] > 0
    assert found["hubspot_call_seconds_bucket", "+Inf/2xx"] == found["hubspot_call_seconds_count", "2xx"]


def test_open_live_pages_are_counted_over_all_processes(app: Flask) -> None:
    assert samples(app)["live_pages", ""] == 0
    with app.app_context():
        redis = current_services().redis
    live_pages.sign(redis, "one", 3)
    live_pages.sign(redis, "other", 4)
    assert samples(app)["live_pages", ""] == 7
    live_pages.sign(redis, "one", 0)
    redis.hset("twinbook:live_pages", "killed", f"9 {redis.time()[0] - 16}")
    assert samples(app)["live_pages", ""] == 4


def test_requests_are_counted_by_how_they_ended(app: Flask, client: FlaskClient) -> None:
    before = samples(app)
    client.get("/login")
    client.get("/nowhere")
    found = samples(app)
    assert _ended(found) - _ended(before) == 2


def _ended(found: Samples) -> float:
    return sum(value for (name, _), value in found.items() if name == "request_seconds_count")


def test_the_buckets_of_durations_add_up(app: Flask) -> None:
    with app.app_context():
        redis = current_services().redis
    counted = Durations("test")
    for took_s in (0.01, 0.2, 0.2, 60.0):
        counted.add(200, took_s)
    counted.add(None, 1.0)
    counted.flush(redis)
    counted.flush(redis)
    found = counted.read(redis)
    assert list(found) == ["2xx", "none"]
    assert (found["2xx"].total, round(found["2xx"].sum_s, 3)) == (4, 60.41)
    assert [found["2xx"].at_most[bound] for bound in (BOUNDS_S[0], 0.25, BOUNDS_S[-1])] == [1, 3, 3]


@pytest.mark.every_database
def test_without_redis_the_database_is_measured_all_the_same(app: Flask) -> None:
    change_services(app, redis=absent_redis())
    found = samples(app)
    assert (found["redis_up", ""], found["waiting", "inbox"]) == (0, 0)
    assert ("queue_age_seconds", "now") not in found
