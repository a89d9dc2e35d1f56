"""One Redis subscription for all live pages of a process. A message is a hint that something has changed."""

import json
import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from webapp.usecases.operating import live_pages
from webapp.usecases.runs.publish import CHANGES_CHANNEL
from webapp.web.live.watch import ANYTHING

_RECONNECT_S = 0.5
_LISTEN_S = 1.0

_log = structlog.get_logger()


class Wakeups:
    """Listens in a thread of its own, for as long as somebody watches.

    Args:
        redis: A client of the server.
        wake: Called with the topics of a message, or with None where any may have changed.
        is_needed: Whether somebody watches still.
        count: How many do; monitors are told.
    """

    def __init__(
        self,
        redis: Redis,
        wake: Callable[[set[Hashable] | None], None],
        is_needed: Callable[[], bool],
        count: Callable[[], int],
    ) -> None:
        self._redis = redis
        self._wake = wake
        self._is_needed = is_needed
        self._count = count
        self._process = uuid4().hex
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_subscribed = False

    @property
    def is_live(self) -> bool:
        """Whether pages are woken at present; while not, they have to be looked at more often."""
        return self._is_subscribed

    def begin(self) -> None:
        """Listen, unless that is done already. The thread begins late, so that no fork loses it."""
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._listen, name="wakeups", daemon=True)
                thread.start()
                # Not before: the machine may have no thread left.
                self._thread = thread

    def _listen(self) -> None:
        while self._goes_on():
            try:
                self._listen_once()
            except (RedisError, OSError) as error:
                self._lose(error)
            except Exception as error:  # noqa: BLE001 - pages would be woken no more, and nobody told
                _log.exception("wakeups_failed")
                self._lose(error)

    def _lose(self, error: Exception) -> None:
        if self._is_subscribed:
            _log.warning("wakeups_lost", error=type(error).__name__)
            self._is_subscribed = False
            self._wake(None)
        time.sleep(_RECONNECT_S)

    def _listen_once(self) -> None:
        with self._subscriber() as client, client.pubsub() as subscription:
            subscription.subscribe(CHANGES_CHANNEL)
            sign_at_s = 0.0
            while self._goes_on():
                if time.monotonic() >= sign_at_s:
                    sign_at_s = time.monotonic() + live_pages.SIGN_EVERY_S
                    # A full server takes no signs, and wakes pages all the same.
                    with suppress(ResponseError):
                        live_pages.sign(client, self._process, self._count())
                message = subscription.get_message(timeout=_LISTEN_S)
                if message is not None:
                    self._hear(message)
            live_pages.sign(client, self._process, 0)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            # Messages that came while nobody listened are made good by waking everyone.
            self._is_subscribed = True
            self._wake(None)
        elif message["type"] == "message":
            try:
                run_id = json.loads(message["data"])["run_id"]
            except (ValueError, KeyError, TypeError, RecursionError):
                _log.warning("wakeup_not_understood", channel=CHANGES_CHANNEL)
                return
            if isinstance(run_id, int | None):
                self._wake({run_id, ANYTHING})

    def _goes_on(self) -> bool:
        me = threading.current_thread()
        with self._lock:
            if self._thread is me and not self._is_needed():
                self._thread = None
                self._is_subscribed = False
            return self._thread is me

    def _subscriber(self) -> Redis:
        """A client of the same server that reports a lost connection at once instead of trying again."""
        pool = self._redis.connection_pool
        options = {**pool.connection_kwargs, "retry": Retry(NoBackoff(), 0)}
        return Redis.from_pool(ConnectionPool(connection_class=pool.connection_class, **options))
