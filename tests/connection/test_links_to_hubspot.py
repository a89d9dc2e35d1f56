"""Links to HubSpot lead to the host that the portal itself names, on every page (B18)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from tests.support.clocks.patience import PATIENCE_S
from tests.support.pages.page import read_page
from tests.support.samples.everything import fill
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.connecting import PAGE, change_row, change_settings, paste, rows

pytestmark = pytest.mark.one_database

PAGES = [
    *(PAGE, "/companies/1", "/contacts/1", "/sync-log/1"),
    *("/held", "/held/records", "/held/not-imported"),
    "/held/failing?reason=refused_by_hubspot&property=email&type=contacts",
]
_RECORD = "/record/0-2/501"


@pytest.fixture
def full_book(app: Flask, ada: FlaskClient, sandbox: SandboxServer) -> FlaskClient:
    """What an administrator sees, with an account in Europe."""
    sandbox.settings(ui_domain="app-eu1.hubspot.com")
    change_settings(app, hubspot_app_url="https://app.hubspot.com")
    paste(ada)
    [row] = rows(app)
    with app.app_context():
        fill(row.id, 1)
    return ada


def _hosts(client: FlaskClient, address: str) -> set[str]:
    """Where a page's links to the portal lead."""
    addresses = [urlsplit(one["href"]) for one in read_page(client.get(address).text).all("a", href=True)]
    return {f"{one.scheme}://{one.netloc}" for one in addresses if one.path.startswith("/contacts/111222")}


def test_the_links_of_a_portal_in_europe_lead_to_europe(full_book: FlaskClient) -> None:
    hosts = {address: _hosts(full_book, address) for address in PAGES}
    assert hosts == {address: {"https://app-eu1.hubspot.com"} for address in PAGES}


def test_where_the_portal_names_no_host_they_lead_where_the_settings_say(
    app: Flask, full_book: FlaskClient
) -> None:
    change_row(app, portal={})
    assert _hosts(full_book, "/sync-log/1") == {"https://app.hubspot.com"}


def test_those_of_the_sandbox_open_its_pages(app: Flask, ada: FlaskClient, sandbox: SandboxServer) -> None:
    remote_id = sandbox.create("companies", {"name": "Nordlicht"})["id"]
    paste(ada)
    [row] = rows(app)
    with app.app_context():
        fill(row.id, 1)
    page = read_page(ada.get("/companies/1").text)
    [address, *_] = [
        one["href"].removesuffix(_RECORD) for one in page.all("a", href=True) if one["href"].endswith(_RECORD)
    ]
    assert requests.get(f"{address}/record/0-2/{remote_id}", timeout=PATIENCE_S).ok
