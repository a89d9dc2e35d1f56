"""nginx as docs/deploy/nginx.conf sets it up, on ports of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import requests

from tests.support.applications.app import ROOT
from tests.support.clocks.patience import PATIENCE_S
from tests.support.servers.certificates import self_signed
from tests.support.servers.smtp import free_port

HOST = "book.example.com"


def is_installed() -> bool:
    """Whether there is one to run."""
    return shutil.which("nginx") is not None


class Proxy:
    """nginx with the example's site, before an application that may go away.

    Args:
        folder: for its files.
        behind: the port of the application.

    Attributes:
        certificate: by which it is known at `address`, the https:// of its site.
    """

    def __init__(self, folder: Path, behind: int) -> None:
        self._folder = folder
        self._behind = behind
        self._plain, self._secret = free_port(), free_port()
        self.address = f"https://127.0.0.1:{self._secret}"
        self.certificate = self_signed(folder).file
        command = ["nginx", "-p", str(folder), "-c", str(self._configuration()), "-g", "daemon off;"]
        self._program = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self._await_answer()

    def get(
        self, address: str, headers: dict[str, str] | None = None, *, is_plain: bool = False
    ) -> requests.Response:
        """Ask for an address of the site."""
        start = f"http://127.0.0.1:{self._plain}" if is_plain else self.address
        return requests.get(
            start + address,
            headers={"Host": HOST} | (headers or {}),
            verify=str(self.certificate),
            allow_redirects=False,
            timeout=PATIENCE_S,
        )

    def logs(self) -> str:
        """Both logs."""
        return "".join((self._folder / name).read_text() for name in ("access.log", "error.log"))

    def end(self) -> None:
        """End it."""
        self._program.terminate()
        self._program.wait()

    def _configuration(self) -> Path:
        folder = self._folder
        site = (ROOT / "docs" / "deploy" / "nginx.conf").read_text()
        site = re.sub(r"listen \[::\].*\n", "", site)
        for before, after in (
            ("listen 80;", f"listen 127.0.0.1:{self._plain};"),
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{self._secret} ssl;"),
            ("/var/log/nginx/access.log", f"{folder}/access.log"),
            ("127.0.0.1:8000", f"127.0.0.1:{self._behind}"),
            ("root /var/www/html;", f"root {folder}/challenges;"),
            ("/etc/letsencrypt/live/book.example.com/fullchain.pem", str(self.certificate)),
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
                socket.create_connection(("127.0.0.1", self._secret), PATIENCE_S).close()
            except ConnectionRefusedError:
                assert self._program.poll() is None, "nginx has ended"
                assert time.monotonic() < deadline
                time.sleep(0.02)
            else:
                return
