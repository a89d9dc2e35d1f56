"""The durable steps of a worker process: recorded, and where the process may be killed.

The worker that `tests.chaos.beds.worker` starts has the hooks of `tests.support.faults.durable_steps`. Its
orders are files in a folder: `kill` and `hold` name a step and how many times it passes first, `stop` a
call likewise, `skew` the seconds by which its clock is off, `readers` how many readers share a list.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tests.support.faults import durable_steps
from webapp.hubspot.http.transport import Call, Transport
from webapp.store.database.transactions import Database

FOLDER = "CHAOS_FOLDER"
"""The environment variable that names the folder of the orders."""

_LONGEST_HOLD_S = 20.0
"""So long a process waits at a step at most, whoever forgot it."""
_POLL_S = 0.01
_WRITING = threading.RLock()
"""Held by the thread of a worker process that writes, or stops it."""


class Orders:
    """The folder through which a bed speaks with its workers.

    Args:
        folder: An existing folder.
    """

    def __init__(self, folder: Path) -> None:
        self._steps = folder / "steps"
        self._kill = folder / "kill"
        self._done = folder / "killed"
        self._skew = folder / "skew"
        self._readers = folder / "readers"
        self._hold = folder / "hold"
        self._held = folder / "held"
        self._stop = folder / "stop"
        self._stopped = folder / "stopped"
        self._calls = folder / "calls"

    def clear(self) -> None:
        """Order nothing, and forget what was recorded."""
        orders = (self._kill, self._skew, self._readers, self._hold, self._stop)
        for path in (*orders, self._steps, self._calls, self._done, self._held, self._stopped):
            path.unlink(missing_ok=True)

    def kill_at(self, step: str, passing: int = 0) -> None:
        """Have a worker killed when it reaches a step after `passing` earlier passes."""
        self._kill.write_text(f"{passing}\n{step}")

    def was_killed(self) -> bool:
        """Whether a worker has been killed since the order was given."""
        return self._done.exists()

    def hold_at(self, step: str, passing: int = 0) -> None:
        """Have a process wait when it reaches a step after `passing` earlier passes, until it is let go."""
        self._hold.write_text(f"{passing}\n{step}")

    def is_held(self) -> bool:
        """Whether a process waits there."""
        return self._held.exists()

    def let_go(self) -> None:
        """Let it go on; none waits there any more."""
        self._hold.unlink(missing_ok=True)
        self._held.unlink(missing_ok=True)

    def stop_ahead_of(self, call: str, passing: int = 0) -> None:
        """Have a worker stopped between its look at the fence and a call, after `passing` earlier ones."""
        self._stop.write_text(f"{passing}\n{call}")

    def stopped(self) -> int | None:
        """The number of the process that was stopped."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(self._stopped.read_text())
        return None

    def set_skew(self, seconds: float) -> None:
        """Set the difference in seconds between the workers' clocks and the real time."""
        self._skew.write_text(str(seconds))

    def set_readers(self, count: int) -> None:
        """Have so many readers share each list, as of a large portal that is far away."""
        self._readers.write_text(str(count))

    def readers(self) -> int:
        """How many share a list."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(self._readers.read_text())
        return 1

    def passed(self) -> list[str]:
        """The steps that were recorded, in their order, those of several workers mixed."""
        return self._steps.read_text().splitlines() if self._steps.exists() else []

    def skew_s(self) -> float:
        """By how much clocks are off."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return float(self._skew.read_text())
        return 0.0

    def reach(self, step: str) -> None:
        """Record a step that has just become durable, and end the process where that was ordered."""
        with self._steps.open("a") as file:
            file.write(f"{step}\n")
        if self._takes(self._kill, self._done, step, self._steps):
            os.kill(os.getpid(), signal.SIGKILL)
        if self._takes(self._hold, self._held, step, self._steps):
            ends_at_s = time.monotonic() + _LONGEST_HOLD_S
            while self._held.exists() and time.monotonic() < ends_at_s:
                time.sleep(_POLL_S)

    def call(self, name: str) -> None:
        """Record a call that is about to leave, and stop the whole process where that was ordered."""
        with self._calls.open("a") as file:
            file.write(f"{name}\n")
        if self._takes(self._stop, self._stopped, name, self._calls):
            with _WRITING:  # a stopped writer would keep every other one from its turn
                self._stopped.write_text(str(os.getpid()))
                os.kill(os.getpid(), signal.SIGSTOP)

    def _takes(self, order: Path, taken: Path, name: str, passed: Path) -> bool:
        """Whether an order is about this step or call, and this process the one that carries it out."""
        with contextlib.suppress(FileNotFoundError):
            passing, _, ordered = order.read_text().partition("\n")
            if ordered == name and passed.read_text().splitlines().count(name) > int(passing):
                # Only one process wins the rename, and none takes the same order twice.
                order.rename(taken)
                return True
        return False


def install(orders: Orders) -> None:
    """Have this process, and those forked from it, report their steps; call it when all is imported."""
    durable_steps.install(durable_steps.Hooks(orders.reach))
    _report_calls(orders)
    _skew_clocks(orders)
    _write_one_by_one()


def _report_calls(orders: Orders) -> None:
    request = Transport._request

    def reported(self: Transport, call: Call, token: str) -> Any:
        orders.call(f"{call.method} {call.path}")
        return request(self, call, token)

    Transport._request = reported  # type: ignore[method-assign]


def _write_one_by_one() -> None:
    begin = Database.writing

    @contextlib.contextmanager
    def writing(self: Database, **options: Any) -> Iterator[Session]:
        with _WRITING, begin(self, **options) as session:
            yield session

    Database.writing = writing  # type: ignore[method-assign]


def _skew_clocks(orders: Orders) -> None:
    """Let every module of the product read a clock that is off by what is ordered."""
    real = dt.datetime

    class _Kind(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, real)

    class Skewed(real, metaclass=_Kind):  # type: ignore[misc, valid-type]
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return real.now(tz) + dt.timedelta(seconds=orders.skew_s())

    for name, module in list(sys.modules.items()):
        if name.startswith("webapp.") and getattr(module, "datetime", None) is real:
            module.datetime = Skewed  # type: ignore[attr-defined]
