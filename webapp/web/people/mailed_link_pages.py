"""Pages for people without a session: asking for a new password, and choosing one by a mailed link."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from webapp.store.people.users import typed_email
from webapp.text.refusals import refusal
from webapp.text.translated import gettext as _
from webapp.usecases.people import mailed_links, passwords
from webapp.web.access import open_to_all
from webapp.web.people import login
from webapp.web.people.attempts import attempts
from webapp.web.services import ask, services

blueprint = Blueprint("links", __name__)

_TOO_MANY = 429
_UNFIT = 422
_GONE = 410
_FOUND = 200


@blueprint.get("/forgotten-password")
@open_to_all
def forgotten() -> ResponseReturnValue:
    """Ask for a link by mail; without a mail server the page names the administrators to ask instead."""
    return _forgotten()


@blueprint.post("/forgotten-password")
@open_to_all
def send() -> ResponseReturnValue:
    """Have a link sent. The answer is the same whether anybody has that address."""
    email = typed_email(request.form.get("email", ""))
    if not services().settings.mail_server or "@" not in email:
        return _forgotten(_("Enter your full e-mail address."), email), _UNFIT
    if not attempts().allow_link(email, request.remote_addr or ""):
        return _forgotten(
            _("Too many links have been requested. Wait an hour, then try again."), email
        ), _TOO_MANY
    ask(mailed_links.ask_for_reset, email)
    return redirect(url_for("links.is_sent"), 303)


@blueprint.get("/forgotten-password/sent")
@open_to_all
def is_sent() -> ResponseReturnValue:
    """Say what happens next."""
    return render_template("people/link_sent.html")


@blueprint.get("/choose-password/<token>")
@open_to_all
def choose(token: str) -> ResponseReturnValue:
    """The page that a link leads to. Looking at it does not use it up, since mail programs look as well."""
    return _choose(token)


@blueprint.post("/choose-password/<token>")
@open_to_all
def set_password(token: str) -> ResponseReturnValue:
    """Set the password, once."""
    found = ask(mailed_links.find, token)
    if found is None:
        return _choose(token)
    user, _purpose = found
    password = request.form.get("new_password", "")
    if fault := passwords.fault_of(password, user.name, user.email):
        return _choose(token, refusal(fault))
    if password != request.form.get("new_password_again", ""):
        return _choose(token, _("The two passwords differ. Type the same one twice."))
    if not ask(mailed_links.choose_password, token, passwords.hashed(password)):
        return _choose(token)
    flash(_("Your password is set. You can now log in."), "good")
    session[login.JUST_SET] = user.email
    return redirect(url_for("auth.login"), 303)


def _forgotten(error: str = "", email: str = "") -> str:
    sends_mail = bool(services().settings.mail_server)
    command = login.command("users password EMAIL")
    return render_template(
        "people/forgotten.html", error=error, email=email, sends_mail=sends_mail, command=command
    )


def _choose(token: str, error: str = "") -> tuple[str, int]:
    found = ask(mailed_links.find, token)
    user, purpose = found or (None, "reset")
    page = render_template(
        "people/choose_password.html",
        token=token,
        user=user,
        purpose=purpose,
        error=error,
        shortest=passwords.SHORTEST,
    )
    if user is None:
        return page, _GONE
    return page, _UNFIT if error else _FOUND
