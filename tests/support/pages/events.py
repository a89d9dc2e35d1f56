"""A reader of server-sent events, as a browser's EventSource is one."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple, Self

import requests

# Far longer than any event takes, so that a missing one fails the test instead of hanging it.
_PATIENCE_S = 120.0


class Event(NamedTuple):
    """An event, or with the name "comment" a sign of life."""

    name: str
    data: str


class EventReader:
    """Reads one stream; iterating ends when the server ends it."""

    def __init__(self, session: requests.Session, url: str) -> None:
        self.answer = session.get(url, stream=True, timeout=_PATIENCE_S)
        self._events = self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.answer.close()

    def __iter__(self) -> Iterator[Event]:
        return self._events

    def next(self, name: str) -> str:
        """The data of the next event of this name."""
        return next(event.data for event in self._events if event.name == name)

    def _read(self) -> Iterator[Event]:
        name, data = "message", []
        for line in self.answer.iter_lines(chunk_size=1, decode_unicode=True):
            if line.startswith(":"):
                yield Event("comment", line[1:].strip())
            elif line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data.append(line.removeprefix("data: "))
            elif not line and data:
                yield Event(name, "\n".join(data))
                name, data = "message", []
