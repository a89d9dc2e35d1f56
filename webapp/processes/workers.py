"""Starts the worker processes and the schedule, starts those again that end, and stops them when told to.

They are forked from a process that has imported everything, and holds no connection and no second thread: one
that ended is replaced at once, and all share the memory of what was imported.
"""

import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.context import ForkProcess

import structlog

from webapp import logs
from webapp.app import create_app, services_of
from webapp.processes.parent import die_with_parent
from webapp.processes.queue_worker import run_worker
from webapp.processes.schedule import run_schedule
from webapp.settings import Settings, load_settings
from webapp.usecases.runs.queues import NOW, QUEUES, REFRESH

_POLL_S = 0.5
# A process that ends at once, again and again, must not keep the machine busy.
_RESTART_PAUSE_S = 1.0
_STOP_S = 10.0
_TOLD_TO_STOP = (signal.SIGTERM, signal.SIGINT)

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
    running = {name: _start(name, part) for name, part in parts.items()}
    while not stop.wait(_POLL_S):
        for name, process in running.items():
            if process.exitcode is not None:
                _log.warning("process_ended", what=name, pid=process.pid, code=process.exitcode)
                time.sleep(_RESTART_PAUSE_S)
                running[name] = _start(name, parts[name])
    _stop_all(list(running.values()))


def _work(settings: Settings, queues: tuple[str, ...]) -> None:
    run_worker(queues, services_of(create_app(settings)))


def _act_on_schedule(settings: Settings) -> None:
    run_schedule(services_of(create_app(settings)), _stop_when_told())


def _stop_when_told() -> threading.Event:
    """What is set when this process is told to stop."""
    stop = threading.Event()
    for kind in _TOLD_TO_STOP:
        signal.signal(kind, lambda *_: stop.set())
    return stop


def _start(name: str, part: Callable[[], None]) -> ForkProcess:
    """Start a process; told to stop before it has its own way to, it just ends."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD_TO_STOP)
    process = ForkProcess(target=_begin, args=(part, os.getpid()), name=name)
    process.start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD_TO_STOP)
    return process


def _begin(part: Callable[[], None], parent: int) -> None:
    die_with_parent(parent)
    for kind in _TOLD_TO_STOP:
        signal.signal(kind, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD_TO_STOP)
    part()


def _stop_all(processes: list[ForkProcess]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + _STOP_S
    for process in processes:
        process.join(max(0.1, deadline - time.monotonic()))
        if process.exitcode is None:
            # What it had in hand is taken up again from its checkpoint.
            process.kill()
