"""Errors as people see them: a page, or for htmx a message above the present page."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from htmx_flask import request
from redis.exceptions import RedisError, ResponseError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from webapp.errors import RefusedError
from webapp.extensions import login_manager
from webapp.store.database.trouble import TROUBLE_ERRORS, trouble_of
from webapp.text.refusals import refused
from webapp.text.runs.machinery import DATABASE, TROUBLES, queue_away
from webapp.text.translated import gettext as _
from webapp.text.translated import mark
from webapp.usecases.connection.status import database_state
from webapp.usecases.people.passwords import CrowdedError
from webapp.web.access import (
    is_of_earlier_session,
    is_open,
    lead_back,
    login_address,
    page_of_request,
)
from webapp.web.people.typed_forms import is_secret, typed_values
from webapp.web.records import field_labels
from webapp.web.services import ask_for_nobody

_log = structlog.get_logger()

_FIRST_ERROR, _FIRST_OF_OURS = HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR
_REFUSING = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)
# Its form is not read.
_TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

_UNEXPECTED = (
    mark("Something went wrong here"),
    mark("This was not your fault, and it has been logged. Reload to see what was saved, then try again."),
)
_MESSAGES: dict[int, tuple[str, str]] = {
    400: (mark("This request could not be read"), mark("Open the page again and try once more.")),
    401: (mark("Please log in"), mark("This page is only for people who are logged in.")),
    403: (mark("You do not have access to this"), mark("Ask an administrator.")),
    404: (
        mark("Page not found"),
        mark("The address may be wrong, or the page has been removed."),
    ),
    405: (mark("This cannot be done this way"), mark("Use the buttons on the page.")),
    409: (mark("This cannot be done now"), mark("Reload the page to see the current state.")),
    413: (
        mark("This is too large"),
        mark(
            "At most 20 MB can be sent at once. Split a larger CSV file, or import it with the command "
            "flask records import."
        ),
    ),
    429: (mark("Too many requests"), mark("Wait a moment, then try again.")),
    500: _UNEXPECTED,
}
_OTHER_VERSIONS = {"outdated": "outdated", "newer": "too_new", "too_new": "too_new"}
_FORM_TOO_OLD = mark(
    "This form belongs to a session that has ended, or comes from another site. Open its page again and "
    "send it from there."
)
_NOT_NOW = mark("This cannot be saved or read right now")
_GONE = mark("This is not here any more")


def register(app: Flask) -> None:
    """Answer every error with a text that helps."""
    # Flask would log the address, in which there may be the token of a link or a line made up by somebody.
    app.log_exception = _log_nothing  # type: ignore[method-assign]
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
    if error.response is not None or code < _FIRST_ERROR:
        return error.get_response()
    # For an unknown address the session was not looked up yet, and so neither the language.
    bool(current_user)
    # A description of ours is more precise than the general text; Werkzeug's own are for developers.
    was_given = error.description and error.description != type(error).description
    title, text = map(_, _MESSAGES.get(code) or _MESSAGES[400 if code < _FIRST_OF_OURS else 500])
    text = str(error.description) if was_given else text
    if code == HTTPStatus.NOT_FOUND and (request.htmx or request.method != "GET"):
        # Nobody asked for a page: what was pressed is of something that has gone meanwhile.
        title, text = _(_GONE), text if was_given else ""
        text = f"{text} {_(_MESSAGES[409][1])}".strip() if request.htmx else text
    headers = {"Allow": ", ".join(error.valid_methods or ())} if isinstance(error, MethodNotAllowed) else {}
    return _answer(code, title, text, headers, typed=_typed() if code != _TOO_LARGE else None)


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    is_closed = request.endpoint is not None and not is_open(request.endpoint)
    if is_closed and not current_user.is_authenticated and not request.htmx:
        return redirect(login_address(), 303)
    if is_closed and is_of_earlier_session():
        return lead_back()
    return _answer(400, _(_MESSAGES[400][0]), _(_FORM_TOO_OLD))


def _refused(error: RefusedError) -> ResponseReturnValue:
    is_unconnected = error.reason == "not_connected"
    return _answer(409, _(_MESSAGES[409][0]), refused(error), is_unconnected=is_unconnected, typed=_typed())


def _queue_away(error: RedisError) -> ResponseReturnValue:
    _log.error("queue_unreachable", error=type(error).__name__)
    if isinstance(error, ResponseError):
        full = TROUBLES["redis_refuses"]
        return _bare_answer(503, _("The queue takes nothing"), f"{full.text} {full.remedy}")
    return _bare_answer(503, _("The queue does not answer"), queue_away())


def _crowded(_error: CrowdedError) -> ResponseReturnValue:
    _log.warning("passwords_crowded")
    return _bare_answer(
        503, _("Too many people are logging in right now"), _("Nothing was changed: try again in a moment.")
    )


def _database_trouble(error: Exception) -> ResponseReturnValue:
    trouble = trouble_of(error)
    if trouble is None:
        raise error
    _log.error("database_trouble", trouble=trouble, error=type(error).__name__)
    return _not_stored(trouble)


def _unexpected(error: InternalServerError) -> ResponseReturnValue:
    original = error.original_exception
    if trouble := trouble_of(original) or _of_another_version(original):
        _log.error("database_trouble", trouble=trouble, error=type(original).__name__)
        return _not_stored(trouble)
    _log.error("request_failed", endpoint=request.endpoint, exc_info=original or True)
    return _bare_answer(500, _(_UNEXPECTED[0]), _(_UNEXPECTED[1]), typed=_typed())


def _of_another_version(error: BaseException | None) -> str | None:
    """The trouble of a database of an earlier or a newer version, where a statement failed."""
    if not isinstance(error, DBAPIError):
        return None
    return _OTHER_VERSIONS.get(ask_for_nobody(database_state))


def _log_nothing(exc_info: object) -> None:
    """What has failed is logged by who answers it, under the name of its endpoint."""
    del exc_info


def _not_stored(trouble: str) -> ResponseReturnValue:
    return _bare_answer(503, _(_NOT_NOW), DATABASE[trouble], _fields_to_send_again())


def _fields_to_send_again() -> list[tuple[str, str]]:
    """The fields of a form that changed nothing: pages are not kept, so that going back would lose them.

    None where a part would be missing: a secret, which no page holds, or a file.
    """
    if request.method != "POST" or request.files:
        return []
    fields = list(request.form.items(multi=True))
    return [] if any(is_secret(name) for name, _value in fields if name != "csrf_token") else fields


def _typed() -> dict[str, Any] | None:
    """What was typed into the form that failed: pages are not kept, so that going back would lose it.

    None where nothing was, and where its labels would have to be read from a database that may be away. Of a
    form that another site has sent nothing gets here: it is refused before anything else is done.
    """
    if request.method != "POST" or request.endpoint is None or not field_labels.were_read():
        return None
    values = typed_values(request.path, request.form.items(multi=True))
    return values if values["of_record"] or values["others"] else None


def _answer(
    code: int,
    title: str,
    text: str,
    headers: dict[str, str] | None = None,
    *,
    is_unconnected: bool = False,
    typed: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    """A page in our frame, which reads the session of the person.

    Args:
        code: The status of the answer.
        title: Its heading.
        text: What it says.
        headers: Further headers.
        is_unconnected: Whether connecting HubSpot is the remedy, to which the page then leads.
        typed: What was typed into the form that failed, if anything.
    """
    if request.htmx:
        return _message(code, title, text, headers or {})
    back = _record_gone(code) or _back() or _page_before(code)
    parts = {"title": title, "text": text, "code": code, "back": back, "is_unconnected": is_unconnected}
    return render_template("errors/error.html", typed=typed, **parts), code, headers or {}


def _back() -> str:
    """The page of the form that failed; empty for a page, which is asked for again."""
    return "" if request.method == "GET" else page_of_request() or url_for("home.index")


def _record_gone(code: int) -> str:
    """The page that says what became of a record, where its form was sent too late."""
    about = request.view_args or {}
    if code != HTTPStatus.NOT_FOUND or request.method == "GET" or "record_id" not in about:
        return ""
    return url_for("records.show", object_type=about["object_type"], record_id=about["record_id"])


def _page_before(code: int) -> str:
    """The page from which somebody came to an address that refuses them; empty where there was none."""
    before = page_of_request() if code in _REFUSING else ""
    return before if urlsplit(before).path != f"{request.script_root}{request.path}" else ""


def _bare_answer(
    code: int,
    title: str,
    text: str,
    fields: Sequence[tuple[str, str]] = (),
    typed: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    """A page that needs neither database nor session.

    Args:
        code: The status of the answer.
        title: Its heading.
        text: What it says.
        fields: Of the form that the page offers to send again.
        typed: What was typed into a form that may have been saved, and is not to be sent again unseen.
    """
    # Where looking the session up is what has failed, rendering must not do it again.
    g.setdefault("_login_user", login_manager.anonymous_user())
    headers = {"Retry-After": "10"} if code == 503 else {}  # noqa: PLR2004 - the status has no better name
    if request.htmx:
        return _message(code, title, text, headers)
    parts = {"title": title, "text": text, "fields": fields, "back": _back()}
    return render_template("errors/bare.html", typed=typed, **parts), code, headers


def _message(code: int, title: str, text: str, headers: dict[str, str]) -> ResponseReturnValue:
    # Whatever part of a page was asked for, the message has to be shown as a whole.
    where = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML", "HX-Reselect": "unset"}
    return render_template("errors/_message.html", title=title, text=text), code, headers | where
