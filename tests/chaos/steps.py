"""The durable steps of a worker process: named, recorded, and where the process may be killed.

A step is what stays when the process ends right behind it: a committed transaction, a write that HubSpot has
answered, a job in a queue, a mail that the server has taken. Between two of them nothing happens that a kill
could lose, so that a kill behind each of them is a kill everywhere.

The worker that `tests.chaos.worker` starts has these hooks. What it is to do stands in a folder: the file
`kill` names a step and how many times it passes first, `skew` the seconds by which its clock is off.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import signal
import smtplib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rq
from sqlalchemy.orm import Session

from webapp.hubspot.http.transport import Call, Transport
from webapp.store.database.transactions import Database

FOLDER = "CHAOS_FOLDER"
"""The environment variable that names the folder of the orders."""

_IDS = re.compile(r"/\d+(?=/|$)")
_TRANSACTIONS = "webapp.store.database.transactions"


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

    def clear(self) -> None:
        """Order nothing, and forget what was recorded."""
        for path in (self._steps, self._kill, self._done, self._skew):
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
    _hook_transactions(orders.reach)
    _hook_writes(orders.reach)
    _hook(rq.Queue, "enqueue", lambda args: f"queued {str(args[1]).rpartition('.')[2]}", orders.reach)
    _hook(smtplib.SMTP, "sendmail", lambda _: "mail taken", orders.reach)
    _skew_clocks(orders)


def _hook_transactions(reach: Callable[[str], None]) -> None:
    real = Database.writing

    @contextmanager
    def writing(self: Database, *, may_be_lost: bool = False) -> Iterator[Session]:
        name = _caller()
        with real(self, may_be_lost=may_be_lost) as session:
            yield session
        reach(f"committed {name}")

    Database.writing = writing  # type: ignore[method-assign]


def _caller() -> str:
    """The function of the product that opens a transaction."""
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("webapp.") and module != _TRANSACTIONS:
            return f"{module.removeprefix('webapp.')}.{frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]
    return "unknown"


def _hook_writes(reach: Callable[[str], None]) -> None:
    real = Transport.send

    def send(self: Transport, call: Call, decoder: Any) -> Any:
        answer = real(self, call, decoder)
        if call.is_write:
            reach(f"answered {call.method} {_IDS.sub('/*', call.path)}")
        return answer

    Transport.send = send  # type: ignore[method-assign]


def _hook(
    owner: type, name: str, named: Callable[[tuple[Any, ...]], str], reach: Callable[[str], None]
) -> None:
    real = getattr(owner, name)

    def hooked(*args: Any, **values: Any) -> Any:
        answer = real(*args, **values)
        reach(named(args))
        return answer

    setattr(owner, name, hooked)


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
