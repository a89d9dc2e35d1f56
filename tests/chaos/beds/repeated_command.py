"""A command as an operator calls it: beside everything else, and again where it was cut off."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.applications.app import ROOT
from tests.support.applications.program import Program

_MOST_TRIES = 3
_END_S = 15.0


class RepeatedCommand:
    """A command of the product that is at work.

    Args:
        arguments: Those of `flask`.
        environment: All of its environment.
        folder: Where it runs, and prints to `command.log`.

    Attributes:
        fails: whether it has failed again and again.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self._arguments = arguments
        self._environment = environment
        self._folder = folder
        self._tries = 0
        self.fails = False
        self._program: Program | None = self._started()

    def is_at_work(self) -> bool:
        """Whether it has not come to its end; where it was cut off it is called again."""
        if self._program is not None and self._program.has_ended():
            code = self._program.ended(_END_S)
            self.fails = code != 0 and self._tries >= _MOST_TRIES
            self._program = self._started() if code and not self.fails else None
        return self._program is not None

    def kill(self) -> None:
        """End it at once."""
        if self._program is not None and not self._program.has_ended():
            self._program.end(signal.SIGKILL, _END_S)
            self._program = self._started()

    def __str__(self) -> str:
        return " ".join(("flask", *self._arguments[:2]))

    def _started(self) -> Program:
        self._tries += 1
        return Program(
            [str(ROOT / "tests" / "chaos" / "beds" / "command.py"), *self._arguments],
            environment=self._environment,
            folder=self._folder,
            log=self._folder / "command.log",
        )
