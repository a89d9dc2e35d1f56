"""`users add`: make a person who can log in."""

import json
import sys
from typing import NoReturn

import click
from email_validator import EmailNotValidError, validate_email

from webapp import passwords
from webapp.commands.services import pass_services
from webapp.errors import RefusedError, problem
from webapp.services import Services
from webapp.store.people import users
from webapp.text.refusals import refusal, refused
from webapp.usecases.people import accounts

users_group = click.Group("users", help="The people who log in.")

_LONGEST_NAME = 200


@users_group.command("add")
@click.argument("email")
@click.option("--name", required=True, help="How the person is called.")
@click.option("--admin", is_flag=True, help="May also connect, map and run bulk syncs.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def add(services: Services, email: str, name: str, *, admin: bool, as_json: bool) -> None:
    """Add the user EMAIL. The password is typed at a terminal, or read from standard input."""
    email = _checked_email(email)
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise click.BadParameter(f"1 to {_LONGEST_NAME} characters.", param_hint="--name")
    with services.database.reading() as session:
        is_taken = users.by_email(session, email) is not None
    if is_taken:
        _refuse("email_taken", refusal(problem("email_taken", email=email)), as_json=as_json)
    password = _password()
    if fault := passwords.fault_of(password):
        _refuse("password_refused", refusal(fault), as_json=as_json)
    role = users.ADMINISTRATOR if admin else users.MEMBER
    try:
        user = accounts.add(services, email, name, passwords.hashed(password), role)
    except RefusedError as error:
        _refuse(error.reason, refused(error), as_json=as_json)
    if as_json:
        click.echo(json.dumps({"id": user.id, "email": user.email, "name": user.name, "role": user.role}))
    else:
        click.echo(f"{user.name} <{user.email}> can log in as {user.role}.")


def _checked_email(email: str) -> str:
    try:
        found = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise click.BadParameter(str(error), param_hint="EMAIL") from None
    return found.normalized.lower()


def _password() -> str:
    """Typed twice at a terminal; elsewhere the first line of standard input."""
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return password
    return sys.stdin.readline().rstrip("\r\n")


def _refuse(reason: str, message: str, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"error": reason, "message": message}))
    else:
        click.echo(message, err=True)
    sys.exit(1)
