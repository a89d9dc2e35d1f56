"""The subject of a live page, and the frames that keep the page up to date."""

from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Any

from msgspec import Struct

ANYTHING = "anything"
"""The topic of pages that any change may concern."""


class Frame(Struct, frozen=True):
    """A message of a stream; `is_last` ends the stream."""

    event: str
    html: str = ""
    is_last: bool = False

    def as_bytes(self) -> bytes:
        """The bytes as the browser reads them."""
        lines = "".join(f"data: {line}\n" for line in self.html.splitlines() or [""])
        return f"event: {self.event}\n{lines}\n".encode()


SIGN_OF_LIFE = Frame("alive").as_bytes()
"""What a stream without news sends: by this the browser knows that the connection is not cut."""


class Watch(ABC):
    """The subject of one open page. Pages with the same subject share reading and rendering.

    Both methods are called in a request's context in which the person has a role, a language and a time zone,
    and no name. They leave no database connection open.

    Args:
        about: Identifies the subject; equal for all pages that show the same.
        topic: Which hints wake it: a run's number, or `ANYTHING`.
    """

    def __init__(self, about: Hashable, topic: Hashable) -> None:
        self.about = about
        self.topic = topic

    @abstractmethod
    def read(self, before: Any) -> Any:
        """How things are now, for all who watch; `before` is what this answered last, None at first."""

    @abstractmethod
    def frames(self, found: Any) -> list[Frame]:
        """The frame for this page, made from what was read; pages that show the same get the same frame."""

    def look(self) -> list[Frame]:
        """The frame for this page when no other page shares its subject."""
        return self.frames(self.read(None))
