"""What the page of the connection and the command line tell of missed changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import writing
from tests.support.pages.page import read_page
from tests.support.samples.quiet_portal import Portal
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.webhooks.events import read_events
from webapp.models.people.users import User
from webapp.store.webhooks import inbox

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def pulled(app: Flask, sandbox: SandboxServer) -> int:
    with app.app_context():
        return Portal(pulling.connected(), sandbox).connection_id


@pytest.mark.usefixtures("pulled")
def test_without_events_the_page_says_that_changes_are_looked_up_every_minute(
    administrator: User, logged_in: LogIn
) -> None:
    page = logged_in(administrator).get("/integrations/hubspot").text
    assert "looked up every minute" in page
    assert "a day late" in page


def test_changes_without_events_are_told_plainly_and_silent_properties_named(
    app: Flask, pulled: int, administrator: User, logged_in: LogIn
) -> None:
    with app.app_context(), writing() as session:
        inbox.add_counts(session, {"deliveries": 1, "missed": 4}, datetime.now(UTC))
        events = read_events([webhook_event("contact.propertyChange", 1, propertyName="phone")]).events
        inbox.record_announced(session, [(pulled, one) for one in events])
    page = logged_in(administrator).get("/integrations/hubspot").text
    assert "4 changes since yesterday came without a message" in page
    named_kinds = [one for one in read_page(page).all("p") if one.shown_text.startswith("Contacts:")]
    [silent] = [one for one in named_kinds if one.all("code")]
    named = [one.shown_text for one in silent.all("code")]
    assert "email" in named
    assert "phone" not in named


@pytest.mark.usefixtures("pulled")
def test_the_button_leads_to_the_run(administrator: User, member: User, logged_in: LogIn) -> None:
    assert logged_in(member).post("/integrations/hubspot/reconciliation").status_code == 403
    answer = logged_in(administrator).post("/integrations/hubspot/reconciliation")
    assert answer.location.startswith("/sync-log/")
    again = logged_in(administrator).post("/integrations/hubspot/reconciliation", follow_redirects=True)
    assert "already under way" in again.text


@pytest.mark.usefixtures("pulled")
def test_the_command_starts_one_and_prints_it(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["reconcile", "--json"])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert (printed["kind"], printed["trigger"], printed["state"]) == ("reconcile", "command", "running")


def test_the_command_refuses_before_a_first_pull(app: Flask, sandbox: SandboxServer) -> None:
    with app.app_context():
        assert sandbox.url
        pulling.connected()
    result = app.test_cli_runner().invoke(args=["reconcile"])
    assert result.exit_code == 1
    assert "first Pull" in result.output
