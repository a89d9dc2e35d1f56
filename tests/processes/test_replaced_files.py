"""While an upgrade puts the files of the next version in place, the one that is at work answers as before."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from flask import Flask

from tests.support.applications.app import MARKED, ROOT, program_environment
from tests.support.clocks.patience import PATIENCE_S
from tests.support.pages.page import read_page
from tests.support.pages.pages import MISSING, PAGES
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from tests.support.samples.users import PASSWORD
from tests.support.servers.smtp import free_port
from webapp.models import User
from webapp.settings import Settings

pytestmark = [pytest.mark.long, pytest.mark.one_database]

_FOLDERS = ("webapp", "templates", "static", "docs")
_OF_THE_NEXT = "{{ of_the_next_version() }}"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The folder of a program of its own."""
    folder = tmp_path / "program"
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "gunicorn.conf.py", folder)
    return folder


@contextmanager
def web_of(program: Path, settings: Settings) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Its web, with one process, and the address of that."""
    port = free_port()
    environment = program_environment(settings) | {"PYTHONPATH": os.pathsep.join([str(MARKED), str(program)])}
    command = ("-m", "gunicorn", "-c", "gunicorn.conf.py", "--workers", "1", "--bind", f"127.0.0.1:{port}")
    with (program / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [sys.executable, *command, "webapp:create_app()"],
            cwd=program,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        yield web, f"http://127.0.0.1:{port}"
    finally:
        web.terminate()
        web.wait(PATIENCE_S)


def put_the_next_in_place(program: Path) -> None:
    """As a version does in which everything is called otherwise."""
    for path in (program / "templates").rglob("*.*"):
        path.write_text(_OF_THE_NEXT)
    for path in (program / "webapp").rglob("*.py"):
        path.unlink()
    shutil.rmtree(program / "static")


def await_answer(url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            return requests.get(f"{url}/healthz", timeout=PATIENCE_S).raise_for_status()
        except requests.RequestException:
            time.sleep(0.05)
    raise AssertionError("it does not answer")


def log_in(session: requests.Session, url: str, user: User) -> None:
    form = read_page(session.get(f"{url}/login", timeout=PATIENCE_S).text).one("form", action="/login")
    typed = {"email": user.email, "password": PASSWORD}
    session.post(f"{url}/login", data=form.form_values() | typed, timeout=PATIENCE_S).raise_for_status()


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(number) for number in text.split()]


def answers(session: requests.Session, url: str) -> dict[str, int]:
    """The pages that do not answer as they should."""
    found = {
        path: session.get(f"{url}{path}", timeout=PATIENCE_S, stream=True).status_code
        for path in PAGES
        if not path.endswith("/stream")
    }
    return {path: code for path, code in found.items() if code != (404 if path in MISSING else 200)}


def test_every_page_is_answered_as_before_and_by_a_process_that_begins_then_too(
    program: Path, settings: Settings, app: Flask, administrator: User
) -> None:
    with app.app_context():
        fill(make_connection().id, administrator.id)
    with web_of(program, settings) as (web, url), requests.Session() as session:
        await_answer(url)
        log_in(session, url, administrator)
        put_the_next_in_place(program)
        assert answers(session, url) == {}
        assert "/style.css" in session.get(f"{url}/companies", timeout=PATIENCE_S).text
        assert requests.get(f"{url}/readyz", timeout=PATIENCE_S).json()["database"] == "up"
        [first] = children(web.pid)
        os.kill(first, signal.SIGKILL)
        await_answer(url)
        assert answers(session, url) == {}
        assert requests.get(f"{url}/readyz", timeout=PATIENCE_S).json()["database"] == "up"
