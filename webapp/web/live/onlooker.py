"""Onlookers: an open page, and the anonymous person for whom pages are rendered once for all."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, g, request
from flask_login import UserMixin, current_user
from flask_wtf.csrf import generate_csrf

from webapp.store.people.sessions import Right
from webapp.text.translated import language
from webapp.web.live.clients import Client
from webapp.web.live.watch import Watch

# A placeholder for form tokens in what is rendered for many; each page gets its own token instead.
_ANY_TOKEN = secrets.token_hex(20)
_ANY_TOKEN_BYTES = _ANY_TOKEN.encode()
# The parts of a request that rendering needs; nothing that identifies the person.
_OF_REQUEST = (
    *("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_NAME", "SERVER_PORT"),
    *("SERVER_PROTOCOL", "HTTP_HOST", "wsgi.url_scheme"),
)


class Anybody(UserMixin):  # type: ignore[misc]
    """A person reduced to the properties that make pages differ."""

    id = None

    def __init__(self, *, is_administrator: bool, language: str, time_zone: str | None) -> None:
        self.is_administrator = is_administrator
        self.language = language
        self.time_zone = time_zone


class Onlooker:
    """An open page of the person who asks at this moment.

    Args:
        watch: What it shows.
        ends_at: When its browser has to connect again.
        on_end: Called once, when nothing is sent any more.
    """

    def __init__(self, watch: Watch, ends_at: float, on_end: Callable[[], None]) -> None:
        self.watch = watch
        self.ends_at = ends_at
        self.on_end = on_end
        self.heard_at = 0.0
        self._client: Client | None = None
        self.session_id: int = current_user.session_id
        self.right: Right = current_user.right
        who = (current_user.is_administrator, language(), current_user.time_zone)
        self._who = dict(zip(("is_administrator", "language", "time_zone"), who, strict=True))
        self.key = (watch.about, *who, request.host_url, request.script_root)
        self._environ = {name: request.environ[name] for name in _OF_REQUEST if name in request.environ}
        self._token = generate_csrf().encode()

    @property
    def client(self) -> Client:
        """Where its frames go, once it is known."""
        if self._client is None:
            raise LookupError(self.key)
        return self._client

    @property
    def is_sent_to(self) -> bool:
        """Whether its frames go anywhere."""
        return self._client is not None

    def send_to(self, client: Client) -> None:
        """From now on its frames go there."""
        self._client = client

    def send(self, data: bytes, now: float) -> None:
        """Send what was rendered for all."""
        self.heard_at = now
        self.client.send(data.replace(_ANY_TOKEN_BYTES, self._token))

    @contextmanager
    def seen_by_anybody(self, app: Flask) -> Iterator[None]:
        """The context of a request like this one's, by a person without a name."""
        environ: dict[str, Any] = dict(self._environ)
        with app.request_context(environ):
            g._login_user = Anybody(**self._who)  # noqa: SLF001 - where Flask-Login looks
            # Where Flask-WTF looks for a token before it makes one.
            g.csrf_token = _ANY_TOKEN
            yield
