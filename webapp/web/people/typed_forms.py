"""Typed forms survive the end of a session: they are kept, and filled in again after the log-in.

Kept is only what came with the token of the session that had ended (Flask-WTF has looked at it before), so
that nobody else's page can plant a text; and only the same person, in the same browser, gets it back.
"""

from collections.abc import Iterable
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from webapp.domain.records.fields import CUSTOM, FIELDS_BY_NAME, OBJECT_TYPES
from webapp.text.people import FORM_FIELDS
from webapp.text.translated import gettext as _
from webapp.usecases.people import typed_forms
from webapp.usecases.people.typed_forms import TypedForm
from webapp.web.people.filled_forms import fill
from webapp.web.services import ask

blueprint = Blueprint("typed_forms", __name__)

PERSON = "person"
"""Where the cookie keeps whose session it was, also when that is over: what they typed is kept for them."""
KEY = "typed"
"""Where the cookie keeps the token of what was typed; `TOO_LONG` where it was not kept."""
TOO_LONG = "-"
_SHOWN = "typed_shown"

# Never kept: what is a secret, and what belongs to the session that has ended.
_SECRET = ("password", "token", "secret")


def register(app: Flask) -> None:
    """Put what was typed back into its form, and forget it when that is sent."""
    app.after_request(_fill)
    app.before_request(_forget_when_sent)


@blueprint.get("/typed")
def show() -> ResponseReturnValue:
    """The typed values as they were sent, for when the page of the form has changed."""
    typed = _typed() if _is_kept() else None
    # From here the person goes where they like; nothing leads back.
    session[_SHOWN] = True
    path = typed.action.removeprefix(request.script_root) if typed is not None else ""
    values = typed_values(path, typed.fields) if typed is not None else {}
    return render_template("people/typed.html", typed=typed, **values)


def typed_values(path: str, fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What people have typed into a form or chosen there; the rest of it is nothing to read.

    Args:
        path: The address that the form sends to, without what all addresses begin with.
        fields: Names and values, as a browser sends them.

    Returns:
        What `errors/_typed_values.html` needs.
    """
    object_type = next((kind for kind in OBJECT_TYPES if path.startswith(f"/{kind}")), None)
    known = FIELDS_BY_NAME[object_type] if object_type is not None else {}
    given = [(name, value) for name, value in fields if value.strip()]
    is_of_record = object_type is not None
    of_record = [
        (name, value) for name, value in given if is_of_record and (name in known or name.startswith(CUSTOM))
    ]
    others = [
        (FORM_FIELDS[name], value) for name, value in given if name not in known and name in FORM_FIELDS
    ]
    return {"object_type": object_type, "of_record": of_record, "others": others}


def keep(user_id: int, page: str) -> None:
    """Keep the form of this request for whose session it was."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if not is_secret(name)]
    action = f"{request.script_root}{request.path}"
    token = ask(typed_forms.keep, user_id, page=page[:2000], action=action[:2000], fields=fields)
    session.pop(_SHOWN, None)
    if token is None:
        session.pop(KEY, None)
    else:
        session[KEY] = token or TOO_LONG


def standing() -> Literal["kept", "too_long", ""]:
    """The state of the form that this browser sent too late, if any."""
    token, user_id = session.get(KEY, ""), session.get(PERSON)
    if token == TOO_LONG:
        return "too_long"
    return "kept" if token and user_id and ask(typed_forms.find, user_id, token) else ""


def is_secret(name: str) -> bool:
    """Whether what is typed into a field of this name is never kept on our side."""
    return any(sign in name.lower() for sign in _SECRET)


def _forget_when_sent() -> None:
    if request.method != "POST" or not _is_kept():
        return
    typed = _typed()
    if typed is None or typed.action == f"{request.script_root}{request.path}":
        ask(typed_forms.forget, current_user.id, session.pop(KEY))


def _fill(response: Response) -> Response:
    """Fill the form of a page that somebody comes back to."""
    if not _is_page(response) or not _is_kept():
        return response
    typed = _typed()
    if typed is None:
        session.pop(KEY)
        return response
    if urlsplit(typed.page).path != f"{request.script_root}{request.path}":
        return response
    filled = fill(response.get_data(as_text=True), typed.action, typed.fields, _messages())
    if filled is None and _SHOWN in session:
        return response
    if filled is None:
        return redirect(url_for("typed_forms.show"), 303)  # type: ignore[return-value]
    response.set_data(filled.html)
    return response


def _is_page(response: Response) -> bool:
    """Whether an answer is a whole page with content of its own."""
    is_html = response.mimetype == "text/html" and response.status_code == 200  # noqa: PLR2004 - a status
    is_whole = request.method == "GET" and "HX-Request" not in request.headers
    return is_html and is_whole and not response.is_streamed and request.endpoint != "typed_forms.show"


def _is_kept() -> bool:
    return session.get(KEY, TOO_LONG) != TOO_LONG and bool(current_user.is_authenticated)


def _typed() -> TypedForm | None:
    return ask(typed_forms.find, current_user.id, session[KEY])


def _messages() -> tuple[Markup, Markup]:
    """The message of the page: for a form with typed text, or for a mere button."""
    box = Markup('<div class="notice warn">{}</div>')
    return (
        box.format(
            _(
                "You had been logged out, so nothing has been saved yet. What you typed is back in "
                "the form: check it and send it again. Passwords and files have to be entered again."
            )
        ),
        box.format(_("You had been logged out, so nothing has been done yet. Press the button again.")),
    )
