"""Writing what several requests bring at the same moment in one transaction.

A commit costs the same for one delivery as for twenty, and writers wait for each other: while one writes, the
others' deliveries gather, and whoever comes next writes them all.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class _Brought(Generic[T]):
    """The part of one request, and its result."""

    def __init__(self, what: T) -> None:
        self.what = what
        self.is_done = False
        self.error: BaseException | None = None


class WriteCoalescer(Generic[T]):
    """Gathers what the threads of one process bring."""

    def __init__(self) -> None:
        self._pending: list[_Brought[T]] = []
        self._gathering = Lock()
        self._writing = Lock()

    def add(self, what: T, write: Callable[[Sequence[T]], None]) -> None:
        """Write a delivery; returns once it is committed, by this thread or another.

        Args:
            what: What is to be written.
            write: Writes all that has gathered in one transaction; the same for everybody.

        Raises:
            BaseException: what the transaction that held it raised; nothing of that was stored.
        """
        mine = _Brought(what)
        with self._gathering:
            self._pending.append(mine)
        with self._writing:
            if not mine.is_done:
                self._write_all(write)
        if mine.error is not None:
            raise mine.error

    def _write_all(self, write: Callable[[Sequence[T]], None]) -> None:
        with self._gathering:
            batch, self._pending = self._pending, []
        try:
            write([one.what for one in batch])
        except BaseException as error:  # noqa: BLE001 - every request raises it whose delivery was in the batch
            for one in batch:
                one.error = error
        for one in batch:
            one.is_done = True
