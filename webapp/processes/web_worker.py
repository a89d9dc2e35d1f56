"""Gunicorn's threaded worker, changed so that a slow client costs a socket and no thread.

A thread is taken when a request has arrived wholly; until then its bytes gather in the loop that accepts.
Large bodies are read by a few threads at a time. A connection that does not finish in time is dropped; when
all places are taken, the one that has waited longest is, so that new ones are always accepted. The
connection of a live page is handed over to what sends to all of them (`webapp.web.live.hub`), and counts
here no more.
"""

import errno
import math
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from webapp.processes.arrival import Arrival, Verdict
from webapp.processes.client_socket import ClientSocket

ARRIVE_S = 15.0
"""How long a request may take to arrive, with a body that is not large."""
LARGE_S = 300.0
"""How long a large body may take: 20 MB at 70 KB a second."""
MOST_LARGE = 32
"""How many large bodies each process reads at a time."""
LINGER_S = 2.0
"""How long a client may take to close after the last answer, which it might lose otherwise."""

_AT_ONCE_BYTES = 64 * 1024
_MOST_LINGERING = 256 * 1024
_STOPPING_S = 2.0
_NO_ROOM_PAUSE_S = 0.01
_NO_MORE_FILES = (errno.EMFILE, errno.ENFILE)
_HEAD_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)
_BUSY_TEXT = b"So much is being uploaded at this moment that this cannot be taken. Try again in a minute.\n"
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 60\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s"
) % (len(_BUSY_TEXT), _BUSY_TEXT)


