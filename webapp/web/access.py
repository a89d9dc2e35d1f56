"""Access to pages: the session that every answer needs, roles, and when a session ends.

A session is a row; the cookie carries its token. So a copied cookie is worth nothing once the row is gone.
Only what is marked `open_to_all` answers without a session, and the static files.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import SplitResult, urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, session, url_for
from flask_login import UserMixin, current_user, login_user
from htmx_flask import request
from werkzeug.wrappers import Response as AnyResponse

from webapp.domain.people.accounts import SEEN_EVERY
from webapp.extensions import login_manager
from webapp.store.people import sessions, users
from webapp.store.people.sessions import LoginSession
from webapp.store.people.users import User
from webapp.text.translated import gettext as _
from webapp.usecases.people import sessions as person_sessions
from webapp.web.live.watch import Frame
from webapp.web.people import session_cookie, typed_forms
from webapp.web.services import ask, ask_later, page_session, services

_P = ParamSpec("_P")
_R = TypeVar("_R")


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person of a session. Flask-Login's `current_user` is one of these."""

    def __init__(self, user: User, session_id: int, token: str) -> None:
        self.id: int = user.id
        self.email: str = user.email
        self.name: str = user.name
        self.role: str = user.role
        self.time_zone: str | None = user.time_zone
        self.language: str | None = user.language
        self.session_id = session_id
        self._token = token

    @property
    def is_administrator(self) -> bool:
        """Whether the person may connect, map and run bulk syncs."""
        return self.role == users.ADMINISTRATOR

    @property
    def right(self) -> sessions.Right:
        """The right by which their live pages go on."""
        return sessions.Right(sessions.hash_of(self._token), self.role)

    def get_id(self) -> str:
        """The value of the cookie: the token, whose hash is in the database."""
        return self._token


_BY_ITSELF = ("surroundings.show",)
"""What open pages ask for without anybody: no use of a session, and no reason to leave a page."""

_STREAM = "text/event-stream"
# A browser that asks for a stream would only report a log-in page as an error.
_LOGGED_OUT = Frame("logged-out", is_last=True)


def register(app: Flask) -> None:
    """Let nothing answer without a session but what is open."""
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    session_cookie.register(app)
    login_manager.user_loader(_person)
    app.before_request(_ask_for_session)
    app.after_request(_touch)


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
            abort(403, _("Only administrators can do this. Ask one of them."))
        return view(*args, **kwargs)

    guarded.is_for_administrators = True  # type: ignore[attr-defined]
    return guarded


def begin_session(user: User, new_hash: str | None) -> bool:
    """Start a person's session afresh: nothing of the one before is kept but what they typed in it.

    Args:
        user: As they were when their password was found to be right.
        new_hash: The password's hash in its newer form, if there is one.

    Returns:
        False, and nothing is begun, where their password or their right to log in is gone meanwhile.
    """
    replaced_id = current_user.session_id if current_user.is_authenticated else None
    typed = session.get(typed_forms.KEY, "")
    token = ask(
        person_sessions.begin,
        user.id,
        proved_hash=user.password_hash,
        new_hash=new_hash,
        user_agent=request.headers.get("User-Agent", "")[:500],
        replaced_id=replaced_id,
    )
    if token is None:
        return False
    session.clear()
    session.permanent = True
    session[typed_forms.PERSON] = user.id
    if typed:
        session[typed_forms.KEY] = typed
    return _log_in(token)


def renew_session() -> None:
    """Let this session go on by another cookie, so that no copy of the one before is worth anything."""
    _log_in(ask(person_sessions.renew, current_user.session_id))


def _log_in(token: str) -> bool:
    """Have the cookie carry a token; False where its session has ended already."""
    found = sessions.find(page_session(), token, datetime.now(UTC))
    if found is not None:
        login_user(SignedIn(found[1], found[0].id, token))
    return found is not None


def end_session() -> None:
    """End this session. Of the cookie stays what lets a form that is still open in another tab come back."""
    ask(person_sessions.log_out, current_user.session_id)
    _forget_token()


def safe_next(target: str | None) -> str:
    """The address behind the log-in: a path of our own, else the first page.

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
    if request.htmx or request.method != "GET":
        target = page_of_request() or (url_for("typed_forms.show") if typed_forms.KEY in session else "")
    else:
        target = request.script_root + request.full_path.rstrip("?")
    is_elsewhere = target not in ("", url_for("home.index"))
    return url_for("auth.login", next=target if is_elsewhere else None)


def page_of_request() -> str:
    """The page on which somebody pressed what led to this request; empty where the browser does not say."""
    current = _parts((request.htmx.current_url if request.htmx else request.referrer) or "")
    page = f"{current.path}?{current.query}" if current.query else current.path
    is_ours = current.netloc in ("", *_own_places())
    return safe_next(page) if page and is_ours else ""


def _person(token: str) -> SignedIn | None:
    """The person of a session, unless it is over, was ended, or they were deactivated."""
    found = sessions.find(page_session(), token, datetime.now(UTC))
    if found is None:
        return None
    row, user = found
    person = SignedIn(user, row.id, token)
    person.is_due = _is_due(row)
    return person


def _is_due(row: LoginSession) -> bool:
    return datetime.now(UTC) - row.seen_at > SEEN_EVERY


def _ask_for_session() -> AnyResponse | None:
    if request.endpoint is None or is_open(request.endpoint):
        return None
    if current_user.is_authenticated:
        return None
    if (
        request.method == "POST"
        and request.endpoint != "auth.logout"
        and (user_id := session.get(typed_forms.PERSON))
    ):
        typed_forms.keep(user_id, _page_of_form())
    return lead_to_login()


def lead_to_login() -> AnyResponse:
    """Lead to the log-in page, and from there back; a live page is told, and stays as it is."""
    _forget_token()
    if _STREAM in request.headers.get("Accept", ""):
        return Response(_LOGGED_OUT.as_bytes(), mimetype=_STREAM)
    if request.htmx and request.endpoint in _BY_ITSELF:
        # Text that is being typed there stays until somebody sends it.
        return Response(status=401)
    return _lead(login_address())


def is_of_earlier_session() -> bool:
    """Whether a form of ours was sent by a page that is older than the person's log-in, as of another tab.

    Browsers name in `Origin` the site that sends a form, which no other site can forge.
    """
    origin = _parts(request.headers.get("Origin", ""))
    return bool(origin.netloc) and origin.netloc in _own_places() and current_user.is_authenticated


def lead_back() -> AnyResponse:
    """Lead back to the page of such a form, with what was typed."""
    typed_forms.keep(current_user.id, _page_of_form())
    return _lead(_page_of_form())


def _lead(address: str) -> AnyResponse:
    if request.htmx:
        return Response(status=401, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _page_of_form() -> str:
    return page_of_request() or url_for("typed_forms.show")


def _parts(address: str) -> SplitResult:
    """The parts of an address that a caller names; none where it is no address."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _own_places() -> tuple[str, str]:
    return request.host, urlsplit(services().settings.public_url).netloc


def _forget_token() -> None:
    for name in ("_user_id", "_fresh", "_id"):
        session.pop(name, None)


def _touch(response: Response) -> Response:
    """Keep that the session was used, once the answer is on its way: no page waits for that.

    What has not looked it up, such as a static file or a health probe, does not do so for this.
    """
    person = g.get("_login_user")
    if request.endpoint not in _BY_ITSELF and getattr(person, "is_due", False):
        ask_later(response, person_sessions.touch, person.session_id)
    return response
