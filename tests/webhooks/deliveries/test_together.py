"""Deliveries that come while one is written are written together, and each request hears of its own fate."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from tests.support.clocks.patience import PATIENCE_S
from webapp.store.database.write_coalescer import WriteCoalescer


class Writer:
    """Writes when it is let, and notes what was written together."""

    def __init__(self) -> None:
        self.written: list[list[str]] = []
        self.may_write = threading.Event()
        self.has_begun = threading.Event()

    def __call__(self, batch: Sequence[str]) -> None:
        self.has_begun.set()
        assert self.may_write.wait(PATIENCE_S)
        if "bad" in batch:
            raise ValueError("refused")
        if "ending" in batch:
            raise SystemExit
        self.written.append(list(batch))


def _bring(
    together: WriteCoalescer[str], writer: Writer, what: str, errors: list[BaseException]
) -> threading.Thread:
    def add() -> None:
        try:
            together.add(what, writer)
        except (ValueError, SystemExit) as error:
            errors.append(error)

    thread = threading.Thread(target=add)
    thread.start()
    return thread


@pytest.mark.parametrize(("late", "failures"), [(["b", "c"], 0), (["b", "bad"], 2), (["b", "ending"], 2)])
def test_what_gathers_while_one_is_written_shares_the_next_transaction(
    late: list[str], failures: int
) -> None:
    writer = Writer()
    together: WriteCoalescer[str] = WriteCoalescer()
    errors: list[BaseException] = []
    threads = [_bring(together, writer, "a", errors)]
    assert writer.has_begun.wait(PATIENCE_S)
    threads += [_bring(together, writer, what, errors) for what in late]
    while len(together._pending) < len(late):
        pass
    writer.may_write.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(errors) == failures
    assert writer.written[0] == ["a"]
    assert sorted(what for batch in writer.written[1:] for what in batch) == ([] if failures else late)
