"""The access is not renewed, though its token is good: a state of the account, like a dead token (B45)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.turns import take_turns
from tests.support.clocks.hours import ten_past_the_next_hour
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.connecting import change_settings, expire, grant
from tests.support.usecases.editing import edit
from webapp.domain.runs.outcomes import FAILED
from webapp.domain.runs.retry import may_continue
from webapp.hubspot.errors import TlsTrouble
from webapp.models import Mail, Run, User
from webapp.usecases.connection.account_trouble import is_of_account

pytestmark = pytest.mark.one_database


def _mails() -> list[str]:
    return [mail.recipient for mail in pulling.all_rows(Mail) if mail.run_id is None]


def _contact(sandbox: SandboxServer) -> str:
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    number = str(sandbox.create("contacts", {"firstname": "Eva", "email": "eva@n.de"}, [company])["id"])
    pulling.pulled(1)
    return number


def test_a_changed_secret_of_the_app_pauses_says_so_everywhere_and_resumes(
    in_app: Flask, ada: FlaskClient, sandbox: SandboxServer, administrator: User
) -> None:
    with ten_past_the_next_hour() as clock:
        grant(ada, sandbox)
        contact = _contact(sandbox)
        secret = in_app.extensions["twinbook.services"].settings.hubspot_client_secret
        expire(in_app)
        change_settings(in_app, hubspot_client_secret="another")
        edit(city="Bonn")
        take_turns()
        row = pulling.connection_of(1)
        assert (row.state, row.trouble) == ("connected", "app_refused")
        assert _mails() == [administrator.email]
        for address in ("/companies", "/contacts/1", "/integrations/hubspot"):
            page = ada.get(address).text
            assert "Automatic sync with HubSpot is paused" in page, address
            assert "HUBSPOT_CLIENT_SECRET" in page, address
        assert "App refused" in ada.get("/integrations").text
        pull = pulling.pulled(1)
        assert (pull.state, pull.error) == ("failed", "app_refused")
        assert may_continue(pull.state, pull.error, is_latest=True, is_usable=True)
        for minutes in (1, 5):
            clock.shift(timedelta(minutes=minutes))
            take_turns()
        assert _mails() == [administrator.email]
        change_settings(in_app, hubspot_client_secret=secret)
        clock.shift(timedelta(minutes=15))
        take_turns()
        assert pulling.connection_of(1).trouble_ended_at is not None
        [run] = pulling.all_rows(Run, kind="auto_push")
        assert run.state == "finished"
        assert sandbox.get("contacts", contact)["properties"]["city"] == "Bonn"


def test_a_certificate_that_cannot_be_trusted_is_a_state_of_the_account() -> None:
    assert is_of_account(TlsTrouble("untrusted certificate: api.test"))


@pytest.mark.parametrize("status", [406, 410, 415, 428])
def test_a_refusal_that_no_record_can_cause_fails_no_record(
    in_app: Flask, ada: FlaskClient, sandbox: SandboxServer, status: int
) -> None:
    assert in_app
    with ten_past_the_next_hour() as clock:
        grant(ada, sandbox)
        contact = _contact(sandbox)
        sandbox.fault("status", status=status, path="/crm/objects/*/contacts/batch/update", times=None)
        edit(city="Bonn")
        take_turns()
        [run] = pulling.all_rows(Run, kind="auto_push")
        assert (run.state, run.waiting_for) == ("running", "account_refused")
        assert not [entry for entry in pulling.entries(run.id) if entry.outcome == FAILED]
        sandbox.clear_faults()
        clock.shift(timedelta(minutes=15))
        take_turns()
        assert sandbox.get("contacts", contact)["properties"]["city"] == "Bonn"
