"""Starts the worker processes and the schedule, starts those again that end, and stops them at a signal.

They are forked from a process that has imported everything, and holds no connection and no second thread: one
that ended is replaced at once, and all share the memory of what was imported. The supervisor itself outlives
a full disk and a system that has no process to spare: nobody would start it again.
"""

import gc
import signal
import threading
from collections.abc import Callable
from functools import partial

import structlog

from webapp.app import create_app, refuse_unfit, services_of
from webapp.installation.doubtful_settings import load_for_start
from webapp.processes.forked import STOP_SIGNALS, ForkedProcess
from webapp.processes.queue_worker import run_worker
from webapp.processes.schedule import run_schedule
from webapp.processes.supervisor import Policy, Supervisor
from webapp.settings import Settings
from webapp.usecases.runs.queues import NOW, QUEUES, REFRESH

POLL_S = 0.5
"""The pause between two looks at what has ended."""
RESTART_PAUSE_S = 1.0
"""A process that ends at once, again and again, must not keep the machine busy."""

_log = structlog.get_logger()


def queues_of(number: int, workers: int) -> tuple[str, ...]:
    """The queues of a worker; where there are several, the first stays free of bulk work."""
    return (NOW, REFRESH) if workers > 1 and number == 0 else QUEUES


def supervise(workers: int) -> None:
    """Keep the schedule and this many workers going, until SIGTERM or SIGINT.

    Raises:
        SettingsError: a setting does not fit.
    """
    settings = load_for_start(warns=True)
    refuse_unfit(settings)
    stop = _stop_on_signal()
    # Imported modules stay for good; frozen for the collector, their memory stays shared.
    gc.freeze()
    parts: dict[str, Callable[[], None]] = {"schedule": partial(_act_on_schedule, settings)}
    for number in range(workers):
        parts[f"worker {number + 1}"] = partial(_work, settings, queues_of(number, workers))
    keep_running(parts, stop)


def keep_running(parts: dict[str, Callable[[], None]], stop: threading.Event) -> None:
    """Run each part in a process of its own, and again whenever it ends or could not be started."""
    supervisor = Supervisor(Policy(RESTART_PAUSE_S, _log_end, _log_failed_start))
    for name, part in parts.items():
        supervisor.add(name, partial(ForkedProcess, name, part))
    while not stop.wait(POLL_S):
        supervisor.check()
    supervisor.stop()


def _work(settings: Settings, queues: tuple[str, ...]) -> None:
    run_worker(queues, services_of(create_app(settings)))


def _act_on_schedule(settings: Settings) -> None:
    run_schedule(services_of(create_app(settings)), _stop_on_signal())


def _stop_on_signal() -> threading.Event:
    """An event that a signal to stop sets."""
    stop = threading.Event()
    for kind in STOP_SIGNALS:
        signal.signal(kind, lambda *_: stop.set())
    return stop


def _log_end(name: str, pid: int, code: int) -> None:
    _log.warning("process_ended", what=name, pid=pid, code=code)


def _log_failed_start(name: str, error: OSError) -> None:
    _log.warning("process_not_started", what=name, error=error.strerror)
