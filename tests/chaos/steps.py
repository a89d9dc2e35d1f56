"""The durable steps of a worker process: recorded, and where the process may be killed.

The worker that `tests.chaos.beds.worker` starts has the hooks of `tests.support.faults.durable_steps`. Its
orders are files in a folder: `kill` names a step and how many times it passes first, `skew` the seconds by
which its clock is off, `readers` how many readers share a list.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import sys
from pathlib import Path
from typing import Any

from tests.support.faults import durable_steps

FOLDER = "CHAOS_FOLDER"
"""The environment variable that names the folder of the orders."""


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

    def clear(self) -> None:
        """Order nothing, and forget what was recorded."""
        for path in (self._steps, self._kill, self._done, self._skew, self._readers):
            path.unlink(missing_ok=True)

    def kill_at(self, step: str, passing: int = 0) -> None:
        """Have a worker killed when it reaches a step after `passing` earlier passes."""
        self._kill.write_text(f"{passing}\n{step}")

    def was_killed(self) -> bool:
        """Whether a worker has been killed since the order was given."""
        return self._done.exists()

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
        with contextlib.suppress(FileNotFoundError):
            passing, _, ordered = self._kill.read_text().partition("\n")
            if ordered == step and self.passed().count(step) > int(passing):
                # Only one process wins the rename, and none dies twice for the same order.
                self._kill.rename(self._done)
                os.kill(os.getpid(), signal.SIGKILL)


def install(orders: Orders) -> None:
    """Have this process, and those forked from it, report their steps; call it when all is imported."""
    durable_steps.install(durable_steps.Hooks(orders.reach))
    _skew_clocks(orders)


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
