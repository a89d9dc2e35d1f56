"""What nginx, set up by the example, hands on of a request, and what its logs keep of one."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from tests.support.applications.app import ROOT
from tests.support.clocks.patience import PATIENCE_S
from tests.support.servers.certificates import self_signed
from tests.support.servers.smtp import free_port

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


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


class Proxy:
    """nginx with the example's site on ports of its own, before an application that may go away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.application = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        self._serves = threading.Thread(target=self.application.serve_forever, args=[0.01])
        self._serves.start()
        self.plain, self.secret = free_port(), free_port()
        self._certificate = self_signed(folder).file
        command = ["nginx", "-p", str(folder), "-c", str(self._configuration()), "-g", "daemon off;"]
        self._program = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self._await_answer()

    def get(
        self, address: str, headers: dict[str, str] | None = None, *, is_plain: bool = False
    ) -> requests.Response:
        """Ask for an address of the site."""
        start = f"http://127.0.0.1:{self.plain}" if is_plain else f"https://127.0.0.1:{self.secret}"
        return requests.get(
            start + address,
            headers={"Host": "book.example.com"} | (headers or {}),
            verify=str(self._certificate),
            allow_redirects=False,
            timeout=PATIENCE_S,
        )

    def logs(self) -> str:
        """Both logs."""
        return "".join((self._folder / name).read_text() for name in ("access.log", "error.log"))

    def lose_the_application(self) -> None:
        """Nobody listens behind it any more."""
        self.application.shutdown()
        self._serves.join()
        self.application.server_close()

    def end(self) -> None:
        """End both."""
        self._program.terminate()
        self._program.wait()
        if self._serves.is_alive():
            self.lose_the_application()

    def _configuration(self) -> Path:
        folder = self._folder
        site = (ROOT / "docs" / "deploy" / "nginx.conf").read_text()
        site = re.sub(r"listen \[::\].*\n", "", site)
        for before, after in (
            ("listen 80;", f"listen 127.0.0.1:{self.plain};"),
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{self.secret} ssl;"),
            ("127.0.0.1:8000", f"127.0.0.1:{self.application.server_port}"),
            ("/etc/letsencrypt/live/book.example.com/fullchain.pem", str(self._certificate)),
            ("/etc/letsencrypt/live/book.example.com/privkey.pem", str(folder / "key.pem")),
        ):
            assert before in site, before
            site = site.replace(before, after)
        (folder / "site.conf").write_text(site)
        owner = "user root;" if os.getuid() == 0 else ""
        folders = "".join(
            f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        whole = folder / "nginx.conf"
        whole.write_text(
            f"{owner} pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}"
            f" http {{ access_log {folder}/access.log; {folders} include {folder}/site.conf; }}"
        )
        return whole

    def _await_answer(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.secret), PATIENCE_S).close()
            except ConnectionRefusedError:
                assert self._program.poll() is None, "nginx has ended"
                assert time.monotonic() < deadline
                time.sleep(0.02)
            else:
                return


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    found = Proxy(tmp_path)
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


def test_neither_log_ever_holds_a_mailed_link(proxy: Proxy) -> None:
    """Whoever reads them could use it."""
    link = "/choose-password/the-token"
    assert proxy.get(link).status_code == 200
    assert proxy.get(link, is_plain=True).status_code == 301
    proxy.lose_the_application()
    assert proxy.get(link).status_code == 502
    # Too many at once are refused, of which the log of errors tells as well.
    assert 429 in (proxy.get(link).status_code for _ in range(500))
    # What is no secret is in both, by which one sees that they are kept.
    assert proxy.get("/companies").status_code == 502
    logs = proxy.logs()
    assert logs.count("/companies") >= 2
    assert "the-token" not in logs


def test_it_leads_to_its_own_name_whatever_the_caller_calls_it(proxy: Proxy) -> None:
    answer = proxy.get("/companies?q=a", {"Host": "evil.example"}, is_plain=True)
    assert answer.headers["Location"] == "https://book.example.com/companies?q=a"
