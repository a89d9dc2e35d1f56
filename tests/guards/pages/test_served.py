"""The application as it is started in earnest: fresh interpreters that import everything themselves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from tests.support.applications.app import ROOT, program_environment
from tests.support.applications.worker_process import wait_until
from tests.support.clocks.patience import PATIENCE_S
from tests.support.servers.smtp import free_port
from webapp.settings import Settings

pytestmark = pytest.mark.one_database

_STOP_S = 30


@contextmanager
def _started(settings: Settings, folder: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *command], env=program_environment(settings), cwd=ROOT, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(_STOP_S)


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_the_application_is_served_by_programs_of_its_own(settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    serve = ("-m", "gunicorn", "-c", "gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", "webapp:create_app()")
    log = tmp_path / "log"
    with ExitStack() as stack:
        web = stack.enter_context(_started(settings, tmp_path, *serve))
        worker = stack.enter_context(_started(settings, tmp_path, "worker.py", "--workers", "1"))
        wait_until(lambda: "Listening at" in log.read_text(), "the web listens")
        # Told to stop before that, it would just end.
        wait_until(lambda: len(_children(worker.pid)) == 2, "the worker and the schedule run")
        page = requests.get(f"http://127.0.0.1:{port}/companies", timeout=PATIENCE_S)
        assert page.url.startswith(f"http://127.0.0.1:{port}/login")
        assert (web.poll(), worker.poll()) == (None, None), log.read_text()
    assert (web.returncode, worker.returncode) == (0, 0)
