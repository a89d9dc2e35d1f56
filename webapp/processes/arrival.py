"""Progress of a request's arrival, by its raw bytes: enough to tell when a thread can begin with it.

The server's own parser sees the bytes next, decides what they mean, and refuses wrong ones.
"""

import re
from enum import Enum, auto

MOST_OF_A_HEAD = 64 * 1024
MOST_OF_A_SMALL_BODY = 64 * 1024
"""Nearly every form, and most deliveries of webhook events. What is larger is read by a thread."""

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*([0-9]+)[ \t]*\r\n", re.IGNORECASE)
# The body's length is not known beforehand, or the client waits to be asked for it.
_OPEN_ENDED = re.compile(rb"\r\n(?:transfer-encoding|expect)[ \t]*:", re.IGNORECASE)


class Verdict(Enum):
    """The next step after a part has arrived."""

    WAIT = auto()
    WHOLE = auto()
    LARGE = auto()
    HEAD_TOO_LONG = auto()


class Arrival:
    """The part of a request that has arrived so far."""

    def __init__(self) -> None:
        self.received = bytearray()
        self._whole_length: int | None = None

    def add(self, part: bytes) -> Verdict:
        """Take the next part of it."""
        looked_at = max(0, len(self.received) - len(_END) + 1)
        # Empty lines before a request are to be ignored, and must not be taken for the end of its head.
        self.received += part if self.received else part.lstrip(b"\r\n")
        if self._whole_length is None:
            end = self.received.find(_END, looked_at)
            if end < 0:
                return Verdict.HEAD_TOO_LONG if len(self.received) > MOST_OF_A_HEAD else Verdict.WAIT
            body = _length_of_body(bytes(self.received[: end + 2]))
            if body is None:
                return Verdict.LARGE
            self._whole_length = end + len(_END) + body
        return Verdict.WHOLE if len(self.received) >= self._whole_length else Verdict.WAIT

    def taken(self) -> bytes:
        """All that has come, and nothing from now on."""
        received = bytes(self.received)
        self.received.clear()
        self._whole_length = None
        return received


def _length_of_body(head: bytes) -> int | None:
    """How long the body is; None where it is long, or nobody knows."""
    if _OPEN_ENDED.search(head):
        return None
    found = _LENGTH.search(head)
    if found is None:
        return 0
    is_long = len(found[1]) > len(str(MOST_OF_A_SMALL_BODY)) or int(found[1]) > MOST_OF_A_SMALL_BODY
    return None if is_long else int(found[1])
