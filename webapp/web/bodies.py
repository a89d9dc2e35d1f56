"""Limits of a request's body, checked before anything reads it: without a session forms, and no files.

A body that has not arrived yet may take minutes. Nobody's connection to the database waits for it, and who
sends it is looked up once more behind it: they may have been logged out meanwhile.
"""

from typing import IO

from flask import Flask, Request, g, session
from flask_login import current_user
from htmx_flask import request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Response as AnyResponse

from webapp.text.translated import gettext as _
from webapp.usecases.people.typed_forms import LONGEST_BYTES
from webapp.web.access import is_open, lead_to_login
from webapp.web.people import typed_forms
from webapp.web.services import end_reading

MOST = 20 * 1024 * 1024
"""Bytes of any body; only uploads of CSV files come near it."""
MOST_WITHOUT_SESSION = 64 * 1024
"""Bytes: a log-in, a new password. The endpoint of webhook events has a limit of its own."""
LATE_BYTES = 64 * 1024
"""A longer body is read while it comes, by a thread that waits for it (`webapp.processes.arrival`)."""
# A megabyte of webhook events at the pace of the largest file. Few large bodies are read at a time.
_PATIENCE_WITHOUT_SESSION_S = 15.0
# As much as is kept of what somebody typed before their session ended, in the encoding of forms.
_MOST_OF_A_LATE_FORM = 3 * LONGEST_BYTES


class _StorableFields(FormDataParser):
    """Leaves out what no browser sends: parts without a name, and NULs, which PostgreSQL refuses."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        rest, form, files = super().parse(stream, mimetype, content_length, options)
        fields = [(one, value.replace("\0", "")) for one, value in form.items(multi=True) if one is not None]
        return rest, self.cls(fields), files


def register(app: Flask) -> None:
    """Check every request first: the check of form tokens already reads the body."""
    app.config["MAX_CONTENT_LENGTH"] = MOST
    app.before_request(_limit)


def _limit() -> AnyResponse | None:
    request.form_data_parser_class = _StorableFields
    if request.endpoint is None or is_open(request.endpoint):
        _limit_of_anybody()
        return None
    if current_user.is_authenticated:
        if _is_yet_to_come(request):
            _forget_who_it_is()
        return None
    had_session = typed_forms.PERSON in session
    most = _MOST_OF_A_LATE_FORM if had_session else MOST_WITHOUT_SESSION
    request.max_content_length = most
    if not _exceeds(request, most):
        _hurry()
        return None
    # Nothing of it is read; where it was typed in time, the log-in page says that it was too much to keep.
    if had_session:
        session[typed_forms.KEY] = typed_forms.TOO_LONG
    return lead_to_login()


def _limit_of_anybody() -> None:
    request.max_content_length = MOST_WITHOUT_SESSION
    if _exceeds(request, MOST_WITHOUT_SESSION) and not _is_limited_itself():
        raise RequestEntityTooLarge(_("This is more than any form on this page can hold."))
    _hurry()


def _forget_who_it_is() -> None:
    end_reading()
    g.pop("_login_user", None)


def _is_yet_to_come(sent: Request) -> bool:
    """Whether the body may not have arrived wholly."""
    return "Expect" in sent.headers or _exceeds(sent, LATE_BYTES)


def _exceeds(sent: Request, most: int) -> bool:
    """Whether a body is larger, or of unknown length."""
    is_chunked = "Transfer-Encoding" in sent.headers
    return bool(is_chunked or (sent.content_length or 0) > most)


def _is_limited_itself() -> bool:
    return bool(request.endpoint == "webhooks.hubspot")


def _hurry() -> None:
    """Let nobody whom we do not know yet keep one of the places for large bodies for minutes."""
    hurry = getattr(request.environ.get("gunicorn.socket"), "hurry", None)
    if hurry is not None and _is_yet_to_come(request):
        hurry(_PATIENCE_WITHOUT_SESSION_S)
