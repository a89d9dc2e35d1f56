"""Programs that belong together start, come back and end together."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.clocks.patience import PATIENCE_S
from webapp.launch.programs import LaunchError, Programs
from webapp.processes import supervisor as launched

ROOT = Path(__file__).resolve().parents[2]
# Says that it lives, and would live for long.
LIVING = "import os, sys, time; print(os.getpid(), flush=True); time.sleep(600)"


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Programs]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with Programs(dict(os.environ), tmp_path, tmp_path) as supervisor:
        yield supervisor
    for number, handler in kept.items():
        signal.signal(number, handler)


def until(question: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not question():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A child that ended but was not yet waited for does not live either.
    return b") Z " not in Path(f"/proc/{pid}/stat").read_bytes()


def test_a_program_that_dies_is_started_again(supervisor: Programs, tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    supervisor.start("part", sys.executable, "-c", LIVING)
    until(lambda: len(pids(log)) == 1, "it starts")
    os.kill(pids(log)[0], signal.SIGKILL)

    def came_back() -> bool:
        supervisor.check()
        return len(pids(log)) == 2

    until(came_back, "it comes back")


def test_a_program_that_dies_again_and_again_ends_everything(supervisor: Programs) -> None:
    supervisor.start("part", sys.executable, "-c", "raise SystemExit(3)")

    def watched() -> None:
        while True:
            supervisor.check()

    with pytest.raises(LaunchError, match=r"part ends again and again \(exit 3\)"):
        watched()


def test_everything_ends_with_the_supervisor(supervisor: Programs, tmp_path: Path) -> None:
    for name in ("one", "two"):
        supervisor.start(name, sys.executable, "-c", LIVING)
    logs = [tmp_path / "one.log", tmp_path / "two.log"]
    until(lambda: all(pids(log) for log in logs), "both start")
    supervisor.stop()
    assert not any(lives(pid) for log in logs for pid in pids(log))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent has died")
def test_everything_ends_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = f"""
import os, sys
from pathlib import Path
from webapp.launch.programs import Programs
supervisor = Programs(dict(os.environ), Path({str(tmp_path)!r}), Path({str(tmp_path)!r}))
supervisor.start("part", sys.executable, "-c", {LIVING!r})
supervisor.watch()
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    log = tmp_path / "part.log"
    until(lambda: pids(log), "it starts")
    parent.kill()
    parent.wait()
    until(lambda: not lives(pids(log)[0]), "it ends")


def test_a_program_comes_back_though_the_terminal_is_full(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from webapp.launch.programs import Programs
log = Path({str(tmp_path)!r}) / "part.log"
started = lambda: log.read_text().split() if log.exists() else []
with Programs(dict(os.environ), log.parent, log.parent) as supervisor:
    supervisor.start("part", sys.executable, "-c", {LIVING!r})
    while not started():
        time.sleep(0.02)
    os.kill(int(started()[0]), 9)
    while len(started()) < 2:
        supervisor.check()
        time.sleep(0.02)
    # Without a flush at the end, which a full disk fails as well.
    supervisor.stop()
    os._exit(0)
"""
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, stdout=full, stderr=full, check=False, timeout=PATIENCE_S
        )
    assert (ended.returncode, len(pids(tmp_path / "part.log"))) == (0, 2)


def test_a_program_comes_back_though_its_log_cannot_be_opened(
    supervisor: Programs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = tmp_path / "starts"
    living = f"import time; open({str(mark)!r}, 'a').write('.'); time.sleep(600)"
    log = tmp_path / "part.log"
    log.mkdir()
    supervisor.start("part", sys.executable, "-c", living)
    until(lambda: mark.exists() and mark.stat().st_size == 1, "it starts")
    assert "part runs without a log: Is a directory." in capsys.readouterr().err


def test_a_program_is_tried_again_while_the_system_has_no_process_to_spare(
    supervisor: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "part.log"
    supervisor.start("part", sys.executable, "-c", LIVING)
    until(lambda: len(pids(log)) == 1, "it starts")
    monkeypatch.setattr(launched, "RETRY_S", 0.0)
    tries: list[int] = []

    def exhausted(*_: object, **__: object) -> None:
        tries.append(1)
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    with monkeypatch.context() as busy:
        busy.setattr(subprocess, "Popen", exhausted)
        os.kill(pids(log)[0], signal.SIGKILL)

        def was_tried() -> bool:
            supervisor.check()
            return len(tries) >= 10

        until(was_tried, "it is tried again and again, and none of that counts as a death")

    def came_back() -> bool:
        supervisor.check()
        return len(pids(log)) == 2

    until(came_back, "it comes back")


def test_what_cannot_be_started_at_all_is_said(supervisor: Programs) -> None:
    with pytest.raises(LaunchError, match=r"part does not start: No such file or directory\."):
        supervisor.start("part", "/no/such/program")


def test_what_a_failed_command_said_is_told(supervisor: Programs) -> None:
    with pytest.raises(LaunchError, match="no such luck"):
        supervisor.run(sys.executable, "-c", "raise SystemExit('no such luck')")
