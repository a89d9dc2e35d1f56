"""Server-sent events: one Redis subscriber in each process wakes every open stream.

A message is a hint only: a woken stream looks again at what it shows, and each one also looks on its own
every few seconds, so that a lost message costs seconds. A waiting stream holds a thread, but no database
connection; how many there may be is in `webapp.web.stream_places`.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request, stream_with_context
from flask_login import current_user
from msgspec import Struct
from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool
from redis.exceptions import RedisError
from redis.retry import Retry

from webapp.text.translated import gettext as _
from webapp.web.access import session_check
from webapp.web.stream_places import NOBODY_YET, StreamPlaces, of_threads

# A quiet stream sends a comment this often: that finds browsers that went away, and frees their threads.
KEEPALIVE_S = 5.0
# One that is not woken looks all the same behind so many of these.
_QUIET_BETWEEN_LOOKS = 3
# While Redis cannot wake the streams, they look this often.
POLL_S = 2.0
# Of all streams of a process one works at a time. More would finish no sooner, since threads take turns, and
# a page would wait for its turn behind each of them.
_turn = threading.BoundedSemaphore(1)
MOST_FRAMES_PER_S = 2
# A stream ends after this, and the browser connects again; where the session has ended, at its next look.
_LONGEST_STREAM_S = 900.0
_RECONNECT_S = 0.5
_LISTEN_S = 1.0
_BROWSER_RETRY_MS = 1000
# A page that got no place for a stream asks so often: `once` ends the stream behind its first look.
_POLL_MS = 10_000
_ONCE = "once"
_PLACES = "twinbook.stream_places"

_log = structlog.get_logger()


class Frame(Struct, frozen=True):
    """What a stream sends at once; `is_last` ends it."""

    event: str
    html: str = ""
    is_last: bool = False


SIGN_OF_LIFE = Frame("alive")
"""What a stream without news sends: by this the browser knows that the connection is not cut."""


def event_stream(look: Callable[[], list[Frame]], wakeups: "Wakeups", topic: Hashable) -> Response:
    """Answer with a stream that looks whenever its topic is woken, at most twice a second.

    Args:
        look: What to send now; called in the request's context, it must leave no database connection open.
        wakeups: Wakes the stream.
        topic: What the stream is about.
    """
    if _ONCE in request.args:
        return _as_stream(_one_look(look))
    _give_back()
    give_back = places().take(current_user.id)
    if give_back is None:
        return _refusal()
    answer = _as_stream(_events(look, wakeups, topic, session_check()))
    answer.call_on_close(give_back)
    return answer


def places() -> StreamPlaces:
    """The places for streams of the application at work."""
    found: StreamPlaces = current_app.extensions[_PLACES]
    return found


def register(app: Flask) -> None:
    """Count the streams of the application; those too many are refused before anything is read for them."""
    share_threads(app, of_threads())
    app.before_request(_begin)
    app.after_request(_begun)


def share_threads(app: Flask, places: StreamPlaces) -> None:
    """Let streams take these places and no more."""
    app.extensions[_PLACES] = places


def _begin() -> Response | None:
    """Take a place, and wait for a turn: of many that begin at once few are worked on."""
    if not (request.endpoint or "").endswith(".stream") or _ONCE in request.args:
        return None
    place = places().take(NOBODY_YET)
    if place is None:
        return _refusal()
    g.stream_place = place
    _turn.acquire()
    g.has_stream_turn = True
    return None


def _begun(response: Response) -> Response:
    """End the turn, and give the place back where no stream came of it."""
    if g.pop("has_stream_turn", False):
        _turn.release()
    _give_back()
    return response


def _give_back() -> None:
    if place := g.pop("stream_place", None):
        place()


def _refusal() -> Response:
    text = _(
        "So many live pages are open that this one is brought up to date every ten seconds only. Close some."
    )
    return Response(
        f"{text}\n", 503, {"Retry-After": "10", "Cache-Control": "no-store"}, mimetype="text/plain"
    )


def _as_stream(events: Iterator[str]) -> Response:
    answer = Response(stream_with_context(events), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    # A proxy that buffers would hold the frames back.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


class Wakeups:
    """Listens to a channel for all streams of this process, in one thread that lives while there are any.

    The thread begins with the first stream, so that it is never lost in a fork.
    """

    def __init__(self, redis: Redis, channel: str, topic_of: Callable[[Any], Hashable]) -> None:
        """Prepare, without connecting.

        Args:
            redis: A client of the server.
            channel: Where the messages come, as JSON.
            topic_of: What a message is about.
        """
        self._redis = redis
        self._channel = channel
        self._topic_of = topic_of
        self._lock = threading.Lock()
        self._listeners: dict[Hashable, set[threading.Event]] = defaultdict(set)
        self._thread: threading.Thread | None = None
        self._is_subscribed = False
        # The server sets here that the process is about to end; browsers connect to the next one.
        self.is_ending: Callable[[], bool] = lambda: False

    @property
    def is_live(self) -> bool:
        """Whether streams are woken at present; while not, each has to look on its own."""
        return self._is_subscribed

    @contextmanager
    def listening(self, topic: Hashable) -> Iterator[threading.Event]:
        """An event that is set whenever something happened to the topic, or may have."""
        woken = threading.Event()
        with self._lock:
            self._listeners[topic].add(woken)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="wakeups", daemon=True)
                self._thread.start()
        try:
            yield woken
        finally:
            with self._lock:
                self._listeners[topic].discard(woken)
                if not self._listeners[topic]:
                    del self._listeners[topic]

    def _listen(self) -> None:
        while self._is_needed():
            try:
                self._listen_once()
            except (RedisError, OSError) as error:
                if self._is_subscribed:
                    _log.warning("wakeups_lost", error=type(error).__name__)
                    self._is_subscribed = False
                    # From now on they look on their own, and more often.
                    self._wake_all()
                time.sleep(_RECONNECT_S)
        self._is_subscribed = False

    def _listen_once(self) -> None:
        with self._subscriber() as client, client.pubsub() as subscription:
            subscription.subscribe(self._channel)
            while self._is_needed():
                message = subscription.get_message(timeout=_LISTEN_S)
                if message is not None:
                    self._hear(message)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            # Messages that came while nobody listened are made good by waking everyone.
            self._is_subscribed = True
            self._wake_all()
        elif message["type"] == "message":
            try:
                topic = self._topic_of(json.loads(message["data"]))
            except (ValueError, KeyError, TypeError, RecursionError):
                _log.warning("wakeup_not_understood", channel=self._channel)
                return
            with self._lock:
                for woken in self._listeners.get(topic, ()):
                    woken.set()

    def _wake_all(self) -> None:
        with self._lock:
            for events in self._listeners.values():
                for woken in events:
                    woken.set()

    def _is_needed(self) -> bool:
        """Whether this thread goes on; the one that finds no stream waiting any more ends."""
        if self.is_ending():
            self._wake_all()
        me = threading.current_thread()
        with self._lock:
            if not self._listeners and self._thread is me:
                self._thread = None
            return self._thread is me

    def _subscriber(self) -> Redis:
        """A client of the same server that reports a lost connection at once instead of trying again."""
        pool = self._redis.connection_pool
        options = {**pool.connection_kwargs, "retry": Retry(NoBackoff(), 0)}
        return Redis.from_pool(ConnectionPool(connection_class=pool.connection_class, **options))


def all_wakeups(app: Flask) -> list[Wakeups]:
    """Whatever wakes streams of the application."""
    return [one for one in app.extensions.values() if isinstance(one, Wakeups)]


def _events(
    look: Callable[[], list[Frame]], wakeups: Wakeups, topic: Hashable, session_lasts: Callable[[], bool]
) -> Iterator[str]:
    ends_at = time.monotonic() + _LONGEST_STREAM_S
    with wakeups.listening(topic) as woken:
        yield f"retry: {_BROWSER_RETRY_MS}\n\n"
        while True:
            woken.clear()
            looked_at = time.monotonic()
            with _turn:
                frames = look()
            yield "".join(map(_text, frames)) or ": still here\n\n"
            if looked_at > ends_at or any(frame.is_last for frame in frames):
                return
            for quiet in range(1, _QUIET_BETWEEN_LOOKS + 1):
                is_woken = woken.wait(KEEPALIVE_S if wakeups.is_live else POLL_S)
                with _turn:
                    if wakeups.is_ending() or not session_lasts():
                        return
                if is_woken or not wakeups.is_live or quiet == _QUIET_BETWEEN_LOOKS:
                    break
                yield _text(SIGN_OF_LIFE)
            time.sleep(max(0.0, looked_at + 1 / MOST_FRAMES_PER_S - time.monotonic()))


def _one_look(look: Callable[[], list[Frame]]) -> Iterator[str]:
    """What a page shows now; the browser comes back for the next look by itself."""
    yield f"retry: {_POLL_MS}\n\n"
    yield "".join(map(_text, look())) or ": nothing new\n\n"


def _text(frame: Frame) -> str:
    lines = "".join(f"data: {line}\n" for line in frame.html.splitlines() or [""])
    return f"event: {frame.event}\n{lines}\n"
