"""All live pages of a process: one thread looks for all of them, and sends to each what is new.

It takes at most half of the processor's time: after each look it rests for as long as that
took. Whoever does not take what is sent is dropped; the browser connects again. The thread lives while there
are open pages. Whatever fails in it ends the pages that are open, whose browsers connect again, and never the
thread: without it every page would wait, and nobody would be told.
"""

import contextlib
import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import cast

import structlog
from flask import Flask
from redis import Redis

from webapp.store.database.trouble import trouble_of
from webapp.store.people.sessions import Right
from webapp.web.live.channel import Channel
from webapp.web.live.clients import Client, SocketClient
from webapp.web.live.onlooker import Onlooker
from webapp.web.live.wakeups import Wakeups
from webapp.web.live.watch import SIGN_OF_LIFE

# A quiet page is sent a sign of life this often. One that is not woken is looked at behind three of them.
KEEPALIVE_S = 5.0
_QUIET_BETWEEN_LOOKS = 3
# While Redis cannot wake the pages, they are looked at this often.
POLL_S = 2.0
# How often sessions, slow clients and signs of life are looked after.
_TEND_S = 1.0
# What has failed as a whole is begun again after this.
_AFTER_FAILURE_S = 0.5

_log = structlog.get_logger()


class Hub:
    """The live pages of one process.

    Args:
        app: In whose context is rendered.
        redis: A client of the server whose hints wake pages.
        lasting: Of sessions by id, the rights of those that still last.
    """

    def __init__(self, app: Flask, redis: Redis, lasting: Callable[[set[int]], set[Right]]) -> None:
        self._app = app
        self._lasting = lasting
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._bell: socket.socket | None = None
        self._channels: dict[Hashable, Channel] = {}
        self._rests_until = 0.0
        self._tended_at = 0.0
        self._number = 0
        self._selector: selectors.BaseSelector
        self.wakeups = Wakeups(redis, self.wake, lambda: self._thread is not None, lambda: self._number)
        # The server sets here that the process is about to end; browsers connect to the next one.
        self.is_ending: Callable[[], bool] = lambda: False

    @property
    def is_at_work(self) -> bool:
        """Whether there are open pages."""
        return self._thread is not None

    def add(self, onlooker: Onlooker, client: Client) -> None:
        """Send to an open page from now on."""
        onlooker.send_to(client)
        with self._lock:
            self._order(partial(self._add, onlooker))
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="live pages", daemon=True)
                thread.start()
                # Not before: the machine may have no thread left.
                self._thread = thread
        self.wakeups.begin()

    def remove(self, onlooker: Onlooker) -> None:
        """Stop sending to it."""
        self._order(partial(self._end, onlooker))

    def wake(self, topics: set[Hashable] | None) -> None:
        """Look again at what these topics concern; None: at everything."""
        self._order(partial(self._wake, topics))

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.put(order)
        if bell := self._bell:
            # It may ring already, or the thread has ended.
            with contextlib.suppress(OSError):
                bell.send(b"\0")

    def _run(self) -> None:
        while True:
            try:
                self._send_while_needed()
            except Exception:  # noqa: BLE001 - whatever it is, live pages go on
                _log.exception("live_pages_failed", open_pages=len(self._everyone()))
                self._let_go()
                time.sleep(_AFTER_FAILURE_S)
            else:
                return

    def _send_while_needed(self) -> None:
        heard, self._bell = socket.socketpair()
        with selectors.DefaultSelector() as self._selector, heard, self._bell:
            for one in (heard, self._bell):
                one.setblocking(False)
            self._selector.register(heard, selectors.EVENT_READ, lambda _: heard.recv(4096))
            while self._is_needed():
                for key, events in self._selector.select(self._wait_s()):
                    key.data(events)
                self._obey()
                self._look()
                if time.monotonic() - self._tended_at > min(_TEND_S, KEEPALIVE_S):
                    self._tend()

    def _let_go(self) -> None:
        """End every page, in whatever state it is."""
        everyone = self._everyone()
        self._channels.clear()
        for one in everyone:
            for end in (one.client.end, one.on_end):
                try:
                    end()
                except Exception:  # noqa: BLE001 - the others have to end as well
                    _log.exception("live_page_not_ended")

    def _everyone(self) -> list[Onlooker]:
        return [one for channel in self._channels.values() for one in channel.onlookers]

    def _is_needed(self) -> bool:
        with self._lock:
            if self._channels or not self._orders.empty():
                return True
            self._thread = self._bell = None
            return False

    def _wait_s(self) -> float:
        """How long nothing is due."""
        due_at = min((one.due_at(self._quiet_s()) for one in self._channels.values()), default=0.0)
        wait_s = max(due_at, self._rests_until) - time.monotonic()
        return max(0.0, min(wait_s, _TEND_S, KEEPALIVE_S)) if self._orders.empty() else 0.0

    def _quiet_s(self) -> float:
        return _QUIET_BETWEEN_LOOKS * KEEPALIVE_S if self.wakeups.is_live else POLL_S

    def _obey(self) -> None:
        for _ in range(self._orders.qsize()):
            self._orders.get_nowait()()

    def _look(self) -> None:
        """Look at what has been due longest, if anything is."""
        now = time.monotonic()
        if now < self._rests_until or not self._channels:
            return
        channel = min(self._channels.values(), key=lambda one: one.due_at(self._quiet_s()))
        if channel.due_at(self._quiet_s()) > now:
            return
        try:
            over = channel.look(self._app)
        except Exception as error:  # noqa: BLE001 - the other pages go on
            _tell("live_page_failed", error)
            # Their browsers connect again, and get the reason in the answer.
            over = list(channel.onlookers)
        self._after_sending(channel, over)
        self._rests_until = 2 * time.monotonic() - now

    def _after_sending(self, channel: Channel, over: list[Onlooker]) -> None:
        for onlooker in over:
            self._end(onlooker)
        for onlooker in channel.onlookers:
            self._watch_socket(onlooker)

    def _tend(self) -> None:
        """End what has to end, and give signs of life where nothing was sent."""
        now = self._tended_at = time.monotonic()
        everyone = self._everyone()
        self._number = len(everyone)
        lasting = self._lasting_of({one.session_id for one in everyone})
        for one in everyone:
            is_over = one.right not in lasting or now > one.ends_at or self.is_ending()
            if is_over or one.client.is_slow(now):
                self._end(one)
            elif now - one.heard_at >= KEEPALIVE_S:
                one.send(SIGN_OF_LIFE, now)
                self._watch_socket(one)

    def _lasting_of(self, session_ids: set[int]) -> set[Right]:
        try:
            return self._lasting(session_ids)
        except Exception as error:  # noqa: BLE001 - nothing is sent to whom nobody vouches for
            _tell("live_sessions_unknown", error)
            return set()

    def _add(self, onlooker: Onlooker) -> None:
        onlooker.heard_at = time.monotonic()
        self._channels.setdefault(onlooker.key, Channel()).add(onlooker)
        if isinstance(onlooker.client, SocketClient):
            handle = partial(self._on_socket, onlooker)
            self._selector.register(onlooker.client.connection, selectors.EVENT_READ, handle)

    def _end(self, onlooker: Onlooker) -> None:
        channel = self._channels.get(onlooker.key)
        if channel is None or onlooker not in channel.onlookers:
            return
        channel.onlookers.remove(onlooker)
        if not channel.onlookers:
            del self._channels[onlooker.key]
        if isinstance(onlooker.client, SocketClient):
            self._selector.unregister(onlooker.client.connection)
        onlooker.client.end()
        onlooker.on_end()

    def _wake(self, topics: set[Hashable] | None) -> None:
        for channel in self._channels.values():
            if topics is None or channel.topic in topics:
                channel.wake()

    def _on_socket(self, onlooker: Onlooker, events: int) -> None:
        client = cast("SocketClient", onlooker.client)
        if events & selectors.EVENT_READ and client.has_hung_up():
            self._end(onlooker)
            return
        if events & selectors.EVENT_WRITE:
            client.send_waiting()
            self._watch_socket(onlooker)

    def _watch_socket(self, onlooker: Onlooker) -> None:
        """Hear of it when a client can take what waits for it."""
        if not isinstance(onlooker.client, SocketClient):
            return
        hears = selectors.EVENT_READ | (selectors.EVENT_WRITE if onlooker.client.has_waiting else 0)
        key = self._selector.get_key(onlooker.client.connection)
        if key.events != hears:
            self._selector.modify(onlooker.client.connection, hears, key.data)


def _tell(event: str, error: Exception) -> None:
    """Log what went wrong: of the database being away that it is, of anything else where it came from."""
    if trouble := trouble_of(error):
        _log.warning(event, trouble=trouble, error=type(error).__name__)
    else:
        _log.error(event, exc_info=error)
