"""`flask users`: the people who log in, as on their page."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from webapp.commands.command import Group, from_input, say
from webapp.commands.services import pass_services
from webapp.domain.people.accounts import ROLES, Role
from webapp.domain.people.profile import read_email, read_name
from webapp.errors import Problem, RefusedError, UnfitError, problem
from webapp.services import Services
from webapp.store.people import users
from webapp.store.people.users import User
from webapp.text.people import ROLES as ROLE_NAMES
from webapp.text.people import STATES
from webapp.text.refusals import refusal
from webapp.usecases.people import accounts, mailed_links, passwords, sessions

users_group = Group("users", help="The people who log in.")

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_NAME = click.option("--name", required=True, help="How the person is called.")
_ADMIN = click.option("--admin", is_flag=True, help="May also connect, map and run bulk syncs.")


def _about_one(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Makes a function a command about the person EMAIL."""

    def command(function: Callable[..., None]) -> click.Command:
        return users_group.command(name)(click.argument("email")(_JSON(pass_services(function))))

    return command


@users_group.command("add")
@click.argument("email")
@_NAME
@_ADMIN
@_JSON
@pass_services
def add_command(services: Services, email: str, name: str, *, admin: bool, as_json: bool) -> None:
    """Add the user EMAIL. The password is typed at a terminal, or read from standard input."""
    email, name = _checked(email, name)
    with services.database.reading() as session:
        is_taken = users.by_email(session, email) is not None
    if is_taken:
        _refuse(problem("email_taken", email=email), as_json=as_json)
    hashed = _new_password(name, email, as_json=as_json)
    with _refusals(as_json=as_json):
        user = accounts.add(services, email, name, hashed, _role(is_admin=admin))
    _print(user, f"{user.name} <{user.email}> can log in as {user.role}.", as_json=as_json)


@users_group.command("list")
@_JSON
@pass_services
def list_command(services: Services, *, as_json: bool) -> None:
    """List everybody who may log in, or might."""
    with services.database.reading() as session:
        found = users.everybody(session)
    if as_json:
        say(json.dumps({"users": [_as_json(one.user) | {"sessions": one.sessions} for one in found]}))
        return
    for one in found:
        state = STATES[one.account.state]
        say(f"{one.user.email}\t{one.user.name}\t{one.user.role}\t{state.lower()}\t{one.sessions}")


@users_group.command("invite")
@click.argument("email")
@_NAME
@_ADMIN
@_JSON
@pass_services
def invite_command(services: Services, email: str, name: str, *, admin: bool, as_json: bool) -> None:
    """Invite EMAIL by mail; without MAIL_SERVER the link is printed, to be handed on.

    Repeated for somebody who has not come yet, it makes another link.
    """
    email, name = _checked(email, name)
    with services.database.reading() as session:
        known = users.by_email(session, email)
    with _refusals(as_json=as_json):
        if known is not None and users.account_of(known).state == "invited":
            invited = mailed_links.send_link(services, known.id)
        else:
            invited = mailed_links.invite(services, email, name, _role(is_admin=admin))
    text = invited.link or f"A mail with a link is on its way to {email}."
    _print(invited.user, text, as_json=as_json, link=invited.link or None)


@users_group.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@_JSON
@pass_services
def role_command(services: Services, email: str, role: Role, *, as_json: bool) -> None:
    """Make EMAIL an administrator or a member."""
    user = _found(services, email, as_json=as_json)
    with _refusals(as_json=as_json):
        accounts.set_role(services, user.id, role)
    _print_again(services, user, f"{user.name} is {ROLE_NAMES[role].lower()} now.", as_json=as_json)


@_about_one("deactivate")
def deactivate_command(services: Services, email: str, *, as_json: bool) -> None:
    """Deactivate EMAIL: they can no longer log in, and their sessions end at once."""
    user = _found(services, email, as_json=as_json)
    with _refusals(as_json=as_json):
        accounts.deactivate(services, user.id)
    _print_again(services, user, f"{user.name} is deactivated.", as_json=as_json)


@_about_one("reactivate")
def reactivate_command(services: Services, email: str, *, as_json: bool) -> None:
    """Let EMAIL log in again."""
    user = _found(services, email, as_json=as_json)
    accounts.reactivate(services, user.id)
    _print_again(services, user, f"{user.name} can log in again.", as_json=as_json)


@_about_one("password")
def password_command(services: Services, email: str, *, as_json: bool) -> None:
    """Set the password of EMAIL, typed at a terminal or read from standard input; their sessions end."""
    user = _found(services, email, as_json=as_json)
    accounts.change_password(services, user.id, _new_password(user.name, user.email, as_json=as_json))
    _print_again(services, user, f"{user.name} has a new password.", as_json=as_json)


@_about_one("end-sessions")
def end_sessions_command(services: Services, email: str, *, as_json: bool) -> None:
    """Log EMAIL out everywhere."""
    user = _found(services, email, as_json=as_json)
    ended = sessions.end_all(services, user.id)
    _print(user, f"{user.name} is logged out everywhere.", as_json=as_json, ended=ended)


def _checked(email: str, name: str) -> tuple[str, str]:
    for hint, text, read in (("EMAIL", email, read_email), ("--name", name, read_name)):
        try:
            read(text)
        except UnfitError as error:
            raise click.BadParameter(refusal(error.problem), param_hint=hint) from None
    return read_email(email), read_name(name)


def _found(services: Services, email: str, *, as_json: bool) -> User:
    with services.database.reading() as session:
        user = users.by_email(session, email)
    if user is None:
        _refuse(problem("no_such_user", email=email), as_json=as_json)
    return user


def _new_password(name: str, email: str, *, as_json: bool) -> str:
    """The hash of a password typed twice at a terminal; elsewhere of the first line of standard input."""
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = from_input("the password", sys.stdin.readline).rstrip("\r\n")
    if fault := passwords.fault_of(password, name, email):
        _refuse(fault, as_json=as_json, reason="password_refused")
    return passwords.hashed(password)


def _role(*, is_admin: bool) -> Role:
    return "administrator" if is_admin else "member"


def _print_again(services: Services, user: User, text: str, *, as_json: bool) -> None:
    """Print a person as they are after a change."""
    with services.database.reading() as session:
        _print(users.by_id(session, user.id) or user, text, as_json=as_json)


def _print(user: User, text: str, *, as_json: bool, **more: Any) -> None:
    say(json.dumps(_as_json(user) | more) if as_json else text)


def _as_json(user: User) -> dict[str, Any]:
    shown = {"id": user.id, "email": user.email, "name": user.name, "role": user.role}
    return shown | {"state": users.account_of(user).state}


@contextmanager
def _refusals(*, as_json: bool) -> Iterator[None]:
    """Ends the command with the refusal, where there is one."""
    try:
        yield
    except RefusedError as error:
        _refuse(error.problem, as_json=as_json)


def _refuse(fault: Problem, *, as_json: bool, reason: str = "") -> NoReturn:
    if as_json:
        say(json.dumps({"error": reason or fault.code, "message": refusal(fault)}))
    else:
        say(refusal(fault), err=True)
    sys.exit(1)
