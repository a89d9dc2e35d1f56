"""Starts the worker processes, starts those again that end, and stops them all when told to."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import structlog

from webapp import create_app
from webapp.sync.queues import NOW, QUEUES, REFRESH
from webapp.work.schedule import run_schedule

_ROOT = Path(__file__).parent.parent.parent
_POLL_S = 0.5
# A worker that ends at once, again and again, must not keep the machine busy.
_RESTART_PAUSE_S = 1.0
_STOP_S = 10.0

_log = structlog.get_logger()


def queues_of(number: int, workers: int) -> tuple[str, ...]:
    """The queues of a worker; where there are several, the first stays free of bulk work."""
    return (NOW, REFRESH) if workers > 1 and number == 0 else QUEUES


def supervise(workers: int) -> None:
    """Keep this many workers going, and act on the schedule, until SIGTERM or SIGINT."""
    stop = threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: stop.set())
    schedule = threading.Thread(target=run_schedule, args=(create_app(), stop), daemon=True)
    schedule.start()
    children = {number: _start(queues_of(number, workers)) for number in range(workers)}
    while not stop.wait(_POLL_S):
        for number, child in children.items():
            if child.poll() is not None:
                _log.warning("worker_ended", pid=child.pid, code=child.returncode)
                time.sleep(_RESTART_PAUSE_S)
                children[number] = _start(queues_of(number, workers))
    _stop_all(list(children.values()))
    schedule.join(timeout=_STOP_S)


def _start(queues: tuple[str, ...]) -> subprocess.Popen[bytes]:
    program = [sys.executable, str(_ROOT / "worker.py"), "--queues", ",".join(queues)]
    return subprocess.Popen(program)


def _stop_all(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + _STOP_S
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            # What it had in hand is taken up again from its checkpoint.
            child.kill()
