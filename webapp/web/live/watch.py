"""What a live page watches, and the frames that keep it true."""

from abc import ABC, abstractmethod
from collections.abc import Hashable
from typing import Any

from msgspec import Struct

ANYTHING = "anything"
"""The topic of pages that any change may concern."""


class Frame(Struct, frozen=True):
    """What a stream sends at once; `is_last` ends it."""

    event: str
    html: str = ""
    is_last: bool = False

    def as_bytes(self) -> bytes:
        """As the browser reads it."""
        lines = "".join(f"data: {line}\n" for line in self.html.splitlines() or [""])
        return f"event: {self.event}\n{lines}\n".encode()


SIGN_OF_LIFE = Frame("alive").as_bytes()
"""What a stream without news sends: by this the browser knows that the connection is not cut."""


class Watch(ABC):
    """What one open page watches. Those that watch the same share what is read and rendered of it.

    Both methods are called in a request's context in which the person has a role, a language and a time zone,
    and no name. They leave no database connection open.

    Args:
        about: What is watched; equal for all to whom the same is shown.
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
        """What this one page is sent of that. Where several are sent the same, it is the same frame."""

    def look(self) -> list[Frame]:
        """What this page is sent when nobody shares it."""
        return self.frames(self.read(None))
