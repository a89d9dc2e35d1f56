"""Server-sent events: the answer that keeps a live page up to date while it is open.

The modules beside decide what is sent, and when. Where the server can hand a connection over, an
open page costs a socket; elsewhere it holds a thread. `webapp.web.live.stream_places` says how many there
may be.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import structlog
from flask import Flask, Response, current_app, g, request
from flask_login import current_user

from webapp.services import Services
from webapp.store.people import sessions
from webapp.text.translated import gettext as _
from webapp.web.live.clients import SocketClient, WaitingClient
from webapp.web.live.hub import Hub
from webapp.web.live.onlooker import Onlooker
from webapp.web.live.stream_places import NOBODY_YET, StreamPlaces, of_threads
from webapp.web.live.watch import Watch
from webapp.web.services import end_reading

# Of all requests for a stream a process works at one at a time. More would finish no sooner, since threads
# take turns, and a page would wait for its turn behind each of them.
_turn = threading.BoundedSemaphore(1)
# A stream ends after this, and the browser connects again; where the session ends, within a second or so.
_LONGEST_STREAM_S = 900.0
# A thousand that begin at once get their turns within a minute or so. After this something stands still: the
# page asks every few seconds instead, and its thread is free.
LONGEST_WAIT_S = 120.0
_BROWSER_RETRY_MS = 1000
# How often a page without a place for a stream asks: `once` ends the stream after its first answer.
_POLL_MS = 10_000
_ONCE = "once"
# The frames of HTTP/2 are the server's own affair.
_HANDED_OVER = ("HTTP/1.0", "HTTP/1.1")
_PLACES = "twinbook.stream_places"
_THREADS = "twinbook.stream_threads"
_HUB = "twinbook.hub"

_log = structlog.get_logger()


def event_stream(watch: Watch) -> Response:
    """Answer with a stream of what the page watches."""
    if _ONCE in request.args:
        return _as_stream(_one_look(watch))
    _give_back()
    give_back = places().take(current_user.id)
    if give_back is None:
        return _refusal()
    onlooker = Onlooker(watch, time.monotonic() + _LONGEST_STREAM_S, give_back)
    # This request's database connection goes back to the pool: the stream may last long.
    end_reading()
    answer = _as_stream(_events(hub_of(current_app), onlooker, _connection()))
    answer.call_on_close(lambda: None if onlooker.is_sent_to else give_back())
    return answer


def places() -> StreamPlaces:
    """The places for streams of the application at work."""
    found: StreamPlaces = current_app.extensions[_PLACES]
    return found


def hub_of(app: Flask) -> Hub:
    """The hub that sends to the live pages of an application."""
    found: Hub = app.extensions[_HUB]
    return found


def register(app: Flask) -> None:
    """Count the streams of the application; those too many are refused before anything is read for them."""
    share_places(app, of_threads(), of_threads())
    app.before_request(_begin)
    # Behind every request, also one whose answer fails: a turn that is lost would stop all live pages.
    app.teardown_request(_begun)


def prepare(app: Flask, services: Services) -> None:
    """Make what sends to live pages; nothing is begun before there is one."""

    def lasting(session_ids: set[int]) -> set[sessions.Right]:
        with services.database.reading() as session:
            return sessions.lasting(session, session_ids, datetime.now(UTC))

    app.extensions[_HUB] = Hub(app, services.redis, lasting)


def share_places(app: Flask, places: StreamPlaces, threads: StreamPlaces) -> None:
    """Limit the streams of an application to these places, and to these threads while they begin."""
    app.extensions[_PLACES] = places
    app.extensions[_THREADS] = threads


def _connection() -> Callable[[], SocketClient] | None:
    """A function that takes this request's connection over from the server, if the server allows it."""
    hand_over = getattr(request.environ.get("gunicorn.socket"), "hand_over", None)
    protocol = request.environ.get("SERVER_PROTOCOL")
    if hand_over is None or protocol not in _HANDED_OVER:
        return None
    is_chunked = protocol == "HTTP/1.1"
    return lambda: SocketClient(hand_over(), is_chunked=is_chunked)


def _events(hub: Hub, onlooker: Onlooker, connection: Callable[[], SocketClient] | None) -> Iterator[bytes]:
    """The head, which the server sends; what follows comes from the hub, if need be by way of this thread."""
    yield f"retry: {_BROWSER_RETRY_MS}\n\n".encode()
    if connection is not None:
        hub.add(onlooker, connection())
        return
    waiting = WaitingClient()
    hub.add(onlooker, waiting)
    try:
        yield from waiting.parts()
    finally:
        hub.remove(onlooker)


def _begin() -> Response | None:
    """Take a place, and wait for a turn: of many that begin at once few are worked on."""
    if not (request.endpoint or "").endswith(".stream") or _ONCE in request.args:
        return None
    # Until it has begun it still holds a thread, and pages need some of these.
    thread = current_app.extensions[_THREADS].take(NOBODY_YET)
    if thread is None:
        return _refusal()
    g.stream_thread = thread
    g.stream_place = places().take(NOBODY_YET)
    if g.stream_place is None:
        return _refusal()
    if not _turn.acquire(timeout=LONGEST_WAIT_S):
        _log.warning("stream_turn_missed")
        return _refusal()
    g.has_stream_turn = True
    return None


def _begun(_error: BaseException | None) -> None:
    """End the turn, and give the place back where no stream came of it."""
    if g.pop("has_stream_turn", False):
        _turn.release()
    if thread := g.pop("stream_thread", None):
        thread()
    _give_back()


def _give_back() -> None:
    if place := g.pop("stream_place", None):
        place()


def _refusal() -> Response:
    text = _(
        "So many live pages are open that this one is updated only every ten seconds. Close some of them."
    )
    return Response(
        f"{text}\n", 503, {"Retry-After": "10", "Cache-Control": "no-store"}, mimetype="text/plain"
    )


def _as_stream(events: Iterator[bytes]) -> Response:
    answer = Response(events, mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    # A proxy that buffers would hold the frames back.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _one_look(watch: Watch) -> Iterator[bytes]:
    """One frame with what a page shows now; the browser comes back for the next one by itself."""
    news = b"".join(frame.as_bytes() for frame in watch.look())
    return iter([f"retry: {_POLL_MS}\n\n".encode(), news or b": nothing new\n\n"])
