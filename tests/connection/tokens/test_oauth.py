from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.support.applications.services import writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.connecting import (
    PAGE,
    calls,
    change_settings,
    decide,
    grant,
    page_text,
    paste,
    rows,
)
from webapp.models import User

pytestmark = pytest.mark.one_database


def test_granting_at_hubspot_connects_the_portal(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    assert "Portal 111222 is connected." in page_text(grant(ada, sandbox))
    assert "by Ada Administrator Access Granted on HubSpot's page" in page_text(ada.get(PAGE))
    [row] = rows(app)
    assert (row.portal_id, row.kind, row.state) == ("111222", "oauth", "connected")
    assert row.access_token
    assert row.refresh_token
    assert row.token_expires_at is not None
    life = row.token_expires_at - datetime.now(UTC)
    assert timedelta(minutes=25) < life < timedelta(minutes=30)


def test_an_answer_works_once(ada: FlaskClient, sandbox: SandboxServer) -> None:
    address = decide(ada, sandbox)
    ada.get(address)
    before = calls(sandbox, "/token")
    assert "or it was used before" in page_text(ada.get(address, follow_redirects=True))
    assert calls(sandbox, "/token") == before


@pytest.mark.parametrize("change", [("state=", "state=x"), ("state=", "other=")])
def test_an_answer_with_a_wrong_state_is_not_even_asked_about(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer, change: tuple[str, str]
) -> None:
    page = ada.get(decide(ada, sandbox).replace(*change), follow_redirects=True)
    assert "does not belong to a connection that was started in this browser" in page_text(page)
    assert "Open http://localhost:8000/integrations/hubspot" in page_text(page)
    assert calls(sandbox, "/token") == 0
    assert rows(app) == []


def test_an_answer_in_somebody_elses_browser_is_not_taken(
    ada: FlaskClient, client: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    address = decide(ada, sandbox)
    page = client.get(address, follow_redirects=True)
    assert "does not belong to a connection that was started in this browser" in page_text(page)
    assert rows(app) == []


def test_who_is_no_administrator_by_then_connects_nothing(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    address = decide(ada, sandbox)
    with app.app_context(), writing() as session:
        session.execute(update(User).values(role="member"))
    assert "Only an administrator can connect" in page_text(ada.get(address, follow_redirects=True))
    assert calls(sandbox, "/token") == 0
    assert rows(app) == []


def test_an_answer_after_ten_minutes_is_too_late(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    address = decide(ada, sandbox)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        page = ada.get(address, follow_redirects=True)
    assert "HubSpot's answer came too late. Start connecting again" in page_text(page)
    assert rows(app) == []


def test_refusing_on_hubspots_page_is_no_error_of_ours(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    page = ada.get(decide(ada, sandbox, "refuse"), follow_redirects=True)
    assert "Access was not granted on HubSpot's page. Start again" in page_text(page)
    assert rows(app) == []


def test_a_code_of_another_account_is_refused(ada: FlaskClient, app: Flask, sandbox: SandboxServer) -> None:
    address = decide(ada, sandbox)
    sandbox.settings(portal_id=222333)
    page = ada.get(address, follow_redirects=True)
    assert "its answer belongs to another account" in page_text(page)
    assert rows(app) == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"hubspot_client_secret": "wrong"}, "Compare HUBSPOT_CLIENT_ID and HUBSPOT_CLIENT_SECRET"),
        ({"hubspot_client_id": "wrong"}, "Compare HUBSPOT_CLIENT_ID and HUBSPOT_CLIENT_SECRET"),
        (
            {"public_url": "https://moved.example"},
            "Register exactly https://moved.example/integrations/hubspot/callback",
        ),
        ({"hubspot_api_url": "http://127.0.0.1:9"}, "No connection to 127.0.0.1:9"),
    ],
)
def test_a_wrong_setting_is_named_after_the_exchange_failed(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer, given: dict[str, str], text: str
) -> None:
    address = decide(ada, sandbox)
    change_settings(app, **given)
    assert text in page_text(ada.get(address, follow_redirects=True))
    assert rows(app) == []


def test_a_code_that_ran_out_is_told(ada: FlaskClient, app: Flask, sandbox: SandboxServer) -> None:
    sandbox.settings(code_life_s=0)
    page = ada.get(decide(ada, sandbox), follow_redirects=True)
    assert "was used before or came too late. Start connecting again." in page_text(page)
    assert rows(app) == []


def test_an_exchange_that_is_not_answered_in_json_stores_nothing(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    sandbox.fault("malformed", body="html", path="/oauth/*/token", times=None)
    page = ada.get(decide(ada, sandbox), follow_redirects=True)
    assert "is not HubSpot. Check HUBSPOT_API_URL" in page_text(page)
    assert rows(app) == []


def test_an_access_that_fails_its_test_is_given_back(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    sandbox.fault("status", status=502, path="/account-info/*", times=None)
    page = ada.get(decide(ada, sandbox), follow_redirects=True)
    assert "HubSpot is overloaded or down" in page_text(page)
    assert calls(sandbox, "/token/revoke") == 1
    assert rows(app) == []


def test_without_an_app_in_the_settings_the_page_says_how_to_make_one(ada: FlaskClient, app: Flask) -> None:
    change_settings(app, hubspot_client_id="")
    assert "HUBSPOT_CLIENT_ID and HUBSPOT_CLIENT_SECRET" in page_text(ada.get(PAGE))
    assert ada.post(f"{PAGE}/authorization").status_code == 422


def test_while_a_portal_is_connected_another_one_is_refused(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    paste(ada)
    sandbox.settings(portal_id=222333)
    text = "Portal 111222 is connected, and this access is for portal 222333. Disconnect the first"
    assert text in page_text(paste(ada))
    assert text in page_text(grant(ada, sandbox))
    assert calls(sandbox, "/token/revoke") == 1
    [row] = rows(app)
    assert (row.portal_id, row.kind) == ("111222", "token")


def test_the_same_portal_may_change_its_way_of_access(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    paste(ada)
    grant(ada, sandbox)
    [row] = rows(app)
    assert (row.kind, row.state) == ("oauth", "connected")
    paste(ada)
    [row] = rows(app)
    assert (row.kind, row.refresh_token, row.token_expires_at) == ("token", None, None)
