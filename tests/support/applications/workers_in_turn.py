"""Workers in this process: one that waits behind a step while others work, and one that is killed behind it.

What a worker would do in further threads is done in its own, so that the same story is the same each time.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from threading import Event, Thread, current_thread
from typing import Any

import pytest
from flask import Flask, current_app

from tests.support.faults import durable_steps
from tests.support.faults.kills import PowerCutError
from webapp.usecases.pull.reading import read_ahead
from webapp.usecases.push.sending import client_pool

_PATIENCE_S = 300
"""Far longer than any worker takes to its next step, also where other programs take the whole machine."""


class _AtOnce(Executor):
    """Does each thing when it is submitted."""

    def __init__(self, max_workers: int) -> None:
        del max_workers

    def submit(self, function: Callable[..., Any], /, *args: Any, **values: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **values))
        except BaseException as error:  # noqa: BLE001 - whoever takes the result gets it, as from a thread
            future.set_exception(error)
        return future


class _WhenTaken(Executor):
    """Does each thing when its result is taken."""

    def __init__(self, max_workers: int) -> None:
        del max_workers

    def submit(self, function: Callable[..., Any], /, *args: Any, **values: Any) -> Future[Any]:
        return _Deferred(lambda: function(*args, **values))


class _Deferred(Future[Any]):
    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work

    def result(self, timeout: float | None = None) -> Any:
        del timeout
        return self._work()


def without_threads(patch: pytest.MonkeyPatch) -> None:
    """Let every worker do everything in one thread."""
    patch.setattr(client_pool, "ThreadPoolExecutor", _AtOnce)
    patch.setattr(read_ahead, "ThreadPoolExecutor", _WhenTaken)


class _Waiting:
    """A worker in a thread, which waits behind a step of its own."""

    def __init__(self, work: Callable[[], object], number: int) -> None:
        self.has_stopped = Event()
        self._is_released = Event()
        self._left = number
        self._work = work
        self._error: BaseException | None = None
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self._thread = Thread(target=self._run, args=(app,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def reach(self, _: str) -> None:
        """Count a step of this worker's, and wait behind the last of them."""
        if current_thread() is self._thread:
            self._left -= 1
            if self._left == 0:
                self.has_stopped.set()
                assert self._is_released.wait(_PATIENCE_S), "nobody released the worker"

    @property
    def waits(self) -> bool:
        return self._left <= 0

    def go_on_to_the_end(self) -> None:
        self._is_released.set()
        self._thread.join(_PATIENCE_S)
        assert not self._thread.is_alive(), f"the worker does not come to an end; it is at\n{self.place()}"
        if self._error is not None:
            raise self._error

    def place(self) -> str:
        """Where the worker's thread is right now, innermost call last."""
        frame = sys._current_frames().get(self._thread.ident or 0)
        return "".join(traceback.format_stack(frame)) if frame is not None else "its end"

    def _run(self, app: Flask) -> None:
        try:
            with app.app_context():
                self._work()
        except BaseException as error:  # noqa: BLE001 - raised where the worker is waited for
            self._error = error
        finally:
            self.has_stopped.set()


@contextmanager
def waiting_behind(work: Callable[[], object], number: int) -> Iterator[bool]:
    """Have a worker wait behind its `number`-th commit or answer of HubSpot's until the end of the block.

    Yields whether it got so far; otherwise it has ended.
    """
    worker = _Waiting(work, number)
    with pytest.MonkeyPatch.context() as patch:
        durable_steps.install(durable_steps.Hooks(worker.reach, has_reads=True), patch.setattr)
        worker.start()
        assert worker.has_stopped.wait(_PATIENCE_S), f"the worker neither waits nor ends\n{worker.place()}"
        try:
            yield worker.waits
        finally:
            worker.go_on_to_the_end()


@contextmanager
def killed_behind(number: int) -> Iterator[None]:
    """Kill the worker of the block behind its `number`-th durable step: nothing more becomes durable."""
    left = number

    def ahead() -> None:
        if left <= 0:
            raise PowerCutError

    def reach(_: str) -> None:
        nonlocal left
        left -= 1
        ahead()

    with pytest.MonkeyPatch.context() as patch:
        durable_steps.install(durable_steps.Hooks(reach, ahead), patch.setattr)
        yield