class Connection(TConn):  # type: ignore[misc]
    """A client's connection, and what has come of its next request."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.arrival = Arrival()
        self.is_large = False
        self._drained = 0

    def begin(self) -> None:
        """Let a thread have what has come."""
        self.init()
        self.parser.unreader.unread(self.arrival.taken())
        self.data_ready = True
        self.sock.patient_until = time.monotonic() + LARGE_S if self.is_large else 0.0

    def call_large(self, is_large: bool) -> None:  # noqa: FBT001 - it says nothing else
        """Keep whether a large body is being read."""
        self.is_large = is_large

    def keep_for(self, most_s: float | None) -> None:
        """Wait for the next request as long as gunicorn is configured to, and no longer than that."""
        kept_s = self.cfg.keepalive if most_s is None else min(self.cfg.keepalive, most_s)
        self.timeout = time.monotonic() + kept_s

    def drain(self, received: bytes) -> bool:
        """Throw away what comes behind the last answer; whether that was enough."""
        self._drained += len(received)
        return self._drained > _MOST_LINGERING


class WebWorker(ThreadWorker):  # type: ignore[misc]
    """Serves whole requests by threads; see above."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # Each in the order of their deadlines.
        self._arriving: dict[Connection, float] = {}
        self._lingering: dict[Connection, float] = {}
        self._large = 0
        self._last_arrival = math.inf

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's signature
        """Take new connections, or none for now; once this process is ending, leave them to others for good.

        Gunicorn keeps its socket open until the last answer is given. Whoever connects meanwhile would wait
        as long, and then be cut off: a proxy may not repeat such a form elsewhere.
        """
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        self._last_arrival = time.monotonic() + _STOPPING_S
        for listener in self.sockets:
            # Whoever has connected already is served.
            while self._has_taken(listener):
                continue
            listener.close()

    def _has_taken(self, listener: Any) -> bool:
        taken = self.nr_conns
        self.accept(listener)
        return bool(self.nr_conns > taken)

    def accept(self, listener: Any) -> None:
        """Take a new connection, and wait for its request."""
        if self.cfg.is_ssl:
            # Bytes that arrive are encrypted, and cannot be read before a thread has shaken hands.
            super().accept(listener)
            return
        try:
            accepted, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_MORE_FILES:
                if not self._drop_longest_waiting():
                    time.sleep(_NO_ROOM_PAUSE_S)
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self._await_request(Connection(self.cfg, ClientSocket.of(accepted), address, listener.getsockname()))
        if self.nr_conns >= self.worker_connections:
            self._drop_longest_waiting()

    def on_client_socket_readable(self, conn: TConn, client: Any) -> None:
        """Wait for the next request of a connection that was kept."""
        if not isinstance(conn, Connection):
            super().on_client_socket_readable(conn, client)
        elif conn in self.keepalived_conns:
            self.poller.unregister(client)
            self.keepalived_conns.remove(conn)
            self._await_request(conn)

    def handle(self, conn: TConn) -> Any:
        """Work off one request, in a thread."""
        if isinstance(conn, Connection):
            conn.begin()
        return super().handle(conn)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Keep a connection whose request was answered, or take leave of it without waiting."""
        if not isinstance(conn, Connection):
            super().finish_request(conn, fs)
            return
        self._large -= conn.is_large
        conn.call_large(False)
        try:
            is_kept = not fs.cancelled() and bool(fs.result())
        except Exception:  # noqa: BLE001 - whatever it was, the connection can no longer be used
            self._close(conn)
            return
        if conn.sock.is_handed_over:
            self._close(conn)
        elif not is_kept:
            self._take_leave(conn)
        elif rest := conn.parser.unreader.take_buffered():
            self._await_request(conn, rest)
        else:
            self._keep(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what has failed outside the application, and log it without its address or its lines.

        There may be the token of a link in it, a cookie, or a name that was searched for.
        """
        del req
        super().handle_error(None, client, addr, _unquoted(exc))

    def murder_pending(self) -> None:
        """Drop connections whose time is up: that of requests too, soon after this process began to end."""
        super().murder_pending()
        now = time.monotonic()
        for waiting, latest in ((self._arriving, self._last_arrival), (self._lingering, math.inf)):
            while waiting:
                conn, deadline = next(iter(waiting.items()))
                if min(deadline, latest) > now:
                    break
                self._drop(conn, waiting)

    def _await_request(self, conn: Connection, received: bytes = b"") -> None:
        conn.sock.setblocking(False)
        self._wait(conn, self._arriving, ARRIVE_S, self._read)
        if received:
            self._take(conn, received)

    def _read(self, conn: Connection, _client: Any) -> None:
        if part := self._received(conn, self._arriving):
            self._take(conn, part)

    def _take(self, conn: Connection, part: bytes) -> None:
        """Take the next part of a request; when it is whole, a thread goes on."""
        verdict = conn.arrival.add(part)
        if verdict is Verdict.WAIT:
            return
        self._stop_waiting(conn, self._arriving)
        if verdict is Verdict.HEAD_TOO_LONG:
            self._refuse(conn, _HEAD_TOO_LONG)
            return
        if verdict is Verdict.LARGE:
            if self._large >= MOST_LARGE:
                self._refuse(conn, _BUSY)
                return
            self._large += 1
            conn.call_large(True)
        self.enqueue_req(conn)

    def _refuse(self, conn: Connection, answer: bytes) -> None:
        try:
            conn.sock.send(answer)
        except OSError:
            self._close(conn)
        else:
            self._take_leave(conn)

    def _keep(self, conn: Connection) -> None:
        """As gunicorn does: until the next request, or until it was idle for too long."""
        conn.sock.setblocking(False)
        conn.keep_for(None if self.alive else _STOPPING_S)
        self.keepalived_conns.append(conn)
        callback = partial(self.on_client_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, callback)

    def _take_leave(self, conn: Connection) -> None:
        """Shut our side down, and let the client read the rest. Gunicorn waits for that in its loop."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:
            self._close(conn)
            return
        self._wait(conn, self._lingering, LINGER_S, self._drain)

    def _drain(self, conn: Connection, _client: Any) -> None:
        if conn.drain(self._received(conn, self._lingering)) and conn in self._lingering:
            self._drop(conn, self._lingering)

    def _received(self, conn: Connection, waiting: dict[Connection, float]) -> bytes:
        """The bytes that have arrived; none if nothing has, or if the connection was dropped as over."""
        if conn not in waiting:
            # It was dropped for a newcomer that came in the same turn.
            return b""
        try:
            part: bytes = conn.sock.recv_at_hand(_AT_ONCE_BYTES)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            part = b""
        if not part:
            self._drop(conn, waiting)
        return part

    def _wait(
        self,
        conn: Connection,
        waiting: dict[Connection, float],
        within_s: float,
        callback: Callable[[Connection, Any], None],
    ) -> None:
        waiting[conn] = time.monotonic() + within_s
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(callback, conn))

    def _stop_waiting(self, conn: Connection, waiting: dict[Connection, float]) -> None:
        del waiting[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection, waiting: dict[Connection, float]) -> None:
        self._stop_waiting(conn, waiting)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def _drop_longest_waiting(self) -> bool:
        """Make room for a newcomer; False where nobody waits."""
        for waiting in (self._lingering, self._arriving):
            if waiting:
                self._drop(next(iter(waiting)), waiting)
                return True
        if not self.keepalived_conns:
            return False
        conn = self.keepalived_conns.popleft()
        self.poller.unregister(conn.sock)
        self._close(conn)
        return True


def _unquoted(error: BaseException) -> BaseException:
    """An error about a request that cannot be read, which says its kind and quotes nothing of the request."""
    kind = type(error)
    if isinstance(error, ParseException):
        error.__class__ = type(kind.__name__, (kind,), {"__str__": lambda _: kind.__name__})
    return error
