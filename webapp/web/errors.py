"""Errors as people see them: a page, or for htmx a message above the present page."""

import structlog
from flask import Flask, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from htmx_flask import request
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from webapp.errors import RefusedError
from webapp.store.database.trouble import TROUBLE_ERRORS, trouble_of
from webapp.text.refusals import refused
from webapp.text.runs.machinery import DATABASE, queue_away
from webapp.text.translated import gettext as _
from webapp.text.translated import mark
from webapp.usecases.people.passwords import CrowdedError
from webapp.web.access import is_open, login_address

_log = structlog.get_logger()

_UNEXPECTED = (
    mark("Something went wrong here"),
    mark("It was not your doing, and it has been logged. Reload to see how things stand, then try again."),
)
_MESSAGES: dict[int, tuple[str, str]] = {
    400: (mark("This could not be understood"), mark("Go back, reload the page and try again.")),
    401: (mark("Please log in"), mark("This page is only for people who are logged in.")),
    403: (mark("This is not open to you"), mark("Ask an administrator.")),
    404: (
        mark("There is nothing here"),
        mark("The address may be wrong, or what was here has been removed."),
    ),
    405: (mark("This cannot be done this way"), mark("Go back and use the buttons of the page.")),
    409: (mark("This cannot be done now"), mark("Reload the page to see how things stand.")),
    413: (
        mark("This is too large"),
        mark(
            "The most that can be sent at once is 20 MB. A larger CSV file can be imported in parts, or with "
            "the command flask records import."
        ),
    ),
    429: (mark("Too many requests"), mark("Wait a moment, then try again.")),
    500: _UNEXPECTED,
}
_FORM_TOO_OLD = mark(
    "This form is too old or comes from elsewhere. Go back, reload the page and send it again."
)
_NOT_NOW = mark("This cannot be stored or read just now")


def register(app: Flask) -> None:
    """Answer every error with a text that helps."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(RefusedError, _refused)
    app.register_error_handler(RedisError, _queue_away)
    app.register_error_handler(CrowdedError, _crowded)
    app.register_error_handler(OSError, _database_trouble)
    app.register_error_handler(500, _unexpected)
    for error in TROUBLE_ERRORS:
        app.register_error_handler(error, _database_trouble)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if error.response is not None or code not in _MESSAGES:
        return error.get_response()
    # For an unknown address the session was not looked up yet, and so neither the language.
    bool(current_user)
    # A description of ours is more precise than the general text; Werkzeug's own are for developers.
    was_given = error.description and error.description != type(error).description
    title, text = _MESSAGES[code]
    headers = {"Allow": ", ".join(error.valid_methods or ())} if isinstance(error, MethodNotAllowed) else {}
    return _answer(code, _(title), str(error.description) if was_given else _(text), headers)


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    is_closed = request.endpoint is not None and not is_open(request.endpoint)
    if is_closed and not current_user.is_authenticated and not request.htmx:
        return redirect(login_address(), 303)
    return _answer(400, _(_MESSAGES[400][0]), _(_FORM_TOO_OLD))


def _refused(error: RefusedError) -> ResponseReturnValue:
    return _answer(409, _(_MESSAGES[409][0]), refused(error))


def _queue_away(error: RedisError) -> ResponseReturnValue:
    _log.error("queue_unreachable", error=type(error).__name__)
    return _bare_answer(503, _("The queue does not answer"), queue_away())


def _crowded(_error: CrowdedError) -> ResponseReturnValue:
    _log.warning("passwords_crowded")
    return _bare_answer(
        503, _("Too many people log in at this moment"), _("Nothing was changed: try again in a moment.")
    )


def _database_trouble(error: Exception) -> ResponseReturnValue:
    trouble = trouble_of(error)
    if trouble is None:
        raise error
    _log.error("database_trouble", trouble=trouble, error=type(error).__name__)
    return _bare_answer(503, _(_NOT_NOW), DATABASE[trouble])


def _unexpected(error: InternalServerError) -> ResponseReturnValue:
    original = error.original_exception
    if trouble := trouble_of(original):
        return _bare_answer(503, _(_NOT_NOW), DATABASE[trouble])
    _log.error("request_failed", endpoint=request.endpoint, exc_info=original or True)
    return _bare_answer(500, *map(_, _UNEXPECTED))


def _answer(code: int, title: str, text: str, headers: dict[str, str] | None = None) -> ResponseReturnValue:
    """A page in our frame, which reads the session of the person."""
    if request.htmx:
        return _message(code, title, text, headers or {})
    return render_template("errors/error.html", title=title, text=text, code=code), code, headers or {}


def _bare_answer(code: int, title: str, text: str) -> ResponseReturnValue:
    """A page that needs neither database nor session."""
    headers = {"Retry-After": "10"} if code == 503 else {}  # noqa: PLR2004 - the status has no better name
    if request.htmx:
        return _message(code, title, text, headers)
    return render_template("errors/bare.html", title=title, text=text), code, headers


def _message(code: int, title: str, text: str, headers: dict[str, str]) -> ResponseReturnValue:
    where = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}
    return render_template("errors/_message.html", title=title, text=text), code, headers | where
