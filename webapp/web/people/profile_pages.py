"""One's own account: name, address, time zone, language, password, sessions."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.people.profile import Profile, read_profile
from webapp.errors import RefusedError
from webapp.store.people import sessions
from webapp.text import people as people_text
from webapp.text.refusals import refusal, refused
from webapp.text.translated import gettext as _
from webapp.usecases.people import accounts, passwords
from webapp.usecases.people import sessions as person_sessions
from webapp.web.access import renew_session
from webapp.web.addresses import row_number
from webapp.web.moments import time_zones
from webapp.web.people.attempts import attempts
from webapp.web.services import ask, page_session

blueprint = Blueprint("profile", __name__, url_prefix="/profile")

_UNFIT = 422


@blueprint.get("")
def show() -> ResponseReturnValue:
    """One's own account."""
    return _page()


@blueprint.post("")
def save() -> ResponseReturnValue:
    """Keep what a person says about themselves; another address takes the present password."""
    form = request.form
    given = {name: form.get(name, "").strip() for name in ("name", "email", "time_zone", "language")}
    profile, problems = read_profile(**given, zones=frozenset(time_zones()))
    errors = {name: refusal(problem) for name, problem in problems.items()}
    if not errors:
        errors = _saved(profile)
    if errors:
        return _page(given, errors), _UNFIT
    flash(_("Your profile was saved."), "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/password")
def change_password() -> ResponseReturnValue:
    """Choose another password; all other sessions end."""
    password = request.form.get("new_password", "")
    errors: dict[str, str] = {}
    proved_hash = _proved_hash("current_password")
    if proved_hash is None:
        errors["current_password"] = _not_proved()
    elif fault := passwords.fault_of(password, current_user.name, current_user.email):
        errors["new_password"] = refusal(fault)
    elif password != request.form.get("new_password_again", ""):
        errors["new_password_again"] = _("The two passwords differ. Type the same one twice.")
    elif not ask(
        accounts.change_password,
        current_user.id,
        passwords.hashed(password),
        proved_hash=proved_hash,
        keeps=current_user.session_id,
    ):
        errors["current_password"] = _not_proved()
    if errors:
        return _page(errors=errors), _UNFIT
    renew_session()
    flash(_("Your password was changed, and your other sessions were ended."), "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/sessions/end")
def end_sessions() -> ResponseReturnValue:
    """End one of one's sessions, or all but this one."""
    if "session" in request.form:
        session_id = row_number(request.form["session"]) or 0
        ask(person_sessions.end_one, current_user.id, session_id)
        flash(_("That session was ended."), "good")
    else:
        ask(person_sessions.end_all, current_user.id, but=current_user.session_id)
        flash(_("All your other sessions were ended."), "good")
    return redirect(url_for(".show"), 303)


def _saved(profile: Profile) -> dict[str, str]:
    """Save a profile; the errors by field for which that was not done."""
    proved_hash = None
    if profile.email != current_user.email:
        proved_hash = _proved_hash("current_password_for_email")
        if proved_hash is None:
            return {"current_password_for_email": _not_proved()}
    try:
        is_saved = ask(accounts.edit_profile, current_user.id, profile, proved_hash=proved_hash)
    except RefusedError as error:
        return {"email": refused(error)}
    return {} if is_saved else {"current_password_for_email": _not_proved()}


def _proved_hash(field: str) -> str | None:
    """The hash of the person's password, if they typed that; guesses are counted like those at the log-in."""
    email, address = current_user.email, request.remote_addr or ""
    if not attempts().allow(email, address):
        return None
    try:
        proved_hash: str | None = ask(accounts.proved_hash, current_user.id, request.form.get(field, ""))
    except passwords.CrowdedError:
        attempts().give_back_unseen(email, address)
        raise
    if proved_hash is not None:
        attempts().give_back(email, address)
    return proved_hash


def _not_proved() -> str:
    text: str = _("This is not your present password. After ten tries, wait a quarter of an hour.")
    return text


def _page(given: dict[str, str] | None = None, errors: dict[str, str] | None = None) -> str:
    present: dict[str, Any] = {
        "name": current_user.name,
        "email": current_user.email,
        "time_zone": current_user.time_zone or "",
        "language": current_user.language or "",
    }
    return render_template(
        "people/profile.html",
        given=given or present,
        errors=errors or {},
        zones=[("", _("UTC (not chosen)")), *((name, name.replace("_", " ")) for name in time_zones())],
        languages=[("", _("As the browser prefers")), *people_text.LANGUAGES.items()],
        sessions=sessions.of_person(page_session(), current_user.id, datetime.now(UTC)),
        browser_text=people_text.browser_text,
        shortest=passwords.SHORTEST,
    )
