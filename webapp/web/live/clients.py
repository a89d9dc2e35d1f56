"""The receivers of a live page's frames: a socket of its own, or the thread that answers its request."""

import queue
import socket
import time
from collections.abc import Iterator
from typing import Protocol

MOST_WAITING_BYTES = 256 * 1024
"""What may wait for a client; whoever leaves more than that untaken is dropped, and may connect again."""
SLOW_S = 10.0
"""How long something may wait for it."""
_MOST_WAITING_PARTS = 100
_READ_BYTES = 4096


class Client(Protocol):
    """Takes frames without making anybody wait."""

    def send(self, data: bytes) -> None:
        """Take this, now or later."""

    def is_slow(self, now: float) -> bool:
        """Whether it does not take what it is sent."""

    def end(self) -> None:
        """Nothing comes any more."""


class SocketClient:
    """A client whose connection was handed over by the server, so that it holds no thread.

    Args:
        connection: Which does not block.
        is_chunked: Whether the answer is sent in chunks with their lengths, as HTTP/1.1 has it.
    """

    def __init__(self, connection: socket.socket, *, is_chunked: bool) -> None:
        self.connection = connection
        self._is_chunked = is_chunked
        self._waiting = bytearray()
        self._waits_since = 0.0
        self._is_gone = False

    @property
    def has_waiting(self) -> bool:
        """Whether something waits until the client can take more."""
        return bool(self._waiting)

    def send(self, data: bytes) -> None:
        """Send as much as the client takes now; the rest waits."""
        part = b"%x\r\n%b\r\n" % (len(data), data) if self._is_chunked else data
        if self._waiting:
            self._waiting += part
            return
        sent = self._sent(part)
        if sent < len(part):
            self._waiting += part[sent:]
            self._waits_since = time.monotonic()

    def send_waiting(self) -> None:
        """Send more of what waits."""
        if sent := self._sent(bytes(self._waiting)):
            del self._waiting[:sent]
            self._waits_since = time.monotonic()

    def has_hung_up(self) -> bool:
        """Whether the client is gone, asked when something came from it; what it says is not listened to."""
        try:
            return not self.connection.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True

    def is_slow(self, now: float) -> bool:
        """Whether it is gone, or takes too little."""
        is_late = bool(self._waiting) and now - self._waits_since > SLOW_S
        return self._is_gone or is_late or len(self._waiting) > MOST_WAITING_BYTES

    def end(self) -> None:
        """End the answer as far as the client takes it, and hang up."""
        if self._is_chunked and not self._waiting:
            self._sent(b"0\r\n\r\n")
        self.connection.close()

    def _sent(self, part: bytes) -> int:
        try:
            return self.connection.send(part)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self._is_gone = True
            return len(part)


class WaitingClient:
    """A client whose request's thread waits for what comes, where the server can hand no connection over."""

    def __init__(self) -> None:
        self._parts: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def send(self, data: bytes) -> None:
        """Have the thread send this."""
        self._parts.put(data)

    def is_slow(self, _now: float) -> bool:
        """Whether the thread does not get on with sending."""
        return self._parts.qsize() > _MOST_WAITING_PARTS

    def end(self) -> None:
        """Let the thread end."""
        self._parts.put(None)

    def parts(self) -> Iterator[bytes]:
        """The frames, until the end."""
        return iter(self._parts.get, None)
