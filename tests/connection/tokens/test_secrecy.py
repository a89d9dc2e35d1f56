from __future__ import annotations

import io
import json
import logging
import sys

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.servers.sandbox_server import CLIENT_SECRET, TOKEN, SandboxServer
from tests.support.usecases.connecting import PAGE, calls, expire, grant, paste, rows
from webapp.app import services_of
from webapp.usecases.connection import tokens

pytestmark = pytest.mark.one_database


@pytest.fixture
def standard_error(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What is written to standard error."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    return written


def test_no_token_is_ever_logged_shown_or_stored_in_the_clear(
    # First, since the application keeps the standard error that it finds.
    standard_error: io.StringIO,
    caplog: pytest.LogCaptureFixture,
    ada: FlaskClient,
    app: Flask,
    sandbox: SandboxServer,
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = [grant(ada, sandbox).text]
    secrets = {TOKEN, CLIENT_SECRET, "pat-na1-wrong-but-secret"} | _opened(app)
    expire(app)
    shown.append(ada.post(f"{PAGE}/test", follow_redirects=True).text)
    secrets |= _opened(app)
    shown += [paste(ada).text, paste(ada, "pat-na1-wrong-but-secret").text]
    sandbox.fault("status", status=502, path="*", times=3)
    shown += [paste(ada).text, ada.get(PAGE).text, ada.get("/integrations").text]
    for arguments in (["status"], ["status", "--json"], ["connect", "--token-stdin", "--json"]):
        shown.append(app.test_cli_runner().invoke(args=arguments, input=TOKEN).output)
    shown.append(ada.post(f"{PAGE}/disconnection", follow_redirects=True).text)

    places = {"pages and commands": "".join(shown), "log": standard_error.getvalue() + caplog.text}
    settings = services_of(app).settings
    if settings.database_url.startswith("sqlite"):
        folder = settings.instance_path.parent
        places["database"] = "".join(
            path.read_bytes().decode("latin-1") for path in folder.glob("twinbook.db*") if path.is_file()
        )
    assert calls(sandbox, "/token") == 2
    assert "hubspot_call" in places["log"]
    assert {place for place, text in places.items() for secret in secrets if secret in text} == set()


def test_values_that_hold_tokens_do_not_print_them(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    grant(ada, sandbox)
    with app.app_context():
        held = tokens.read(current_services(), rows(app)[0].id)
    assert held.access_token not in json.dumps([repr(held), str(held), f"{held}"])


def _opened(app: Flask) -> set[str]:
    """The tokens that are stored now."""
    with app.app_context():
        held = tokens.read(current_services(), rows(app)[0].id)
    return {held.access_token, held.refresh_token or held.access_token}
