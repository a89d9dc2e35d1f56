"""Who may do what: a session before every answer, roles, and when a session ends.

Only what is marked `open_to_all` answers without a session, and the static files.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, session, url_for
from flask_login import UserMixin, current_user, login_user
from htmx_flask import request
from werkzeug.wrappers import Response

from webapp.extensions import login_manager
from webapp.store.people import users
from webapp.store.people.users import User
from webapp.web.services import page_session

_P = ParamSpec("_P")
_R = TypeVar("_R")

SESSION_LENGTH_S = 12 * 3600
SESSION_IDLE_S = 2 * 3600
# How coarsely the last use is kept, so that not every answer sets a cookie.
_SEEN_EVERY_S = 60


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person of a session. Flask-Login's `current_user` is one of these."""

    def __init__(self, user: User) -> None:
        self.id: int = user.id
        self.email: str = user.email
        self.name: str = user.name
        self.role: str = user.role
        self.session_epoch: int = user.session_epoch

    @property
    def is_administrator(self) -> bool:
        """Whether the person may connect, map and run bulk syncs."""
        return self.role == users.ADMINISTRATOR

    def get_id(self) -> str:
        """What the session keeps; raising the epoch ends the sessions that keep the old one."""
        return f"{self.id}.{self.session_epoch}"


def register(app: Flask) -> None:
    """Let nothing answer without a session but what is open."""
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    login_manager.user_loader(_person)
    app.before_request(_ask_for_session)


def open_to_all(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a view that answers without a session."""
    view.is_open = True  # type: ignore[attr-defined]
    return view


def is_open(endpoint: str) -> bool:
    """Whether an endpoint answers without a session."""
    return endpoint == "static" or getattr(current_app.view_functions[endpoint], "is_open", False)


def administrators_only(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """Refuse members: 403."""

    @wraps(view)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        if not current_user.is_administrator:
            abort(403, "Only administrators can do this.")
        return view(*args, **kwargs)

    guarded.is_for_administrators = True  # type: ignore[attr-defined]
    return guarded


def begin_session(user: User) -> None:
    """Start a person's session afresh: nothing of the one before is kept."""
    session.clear()
    session.permanent = True
    session["began_at"] = session["seen_at"] = int(time.time())
    login_user(SignedIn(user))


def safe_next(target: str | None) -> str:
    """Where to go after log-in: a path of our own, else the first page.

    Browsers read backslashes as slashes and drop control characters, so neither is let through.
    """
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return url_for("home.index")
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.isprintable():
        return url_for("home.index")
    return target


def login_address() -> str:
    """The log-in page that leads back to where the person was."""
    if request.htmx:
        current = urlsplit(request.htmx.current_url or "")
        target = f"{current.path}?{current.query}" if current.query else current.path
    elif request.method == "GET":
        target = request.full_path.rstrip("?")
    else:
        target = ""
    return url_for("auth.login", next=target if target not in ("", "/") else None)


def _person(session_id: str) -> SignedIn | None:
    """The person of a session, unless they were deactivated or their sessions were ended."""
    number, _, epoch = session_id.partition(".")
    if not (number.isdecimal() and epoch.isdecimal()):
        return None
    user = users.by_id(page_session(), int(number))
    if user is None or not user.is_active or user.session_epoch != int(epoch):
        return None
    return SignedIn(user)


def _ask_for_session() -> Response | None:
    if request.endpoint is None or is_open(request.endpoint):
        return None
    if _session_lasts() and current_user.is_authenticated:
        return None
    session.clear()
    if request.htmx:
        return Response(status=401, headers={"HX-Redirect": login_address()})
    return redirect(login_address(), 303)


def _session_lasts() -> bool:
    """Whether the session is neither too old nor left alone too long; notes that it was used."""
    now = time.time()
    began_at, seen_at = session.get("began_at", 0), session.get("seen_at", 0)
    if now - began_at > SESSION_LENGTH_S or now - seen_at > SESSION_IDLE_S:
        return False
    if now - seen_at > _SEEN_EVERY_S:
        session["seen_at"] = int(now)
    return True
