"""A client's connection, on which no thread waits for longer than it may."""

import errno
import os
import socket
import time

WAIT_S = 10.0
"""How long a thread waits for the next part of a large body, or for a client to take an answer."""


class ClientSocket(socket.socket):
    """A socket whose waiting ends as if the client had gone away.

    Attributes:
        patient_until: Until when a thread may still read, by the monotonic clock. What has arrived wholly
            leaves nothing to read.
        is_handed_over: Whether somebody else goes on with the connection.
    """

    patient_until = 0.0
    is_handed_over = False

    @classmethod
    def of(cls, accepted: socket.socket) -> "ClientSocket":
        """The same connection as such a socket; the given one must not be used any more."""
        return cls(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())

    def setblocking(self, flag: bool, /) -> None:  # noqa: FBT001 - the signature of the standard library
        """Wait, but not for ever; or not at all."""
        self.settimeout(WAIT_S if flag else 0.0)

    def recv_at_hand(self, size: int) -> bytes:
        """The bytes that have arrived already.

        Raises:
            OSError: nothing has, or the connection is broken.
        """
        return super().recv(size)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """The next part.

        Raises:
            ConnectionResetError: it does not come in time.
        """
        left_s = self.patient_until - time.monotonic()
        if left_s <= 0:
            raise _too_slow()
        # Gunicorn gives less time to what it only reads to throw away.
        self.settimeout(min(left_s, self.gettimeout() or WAIT_S))
        try:
            return super().recv(size, flags)
        except TimeoutError:
            raise _too_slow() from None

    def hurry(self, within_s: float) -> None:
        """Read the rest of a request for no longer than this, however long it was to be read."""
        self.patient_until = min(self.patient_until, time.monotonic() + within_s)

    def hand_over(self) -> socket.socket:
        """Hand the connection over, non-blocking, to continue the answer; nothing more is sent here."""
        self.is_handed_over = True
        taken = socket.socket(self.family, self.type, self.proto, fileno=os.dup(self.fileno()))
        taken.setblocking(False)
        return taken

    def sendall(self, data: bytes, flags: int = 0, /) -> None:  # type: ignore[override]
        """Send all of a part; nothing once the connection was handed over: gunicorn says that it ends.

        Raises:
            ConnectionResetError: the client does not take it in time.
        """
        if self.is_handed_over:
            return
        self.settimeout(WAIT_S)
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise _too_slow() from None


def _too_slow() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "the client was too slow")
