"""What nginx, set up by the example, hands on of a request, and what its logs keep of one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.servers import nginx
from tests.support.servers.nginx import Proxy

pytestmark = pytest.mark.skipif(not nginx.is_installed(), reason="nginx is not installed")


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it was sent."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class Application:
    """One that only echoes, and may go away."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        self.port = self._server.server_port
        self._serves = threading.Thread(target=self._server.serve_forever, args=[0.01])
        self._serves.start()

    def end(self) -> None:
        """Let nobody listen any more."""
        if self._serves.is_alive():
            self._server.shutdown()
            self._serves.join()
            self._server.server_close()


@pytest.fixture
def application() -> Iterator[Application]:
    found = Application()
    try:
        yield found
    finally:
        found.end()


@pytest.fixture
def proxy(tmp_path: Path, application: Application) -> Iterator[Proxy]:
    found = Proxy(tmp_path, application.port)
    try:
        yield found
    finally:
        found.end()


def test_the_application_is_told_who_asks_by_the_proxy_and_by_nobody_else(proxy: Proxy) -> None:
    forged = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=6.6.6.6;host=evil.example",
    }
    heard = proxy.get("/companies", forged).json()
    seen = {name: heard.get(name) for name in ("Host", "X-Forwarded-Host", "X-Forwarded-For")}
    assert seen == {
        "Host": "book.example.com",
        "X-Forwarded-Host": "book.example.com",
        "X-Forwarded-For": "127.0.0.1",
    }
    assert heard["X-Forwarded-Proto"] == "https"
    assert [name for name, value in heard.items() if "evil" in value or "6.6.6.6" in value] == []


def test_neither_log_ever_holds_a_mailed_link(proxy: Proxy, application: Application) -> None:
    """Whoever reads them could use it."""
    link = "/choose-password/the-token"
    assert proxy.get(link).status_code == 200
    assert proxy.get(link, is_plain=True).status_code == 301
    application.end()
    assert proxy.get(link).status_code == 502
    # Too many at once are refused, of which the log of errors tells as well.
    assert 429 in (proxy.get(link).status_code for _ in range(500))
    # What is no secret is in both, by which one sees that they are kept.
    assert proxy.get("/companies").status_code == 502
    logs = proxy.logs()
    assert logs.count("/companies") >= 2
    assert "the-token" not in logs


def test_the_log_of_requests_holds_no_query(proxy: Proxy) -> None:
    """Names are looked for in them, and the code that HubSpot sends comes in one."""
    came_from = {"Referer": "https://book.example.com/contacts?q=Eve+Miller"}
    assert proxy.get("/contacts?q=Eve+Miller", came_from).status_code == 200
    assert proxy.get("/integrations/hubspot/callback?code=the-code&state=1", came_from).status_code == 200
    logs = proxy.logs()
    assert '"GET /contacts HTTP/1.1" 200' in logs
    assert [one for one in ("Miller", "the-code") if one in logs] == []


def test_it_leads_to_its_own_name_whatever_the_caller_calls_it(proxy: Proxy) -> None:
    answer = proxy.get("/companies?q=a", {"Host": "evil.example"}, is_plain=True)
    assert answer.headers["Location"] == "https://book.example.com/companies?q=a"


def test_a_certificate_can_be_renewed_while_it_runs(proxy: Proxy, tmp_path: Path) -> None:
    """The authority asks without encryption, and is told only what stands there."""
    challenges = tmp_path / "challenges" / ".well-known" / "acme-challenge"
    challenges.mkdir(parents=True)
    (challenges / "abc").write_text("proof")
    found = proxy.get("/.well-known/acme-challenge/abc", is_plain=True)
    assert (found.status_code, found.text) == (200, "proof")
    assert proxy.get("/.well-known/acme-challenge/", is_plain=True).status_code == 403
    assert proxy.get("/.well-known/acme-challenge/other", is_plain=True).status_code == 404
    assert proxy.get("/.well-known/other", is_plain=True).status_code == 301
