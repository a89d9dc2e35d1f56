"""The people who may log in: listed, invited, given roles, deactivated; for administrators."""

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.people.accounts import ROLES
from webapp.domain.people.mailed_links import LINKS_LAST
from webapp.domain.people.profile import read_email, read_name
from webapp.errors import Problem, RefusedError, UnfitError
from webapp.store.people import sessions, users
from webapp.store.people.users import User
from webapp.store.runs import log
from webapp.text import people as people_text
from webapp.text.refusals import refusal, refused
from webapp.text.translated import gettext as _
from webapp.usecases.people import accounts, mailed_links
from webapp.usecases.people import sessions as person_sessions
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.services import ask, page_session, services

_STATE_KINDS = {"invited": "busy", "active": "good", "deactivated": ""}
"""The colours of the badges of accounts."""

blueprint = Blueprint("people", __name__, url_prefix="/people")

_UNFIT = 422


@blueprint.get("")
@administrators_only
def index() -> ResponseReturnValue:
    """Everybody, and the form to invite somebody."""
    return _list()


@blueprint.post("")
@administrators_only
def invite() -> ResponseReturnValue:
    """Invite somebody; without a mail server the page shows the link to hand on."""
    given = {name: request.form.get(name, "").strip() for name in ("name", "email")}
    role = request.form.get("role", users.MEMBER)
    errors: dict[str, Problem] = {}
    for name, read in (("name", read_name), ("email", read_email)):
        try:
            given[name] = read(given[name])
        except UnfitError as error:
            errors[name] = error.problem
    if role not in ROLES or errors:
        return _list({**given, "role": role}, errors), _UNFIT
    try:
        invited = ask(mailed_links.invite, given["email"], given["name"], role)
    except RefusedError as error:
        return _list({**given, "role": role}, {"email": error.problem}), _UNFIT
    return _sent(invited)


@blueprint.get("/<int:user_id>")
@administrators_only
def show(user_id: int) -> ResponseReturnValue:
    """One person: role, state, sessions."""
    return _page(_found(user_id))


@blueprint.post("/<int:user_id>/role")
@administrators_only
def set_role(user_id: int) -> ResponseReturnValue:
    """Give a person another role."""
    user, role = _found(user_id), request.form.get("role")
    if role not in ROLES:
        abort(400)
    ask(accounts.set_role, user_id, role)
    flash(
        _("%(name)s is now %(role)s.", name=user.name, role=people_text.ROLES[role].lower()),
        "good",
    )
    return redirect(url_for(".show", user_id=user_id), 303)


@blueprint.post("/<int:user_id>/deactivation")
@administrators_only
def deactivate(user_id: int) -> ResponseReturnValue:
    """Bar a person from logging in."""
    user = _found(user_id)
    ask(accounts.deactivate, user_id)
    flash(_("%(name)s was deactivated and logged out everywhere.", name=user.name), "good")
    return redirect(url_for(".show", user_id=user_id), 303)


@blueprint.post("/<int:user_id>/reactivation")
@administrators_only
def reactivate(user_id: int) -> ResponseReturnValue:
    """Let a deactivated person log in again."""
    user = _found(user_id)
    ask(accounts.reactivate, user_id)
    flash(_("%(name)s can log in again.", name=user.name), "good")
    return redirect(url_for(".show", user_id=user_id), 303)


@blueprint.post("/<int:user_id>/link")
@administrators_only
def send_link(user_id: int) -> ResponseReturnValue:
    """Send a person a link to choose a password."""
    _found(user_id)
    return _sent(ask(mailed_links.send_link, user_id))


@blueprint.post("/<int:user_id>/sessions/end")
@administrators_only
def end_sessions(user_id: int) -> ResponseReturnValue:
    """End one session of a person, or all."""
    user = _found(user_id)
    if "session" in request.form:
        session_id = row_number(request.form["session"]) or 0
        ask(person_sessions.end_one, user_id, session_id)
        flash(_("That session was ended."), "good")
    else:
        ask(person_sessions.end_all, user_id)
        flash(_("%(name)s was logged out everywhere.", name=user.name), "good")
    return redirect(url_for(".show", user_id=user_id), 303)


def _found(user_id: int) -> User:
    user = users.by_id(page_session(), user_id)
    if user is None:
        abort(404, _("There is no such person."))
    return user


def _sent(invited: mailed_links.Invited) -> ResponseReturnValue:
    """Say that the mail is on its way, or show the link: it is kept nowhere, so this is the only time."""
    user = invited.user
    if invited.link:
        return render_template("people/link_to_hand_on.html", user=user, link=invited.link)
    flash(_("A mail with a link is on its way to %(email)s.", email=user.email), "good")
    return redirect(url_for(".show", user_id=user.id), 303)


def _list(given: dict[str, str] | None = None, errors: dict[str, Problem] | None = None) -> str:
    return render_template(
        "people/index.html",
        people=users.everybody(page_session()),
        given=given or {},
        errors={name: refusal(problem) for name, problem in (errors or {}).items()},
        sends_mail=bool(services().settings.mail_server),
        link_lasts=people_text.lasts_text(LINKS_LAST["invite"]),
        **_texts(),
    )


def _page(user: User) -> str:
    return render_template(
        "people/show.html",
        user=user,
        standing=users.account_of(user),
        sessions=sessions.of_person(page_session(), user.id, datetime.now(UTC)),
        open_runs=log.open_of_person(page_session(), user.id),
        sends_mail=bool(services().settings.mail_server),
        **_texts(),
    )


def _texts() -> dict[str, object]:
    return {
        "roles": people_text.ROLES,
        "roles_explained": people_text.ROLES_EXPLAINED,
        "states": people_text.STATES,
        "state_kinds": _STATE_KINDS,
        "browser_text": people_text.browser_text,
    }


@blueprint.errorhandler(RefusedError)
def refuse(error: RefusedError) -> ResponseReturnValue:
    """Say above the page why something cannot be done, and keep the person there."""
    flash(refused(error), "bad")
    user_id = (request.view_args or {}).get("user_id")
    return redirect(url_for(".show", user_id=user_id) if user_id else url_for(".index"), 303)
