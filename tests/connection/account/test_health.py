from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from tests.support.applications.services import change_services, current_services, writing
from tests.support.servers.redis_server import absent_redis
from tests.support.usecases.connecting import change_settings, paste
from webapp.usecases.runs import machinery

pytestmark = pytest.mark.one_database

METRICS_TOKEN = "let me scrape"


def samples(client: FlaskClient) -> dict[tuple[str, str], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, "/".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_living_process_says_so_to_anybody(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_readiness_tells_of_redis_and_workers(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready",
        "database": "up",
        "redis": "up",
        "workers": 0,
        "queues": {"now": 0, "refresh": 0, "bulk": 0},
        "schedule_age_s": None,
        "trouble": ["no_worker", "no_schedule"],
    }


def test_readiness_does_not_depend_on_redis(client: FlaskClient, app: Flask) -> None:
    change_services(app, redis=absent_redis())
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert (answer.json or {})["redis"] == "down"


def test_readiness_depends_on_the_database(client: FlaskClient, app: Flask) -> None:
    with app.app_context(), writing() as session:
        session.execute(text("ALTER TABLE connections RENAME TO elsewhere"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json or {})["database"] == "down"
    assert client.get("/healthz").status_code == 200


@pytest.mark.every_database
def test_readiness_takes_a_database_that_was_upgraded(client: FlaskClient, app: Flask) -> None:
    with app.app_context(), writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0043'"))
    answer = client.get("/readyz")
    assert (answer.status_code, (answer.json or {})["database"]) == (503, "outdated")
    with app.app_context(), writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert client.get("/readyz").status_code == 200, "that of a newer program serves this one too"


def test_the_age_of_the_last_turn_of_the_schedule_is_told(client: FlaskClient, app: Flask) -> None:
    with app.app_context():
        machinery.sign_schedule(current_services())
        redis = current_services().redis
        redis.set("twinbook:schedule:turn", redis.time()[0] - 90)
    answer = client.get("/readyz").json or {}
    assert 89 <= answer["schedule_age_s"] < 600
    assert answer["trouble"] == ["no_worker"]


def test_metrics_are_not_there_unless_they_are_turned_on(client: FlaskClient, app: Flask) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    change_settings(app, metrics_token=METRICS_TOKEN)
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Basic {METRICS_TOKEN}"}).status_code == 401
    assert samples(client)["twinbook_redis_up", ""] == 1


def test_metrics_tell_of_the_connection_the_queues_and_the_budget(ada: FlaskClient, app: Flask) -> None:
    paste(ada)
    ada.post("/integrations/hubspot/test")
    change_settings(app, metrics_token=METRICS_TOKEN)
    found = samples(app.test_client())
    assert found["twinbook_connection_state", "connected"] == 1
    assert found["twinbook_connection_state", "failing"] == 0
    assert found["twinbook_queue_jobs", "bulk"] == 0
    assert found["twinbook_hubspot_calls_today", ""] == 3  # one try, and a look at the key of each type
    assert found["twinbook_hubspot_daily_remaining", ""] > 0


def test_metrics_do_without_redis(client: FlaskClient, app: Flask) -> None:
    change_settings(app, metrics_token=METRICS_TOKEN)
    change_services(app, redis=absent_redis())
    assert samples(client)["twinbook_redis_up", ""] == 0
