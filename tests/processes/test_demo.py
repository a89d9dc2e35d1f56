"""`make demo`, as somebody does who types it."""

from __future__ import annotations

import contextlib
import re
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.clocks.patience import PATIENCE_S
from tests.support.pages.page import read_page
from webapp.launch.demo import EMAIL, PASSWORD

ROOT = Path(__file__).resolve().parents[2]


class Demo:
    """A running demo. `text` is what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webapp.launch", "demo", "--folder", str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.text = self._text()

    def address(self, name: str) -> str:
        found = re.search(rf"^ +{name} +(http\S+)", self.text, re.MULTILINE)
        assert found, self.text
        return found[1]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE_S)
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def _text(self) -> str:
        assert self.process.stdout
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                return "".join(lines)
        raise AssertionError("".join(lines))


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path / "instance")
    yield demo
    if demo.process.poll() is None:
        demo.stop()


def test_it_can_be_used_as_it_says_and_an_interrupt_stops_all_of_it(demo: Demo) -> None:
    """To start one takes as long as fifty other tests."""
    _leads_in_and_is_connected(demo)
    _has_records_to_pull(demo)
    _shows_mail(demo)
    _is_refused_in_the_same_folder(demo)
    if sys.platform == "linux":
        # The portal, the mailbox, the web, the workers and Redis, each with children of its own.
        assert len(processes_of(demo.folder)) > 5
    assert demo.stop() == 0
    deadline = time.monotonic() + PATIENCE_S
    while left := processes_of(demo.folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def _leads_in_and_is_connected(demo: Demo) -> None:
    address = demo.address("Twinbook")
    with requests.Session() as browser:
        page = browser.get(f"{address}/login", timeout=PATIENCE_S).text
        token = read_page(page).one("input", name="csrf_token")["value"]
        answer = browser.post(
            f"{address}/login",
            data={"email": EMAIL, "password": PASSWORD, "csrf_token": token},
            timeout=PATIENCE_S,
        )
        assert urlsplit(answer.url).path != "/login"
        integrations = browser.get(f"{address}/integrations/hubspot", timeout=PATIENCE_S).text
    assert "Pull" in integrations
    assert "Disconnect" in integrations


def _has_records_to_pull(demo: Demo) -> None:
    assert requests.get(demo.address("HubSpot"), timeout=PATIENCE_S).ok
    counts = requests.get(f"{demo.address('HubSpot')}/sandbox/counts", timeout=PATIENCE_S).json()
    assert "400" in str(counts)
    assert "2000" in str(counts)


def _shows_mail(demo: Demo) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Push <ended>", "a@example.com", "b@example.com"
    message.set_content("All of 3 records.")
    port = re.search(r"mail-port=(\d+)", Path(demo.folder / "logs" / "mailbox.log").read_text())
    assert port
    with smtplib.SMTP("127.0.0.1", int(port[1])) as server:
        server.send_message(message)
    listed = read_page(requests.get(demo.address("Mail"), timeout=PATIENCE_S).text)
    assert "Push <ended>" in listed.shown_text
    [link] = [one["href"] for one in listed.all("a") if one["href"].startswith("/messages/")]
    assert "All of 3 records." in requests.get(demo.address("Mail") + link, timeout=PATIENCE_S).text


def _is_refused_in_the_same_folder(demo: Demo) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "webapp.launch", "demo", "--folder", str(demo.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert second.returncode == 1
    assert "already running" in second.stderr


def processes_of(folder: Path) -> list[str]:
    """The command lines of the programs that were started with this instance folder."""
    mark = f"INSTANCE_PATH={folder}\0".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found
