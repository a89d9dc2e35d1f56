"""Personal data: what is kept about one person, as a file, and their erasure; for administrators."""

import msgspec
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.privacy.person import read_identity
from webapp.store.people import users
from webapp.store.privacy import erasures
from webapp.text import privacy as privacy_text
from webapp.text.translated import gettext as _
from webapp.usecases.privacy import person as persons
from webapp.web.access import administrators_only
from webapp.web.services import ask, page_session

blueprint = Blueprint("persons", __name__, url_prefix="/personal-data")

_LATEST = 50


@blueprint.get("")
@administrators_only
def index() -> ResponseReturnValue:
    """Where to look somebody up, and the erasures so far."""
    return _page()


@blueprint.post("")
@administrators_only
def look() -> ResponseReturnValue:
    """How much is kept about somebody. It is asked for by POST, so that no address keeps who it was."""
    typed = request.form.get("who", "").strip()
    if read_identity(typed) is None:
        return _page(typed, error=_("Give an e-mail address, or the number of a contact.")), 400
    return _found(typed)


@blueprint.post("/export")
@administrators_only
def export() -> ResponseReturnValue:
    """Everything that is kept about somebody, as a file."""
    found = ask(persons.collect, request.form.get("who", ""))
    answer = Response(msgspec.json.format(msgspec.json.encode(found)), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="personal-data.json"'
    return answer


@blueprint.post("/erasure")
@administrators_only
def erase() -> ResponseReturnValue:
    """Erase somebody: the record at once, what mentions them within seconds, by the schedule."""
    if "sure" not in request.form:
        return _found(request.form.get("who", ""), error=_("Nothing was erased: tick that you are sure."))
    number = ask(persons.begin, request.form.get("who", ""))
    flash(_("Erased, as erasure %(number)s. What mentions them elsewhere goes now.", number=number), "good")
    return redirect(url_for(".index"), 303)


def _found(typed: str, error: str = "") -> ResponseReturnValue:
    """What is kept about somebody, and their erasure; with an error where that was not confirmed."""
    kept = ask(persons.look_up, typed)
    if not kept.person.is_known:
        return _page(
            typed, error=_("Nothing is kept here about this person, unless they have an account: see People.")
        ), 404
    page = render_template(
        "privacy/person.html",
        typed=typed,
        kept=kept,
        counts=privacy_text.counted(kept.counts),
        left=privacy_text.left(kept.unchanged),
        in_hubspot=privacy_text.in_hubspot(),
        error=error,
    )
    return (page, 422) if error else page


def _page(typed: str = "", error: str = "") -> str:
    return render_template(
        "privacy/index.html",
        typed=typed,
        error=error,
        erasures=erasures.latest(page_session(), _LATEST),
        names=dict(users.names(page_session())),
        total=lambda counts: sum(counts.values()),
    )
