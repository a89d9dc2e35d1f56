"""The release before, 0.1.0, as it was: its own programs, unpacked from the history beside this version.

Its libraries are those of this version. Only `limits`, which it counts log-ins with, is none of them any
more: a stand-in lets everybody try.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from tests.support.applications.app import ROOT
from tests.support.clocks.patience import PATIENCE_S
from tests.support.servers.smtp import free_port

COMMIT = "ba051203c0b5534762907bdd485d4f95d98f6993"
"""That of the release."""

_STOP_S = 30.0
_PARTS = ("webapp", "templates", "static", "worker.py", "gunicorn.conf.py")
_LIMITS = {
    "__init__": """
class RateLimitItem:
    pass

def parse(text):
    return RateLimitItem()
""",
    "storage": """
class MemoryStorage:
    def __init__(self, *given, **named):
        pass

RedisStorage = MemoryStorage
""",
    "strategies": """
class MovingWindowRateLimiter:
    def __init__(self, storage):
        pass

    def hit(self, *given):
        return True

    def clear(self, *given):
        pass
""",
}


def is_at_hand() -> bool:
    """Whether the history here reaches back to the release: not that of a shallow clone or of an archive."""
    try:
        command = ("git", "cat-file", "-e", f"{COMMIT}^{{commit}}")
        return subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def unpacked(folder: Path) -> Path:
    """The program of the release, unpacked into a new folder."""
    folder.mkdir()
    packed = folder.with_suffix(".tar")
    subprocess.run(("git", "archive", f"--output={packed}", COMMIT, *_PARTS), cwd=ROOT, check=True)
    subprocess.run(("tar", "xf", packed), cwd=folder, check=True)
    (folder / "limits").mkdir()
    for name, text in _LIMITS.items():
        (folder / "limits" / f"{name}.py").write_text(text)
    return folder


class Running:
    """A program at work.

    Args:
        command: What it is called with.
        program: The folder of its version.
        environment: All of its environment.
        log: To what its output is added.
    """

    def __init__(
        self, *command: str, program: Path, environment: Mapping[str, str], log: Path, port: int = 0
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                (sys.executable, *command), cwd=program, env=dict(environment), stdout=output, stderr=output
            )
        self._log = log

    def await_answer(self) -> None:
        """Wait until its pages are served.

        Raises:
            AssertionError: they are not.
        """
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                return requests.get(f"{self.url}/healthz", timeout=PATIENCE_S).raise_for_status()
            except requests.ConnectionError:
                time.sleep(0.05)
        raise AssertionError(self._log.read_text(errors="replace"))

    def exit_code(self) -> int:
        """What it ends with, once it has."""
        return self._process.wait(PATIENCE_S)

    def end(self) -> None:
        """Tell it to end, as a unit is stopped, and wait until it has."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Version:
    """One of the two versions, with the programs that an operator calls.

    Args:
        program: Its folder.
        environment: What its programs get.
        folder: For their logs.
    """

    def __init__(self, program: Path, environment: Mapping[str, str], folder: Path) -> None:
        self.program = program
        self._environment = dict(environment) | {"PYTHONPATH": str(program)}
        self._folder = folder

    def flask(self, *arguments: str, typed: str = "") -> str:
        """Call a command; what it prints.

        Raises:
            AssertionError: it fails.
        """
        ended = subprocess.run(
            (sys.executable, "-m", "flask", "--app", "webapp", *arguments),
            cwd=self.program,
            env=self._environment,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, (arguments, ended.stdout, ended.stderr)
        return ended.stdout

    def begin(self, *arguments: str) -> Running:
        """Call a command, and go on meanwhile."""
        return self._running("-m", "flask", "--app", "webapp", *arguments, name="command")

    def web(self) -> Running:
        """Begin to serve pages."""
        port = free_port()
        gunicorn = ("-m", "gunicorn", "-c", "gunicorn.conf.py", "--workers", "1", "--threads", "16")
        return self._running(
            *(*gunicorn, "--bind", f"127.0.0.1:{port}", "webapp:create_app()"), name="web", port=port
        )

    def worker(self) -> Running:
        """Begin to work off the queues and to act on the schedule: one worker is for bulk work."""
        return self._running("worker.py", "--workers", "2", name="worker")

    def _running(self, *command: str, name: str, port: int = 0) -> Running:
        log = self._folder / f"{name}-{self.program.name}.log"
        return Running(*command, program=self.program, environment=self._environment, log=log, port=port)
