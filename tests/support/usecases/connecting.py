"""What connecting takes: a person's way over HubSpot's page, and looks into what was stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.applications.services import change_services, reading, writing
from tests.support.pages.page import read_page
from tests.support.servers.sandbox_server import TOKEN, SandboxServer
from webapp.models import Connection
from webapp.services import Services

PAGE = "/integrations/hubspot"


def page_text(answer: TestResponse) -> str:
    """What a page says, without its markup and with single spaces."""
    return read_page(answer.text).shown_text


def paste(client: FlaskClient, token: str = TOKEN) -> TestResponse:
    """Connect with a token, as the form does, and see where that leads."""
    return client.post(f"{PAGE}/connection", data={"token": token}, follow_redirects=True)


def decide(client: FlaskClient, sandbox: SandboxServer, decision: str = "grant") -> str:
    """Press Connect, decide on HubSpot's page, and return the address that HubSpot sends the browser to."""
    to_hubspot = client.post(f"{PAGE}/authorization")
    assert to_hubspot.status_code == 303, to_hubspot.text
    address = to_hubspot.location
    assert address.startswith(f"{sandbox.url}/oauth/authorize?")
    form = dict(parse_qsl(urlsplit(address).query)) | {"decision": decision}
    answer = requests.post(address.partition("?")[0], data=form, allow_redirects=False, timeout=120)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"http://localhost:8000{PAGE}/callback"
    return f"{back.path}?{back.query}"


def grant(client: FlaskClient, sandbox: SandboxServer) -> TestResponse:
    """Connect by OAuth, the whole way."""
    return client.get(decide(client, sandbox), follow_redirects=True)


def rows(app: Flask) -> list[Connection]:
    """Every stored connection."""
    with app.app_context(), reading() as session:
        return list(session.scalars(select(Connection).order_by(Connection.id)))


def change_row(app: Flask, **values: Any) -> None:
    """Change the only connection behind the application's back."""
    with app.app_context(), writing() as session:
        row = session.scalars(select(Connection)).one()
        for name, value in values.items():
            setattr(row, name, value)


def expire(app: Flask) -> None:
    """Let the stored access token count as ended."""
    change_row(app, token_expires_at=datetime.now(UTC) - timedelta(minutes=1))


def change_settings(app: Flask, **values: Any) -> None:
    """Give the application other settings, as a restart would."""
    services: Services = app.extensions["twinbook.services"]
    change_services(app, settings=replace(services.settings, **values))


def calls(sandbox: SandboxServer, ending: str) -> int:
    """How many calls the portal got on paths that end so."""
    return sum(entry["path"].endswith(ending) for entry in sandbox.log())
