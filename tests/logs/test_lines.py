"""A log that cannot be written disturbs nobody."""

from __future__ import annotations

import errno
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest
import structlog

from webapp.installation import logs
from webapp.settings import Settings

pytestmark = pytest.mark.one_database


class Disk(io.RawIOBase):
    """A file with room for some bytes more; None is endless."""

    def __init__(self) -> None:
        self.room: int | None = None
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        taken = bytes(data)[: self.room]
        if not taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        if self.room is not None:
            self.room -= len(taken)
        self.content += taken
        return len(taken)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def stream(disk: Disk) -> TextIO:
    """A standard error as Python makes it, on that disk."""
    return io.TextIOWrapper(io.BufferedWriter(disk), line_buffering=True)  # type: ignore[type-var]


@pytest.fixture(autouse=True)
def _unconfigured_afterwards() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_lost_lines_are_counted_and_told_of_once(disk: Disk, stream: TextIO) -> None:
    lines = logs.Lines(stream)
    lines.info("one")
    disk.room = 0
    lines.warning("two")
    lines.error("three")
    disk.room = None
    lines.info("four")
    lines.info("five")
    assert disk.content.decode().split("\n") == [
        "one",
        "",
        '{"event": "log_lines_lost", "level": "warning", "lines": 2}',
        "four",
        "five",
        "",
    ]


def test_a_line_that_was_written_in_part_does_not_run_into_the_next(disk: Disk, stream: TextIO) -> None:
    lines = logs.Lines(stream)
    disk.room = 3
    lines.info("broken off")
    disk.room = None
    lines.info("whole")
    first, *_, last = disk.content.decode().splitlines()
    assert (first, last) == ("bro", "whole")


def test_nothing_lost_is_kept_for_a_later_flush_to_fail_on(disk: Disk, stream: TextIO) -> None:
    disk.room = 0
    logs.Lines(stream).info("lost")
    stream.flush()


def closed() -> TextIO:
    stream = io.StringIO()
    stream.close()
    return stream


def full() -> TextIO:
    return Path("/dev/full").open("w", encoding="utf-8")


@pytest.mark.parametrize("make", [closed, full, lambda: None])
def test_no_log_at_all_disturbs_nobody(
    make: object, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = make()  # type: ignore[operator]
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure(settings)
    for _ in range(2):
        structlog.get_logger().error("anything", number=1)
    if stream is not None:
        stream.close()


def test_a_line_is_json_with_its_level_and_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure(settings)
    structlog.contextvars.clear_contextvars()
    structlog.get_logger().warning("something", run_id=3)
    line = json.loads(written.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "something", "level": "warning", "run_id": 3}
