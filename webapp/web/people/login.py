"""Logging in and out."""

import sys
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.store.people import users
from webapp.store.people.users import User
from webapp.text.translated import gettext as _
from webapp.usecases.people import passwords
from webapp.web.access import begin_session, end_session, open_to_all, safe_next
from webapp.web.people import typed_forms
from webapp.web.people.attempts import attempts
from webapp.web.services import page_session, services

blueprint = Blueprint("auth", __name__)

FOLDER = Path(__file__).parents[3]
JUST_SET = "just_set"
"""Under this name a session holds the address of who has set a password and is led here."""


@blueprint.get("/login")
@open_to_all
def login() -> ResponseReturnValue:
    """The log-in page; without any user it explains how to add the first."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")), 303)
    return _page(email=session.pop(JUST_SET, ""))


@blueprint.post("/login")
@open_to_all
def begin() -> ResponseReturnValue:
    """Log in with e-mail and password."""
    email = users.typed_email(request.form.get("email", ""))
    address = request.remote_addr or "unknown"
    if not attempts().allow(email, address):
        return _page(_("Too many attempts. Wait a quarter of an hour, then try again."), email), 429
    try:
        is_in = _enters(email, request.form.get("password", ""))
    except passwords.CrowdedError:
        attempts().give_back_unseen(email, address)
        raise
    if not is_in:
        return _page(_("E-mail or password is wrong."), email), 422
    attempts().give_back(email, address)
    return redirect(safe_next(request.form.get("next")), 303)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End this session."""
    end_session()
    flash(_("You are now logged out."), "good")
    return redirect(url_for("auth.login"), 303)


def _enters(email: str, password: str) -> bool:
    """Log a person in, if this is their password."""
    user = _known(email, password)
    return user is not None and begin_session(user, passwords.renewed(user.password_hash, password))


def _known(email: str, password: str) -> User | None:
    """The user with this address and password, if they may log in."""
    user = users.by_email(page_session(), email)
    password_hash = user.password_hash if user and user.is_active else None
    is_right = passwords.is_right(password_hash, password[: passwords.LONGEST])
    return user if is_right else None


def command(arguments: str) -> str:
    """A command as it is typed in the folder of the installation, whose environment is on nobody's path."""
    is_own = Path(sys.prefix).resolve() == (FOLDER / ".venv").resolve()
    return f"{'.venv/bin/' if is_own else ''}flask --app webapp {arguments}"


def _page(error: str = "", email: str = "") -> str:
    return render_template(
        "people/login.html",
        command=command("users add EMAIL --name NAME --admin"),
        error=error,
        email=email,
        next=request.values.get("next", ""),
        typed=typed_forms.standing(),
        sends_mail=bool(services().settings.mail_server),
        is_first_start=not users.is_any(page_session()),
    )
