"""The settings on their page: values and origins, and no secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from tests.support.applications.app import ENCRYPTION_KEY, SECRET_KEY, application
from tests.support.pages.page import read_page
from tests.support.samples.users import PASSWORD, add_user
from webapp.app import services_of
from webapp.models import User
from webapp.settings import SECRETS, Settings, origins, own_database

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def has_own_app() -> bool:
    """Whether a proxy speaks is remembered."""
    return True


def rows(client: FlaskClient) -> dict[str, str]:
    page = read_page(client.get("/settings").text)
    lines = [[cell.shown_text for cell in row.tops()] for row in page.one("tbody").all("tr")]
    return {name: f"{value} ({origin})" for name, value, origin in lines}


def test_every_setting_is_shown_with_its_value(logged_in: LogIn, administrator: User) -> None:
    found = rows(logged_in(administrator))
    assert set(found) == {name.upper() for name in Settings.__dataclass_fields__}
    assert found["LOG_RETENTION_DAYS"] == "90 (default)"
    assert found["HUBSPOT_DAILY_RESERVE"] == "10% (default)"
    assert found["MAIL_USE_TLS"] == "off (default)"
    assert found["SECRET_KEY"].startswith("set, not shown")


def test_what_is_not_set_shows_what_applies_instead(
    app: Flask, logged_in: LogIn, administrator: User, settings: Settings
) -> None:
    boss = logged_in(administrator)
    bare = Settings(instance_path=settings.instance_path, database_url=own_database(settings.instance_path))
    app.extensions["twinbook.services"] = replace(services_of(app), settings=bare)
    found = rows(boss)
    assert found["DATABASE_URL"] == "an SQLite file in the instance folder (default)"
    assert found["REDIS_URL"] == "an embedded server (default)"
    assert found["HUBSPOT_RATE_LIMIT"] == "what HubSpot's answers say, else 100 (default)"
    assert found["RECONCILE_MINUTES"] == "10; 1 while HubSpot sends no messages (default)"
    assert found["MAIL_SERVER"] == "none: mail is written to the log (default)"
    assert found["MAIL_DEFAULT_SENDER"] == "twinbook@localhost (default)"
    assert found["METRICS_TOKEN"] == "none: /metrics is off (default)"
    assert found["HUBSPOT_CLIENT_ID"] == "none (default)"
    assert found["SENTRY_DSN"] == "none: unexpected errors are in the log alone (default)"


def test_no_secret_is_on_the_page(settings: Settings) -> None:
    secrets = {
        "mail_password": "the-mail-password",
        "metrics_token": "the-metrics-token",
        "hubspot_client_secret": "the-client-secret",
    }
    with application(replace(settings, **secrets)) as app:  # type: ignore[arg-type]
        boss = add_user(app, "ada@example.com", "Ada", "administrator")
        client = app.test_client()
        client.post("/login", data={"email": boss.email, "password": PASSWORD})
        text = client.get("/settings").text
    assert "set, not shown" in text
    for secret in (*secrets.values(), SECRET_KEY, ENCRYPTION_KEY, settings.database_url, settings.redis_url):
        assert secret not in text


def test_whatever_sounds_secret_is_one() -> None:
    signs = ("password", "secret", "token", "key", "dsn", "database_url", "redis_url")
    assert {name for name in Settings.__dataclass_fields__ if any(sign in name for sign in signs)} == SECRETS


def test_origins_are_told_apart(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("MAIL_SERVER=mail\nMAIL_PORT=26\nMETRICS_TOKEN_FILE=/x\n")
    found = origins({"MAIL_PORT": "27", "SECRET_KEY": "x", "MAIL_USERNAME": ""}, dotenv)
    assert {name: found[name] for name in ("mail_server", "mail_port", "metrics_token", "mail_username")} == {
        "mail_server": ".env",
        "mail_port": "environment",
        "metrics_token": "file",
        "mail_username": "default",
    }
    assert (found["secret_key"], found["encryption_key"]) == ("environment", "instance folder")


def test_a_proxy_that_nobody_trusted_is_warned_of_once_in_the_log_and_on_the_page(
    logged_in: LogIn, administrator: User
) -> None:
    boss = logged_in(administrator)
    assert "A proxy seems to stand" not in boss.get("/settings").text
    with capture_logs() as logs:
        for _ in range(3):
            boss.get("/companies", headers={"X-Forwarded-For": "203.0.113.7"})
    assert "A proxy seems to stand in front of Twinbook." in boss.get("/settings").text
    assert [one["event"] for one in logs if one["event"] != "request"] == ["untrusted_forwarded_for"]
    assert "203.0.113.7" not in str(logs)


def test_a_trusted_proxy_is_nothing_to_warn_of(settings: Settings) -> None:
    with application(replace(settings, trusted_proxies=1)) as app:
        boss = add_user(app, "ada@example.com", "Ada", "administrator")
        client: FlaskClient = app.test_client()
        headers = {"X-Forwarded-For": "203.0.113.7"}
        client.post("/login", data={"email": boss.email, "password": PASSWORD}, headers=headers)
        assert "A proxy seems" not in client.get("/settings", headers=headers).text
        assert "from 203.0.113.7" in client.get("/profile", headers=headers).text
