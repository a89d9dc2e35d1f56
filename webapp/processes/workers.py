"""Starts the worker processes and the schedule, starts those again that end, and stops them when told to.

They are forked from a process that has imported everything, and holds no connection and no second thread: one
that ended is replaced at once, and all share the memory of what was imported. The supervisor itself outlives
a full disk and a system that has no process to spare: nobody would start it again.
"""

import gc
import signal
import threading
import time
from collections.abc import Callable
from functools import partial

import structlog

from webapp import logs
from webapp.app import create_app, services_of
from webapp.processes.child import STOP_SIGNALS, Child
from webapp.processes.queue_worker import run_worker
from webapp.processes.schedule import run_schedule
from webapp.settings import Settings, load_settings
from webapp.usecases.runs.queues import NOW, QUEUES, REFRESH

_POLL_S = 0.5
# A process that ends at once, again and again, must not keep the machine busy.
_RESTART_PAUSE_S = 1.0
_STOP_S = 10.0

_log = structlog.get_logger()


def queues_of(number: int, workers: int) -> tuple[str, ...]:
    """The queues of a worker; where there are several, the first stays free of bulk work."""
    return (NOW, REFRESH) if workers > 1 and number == 0 else QUEUES


def supervise(workers: int) -> None:
    """Keep the schedule and this many workers going, until SIGTERM or SIGINT.

    Raises:
        SettingsError: a setting does not fit.
    """
    settings = load_settings()
    logs.configure(settings)
    stop = _stop_when_told()
    # What was imported stays for good: left alone by the collector, it stays shared as well.
    gc.freeze()
    parts: dict[str, Callable[[], None]] = {"schedule": partial(_act_on_schedule, settings)}
    for number in range(workers):
        parts[f"worker {number + 1}"] = partial(_work, settings, queues_of(number, workers))
    keep_running(parts, stop)


def keep_running(parts: dict[str, Callable[[], None]], stop: threading.Event) -> None:
    """Run each part in a process of its own, and again whenever it ends or could not be started."""
    running = {name: _start(name, part) for name, part in parts.items()}
    while not stop.wait(_POLL_S):
        ended = [name for name, child in running.items() if _has_ended(name, child)]
        if ended and not stop.wait(_RESTART_PAUSE_S):
            running |= {name: _start(name, parts[name]) for name in ended}
    _stop_all([child for child in running.values() if child])


def _work(settings: Settings, queues: tuple[str, ...]) -> None:
    run_worker(queues, services_of(create_app(settings)))


def _act_on_schedule(settings: Settings) -> None:
    run_schedule(services_of(create_app(settings)), _stop_when_told())


def _stop_when_told() -> threading.Event:
    """What is set when this process is told to stop."""
    stop = threading.Event()
    for kind in STOP_SIGNALS:
        signal.signal(kind, lambda *_: stop.set())
    return stop


def _start(name: str, part: Callable[[], None]) -> Child | None:
    """Start a part; None where the system has no process to spare just now."""
    try:
        return Child(name, part)
    except OSError as error:
        _log.warning("process_not_started", what=name, error=error.strerror)
        return None


def _has_ended(name: str, child: Child | None) -> bool:
    """Whether a part has to be started, which is logged where it had been running."""
    if child is None:
        return True
    code = child.exit_code()
    if code is not None:
        _log.warning("process_ended", what=name, pid=child.pid, code=code)
    return code is not None


def _stop_all(children: list[Child]) -> None:
    for child in children:
        child.send(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_S
    for child in children:
        if not child.has_ended_by(deadline):
            # What it had in hand is taken up again from its checkpoint.
            child.send(signal.SIGKILL)
