"""The whole application below a path, behind nginx as the example sets it up: somebody's way through it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.support.applications.served import ServedApp, served
from tests.support.applications.worker_process import wait_until
from tests.support.clocks.patience import PATIENCE_S
from tests.support.pages.page import Element, read_page
from tests.support.samples.users import PASSWORD
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers import nginx
from tests.support.servers.nginx import Proxy
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.servers.smtp import Mailbox
from tests.support.usecases import mailed_links
from webapp.hubspot.signature import signature_v3
from webapp.models.people.users import User
from webapp.settings import Settings

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.skipif(not nginx.is_installed(), reason="nginx is not installed"),
]
# The sandbox portal sends browsers back to this machine alone.
HOST = "localhost"
PUBLIC = f"https://{HOST}/book"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, public_url=PUBLIC, trusted_proxies=1)


class Visitor:
    """A browser whose host name leads to the proxy."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self.session = requests.Session()

    def ask(
        self, address: str, method: str = "GET", headers: dict[str, str] | None = None, **given: Any
    ) -> requests.Response:
        """Ask for an address as it stands in a page or a mail."""
        parts = urlsplit(address)
        assert parts.netloc in ("", HOST), address
        target = self._proxy.address + parts.path + (f"?{parts.query}" if parts.query else "")
        named = {"Host": HOST, "Referer": f"{PUBLIC}/"} | (headers or {})
        return self.session.request(
            *(method, target),
            headers=named,
            verify=str(self._proxy.certificate),
            allow_redirects=False,
            timeout=PATIENCE_S,
            **given,
        )

    def page(self, address: str) -> Element:
        """A page that is there."""
        answer = self.ask(address)
        assert answer.status_code == 200, (address, answer.status_code, answer.headers)
        return read_page(answer.text)

    def send(self, page: Element, action: str, **typed: str) -> str:
        """Send the form of a page that leads to an action; the address to which its answer leads on."""
        form = page.one("form", action=action)
        answer = self.ask(action, "POST", data=form.form_values() | typed)
        assert answer.status_code == 303, (action, answer.text)
        return answer.headers["Location"]


@pytest.fixture
def web(settings: Settings, sandbox: SandboxServer, mailbox: Mailbox, tmp_path: Path) -> Iterator[ServedApp]:
    assert (settings.hubspot_api_url, settings.mail_port) == (sandbox.url, mailbox.port)
    with served(settings, tmp_path) as app:
        yield app


@pytest.fixture
def visitor(web: ServedApp, tmp_path: Path) -> Iterator[Visitor]:
    (tmp_path / "nginx").mkdir()
    proxy = Proxy(tmp_path / "nginx", web.port)
    try:
        yield Visitor(proxy)
    finally:
        proxy.end()


def test_somebody_finds_everything_below_the_path(
    visitor: Visitor, administrator: User, sandbox: SandboxServer, mailbox: Mailbox
) -> None:
    log_in(visitor, administrator)
    connect(visitor, sandbox)
    walk_the_menu(visitor)
    listen(visitor)
    deliver(visitor)
    follow_a_mailed_link(visitor, administrator, mailbox)


def log_in(visitor: Visitor, user: User) -> None:
    log_in_address = visitor.ask(f"{PUBLIC}/companies").headers["Location"]
    assert log_in_address.startswith("/book/login?next=/book/companies")
    led_to = visitor.send(visitor.page(log_in_address), "/book/login", email=user.email, password=PASSWORD)
    assert led_to == "/book/companies"
    assert {(cookie.path, cookie.secure) for cookie in visitor.session.cookies} == {("/book", True)}


def connect(visitor: Visitor, sandbox: SandboxServer) -> None:
    """By way of HubSpot's page, which sends the browser back to an address that it was told."""
    page = visitor.page("/book/integrations/hubspot")
    to_hubspot = visitor.send(page, "/book/integrations/hubspot/authorization")
    assert to_hubspot.startswith(f"{sandbox.url}/oauth/authorize?")
    form = dict(parse_qsl(urlsplit(to_hubspot).query)) | {"decision": "grant"}
    assert form["redirect_uri"] == f"{PUBLIC}/integrations/hubspot/callback"
    granted = requests.post(
        to_hubspot.partition("?")[0], data=form, allow_redirects=False, timeout=PATIENCE_S
    ).headers["Location"]
    led_to = visitor.ask(granted).headers["Location"]
    assert "Portal 111222 is connected." in visitor.page(led_to).shown_text


def walk_the_menu(visitor: Visitor) -> None:
    """Open every place, and all that a browser fetches for it."""
    places = [link["href"] for link in visitor.page("/book/").one("nav", id="places").all("a")]
    assert len(places) > 4
    parts = set()
    for place in places:
        page = visitor.page(place)
        parts |= {one["src"] for tag in ("script", "img") for one in page.all(tag, src=True)}
        parts |= {one["href"] for one in page.all("link", href=True)}
    assert len(parts) > 4
    assert [(one, code) for one in parts if (code := visitor.ask(one).status_code) != 200] == []


def listen(visitor: Visitor) -> None:
    """Open a live page, whose first words come at once."""
    address = visitor.page("/book/").all(sse_connect=True)[0]["sse-connect"]
    with visitor.ask(address, stream=True) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert next(answer.iter_content(1))


def deliver(visitor: Visitor) -> None:
    """Be HubSpot, which signs the address that it was given."""
    address = f"{PUBLIC}/webhooks/hubspot"
    body = json.dumps([webhook_event("contact.propertyChange", 51, propertyName="phone")]).encode()
    sent_ms = str(int(time.time() * 1000))
    signed = signature_v3("sandbox-secret", "POST", address, body, sent_ms)
    headers = {"X-HubSpot-Signature-v3": signed, "X-HubSpot-Request-Timestamp": sent_ms}
    headers["Content-Type"] = "application/json"
    assert visitor.ask(address, "POST", data=body, headers=headers).status_code == 204


def follow_a_mailed_link(visitor: Visitor, user: User, mailbox: Mailbox) -> None:
    visitor.session.cookies.clear()
    form = visitor.page("/book/forgotten-password")
    visitor.send(form, "/book/forgotten-password", email=user.email)
    wait_until(lambda: bool(mailbox.messages), "the mail is there")
    path = mailed_links.link_in(mailbox)
    assert f"{PUBLIC}/choose-password/" in str(mailbox.messages[-1].get_body(("plain",)))
    assert visitor.page(path).has("input", type="password")
