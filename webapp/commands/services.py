"""Services for commands, and their exit where the database or the queue server is away."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

import click
from flask.cli import ScriptInfo
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from webapp.commands.command import RefusedCommand, refused_setting, say
from webapp.domain.people.actor import COMMAND
from webapp.errors import SettingsError
from webapp.services import Services
from webapp.store.database.trouble import trouble_of
from webapp.store.operating import version
from webapp.text.operating import WORKS_WITH_NEWER
from webapp.text.runs.machinery import DATABASE, queue_away
from webapp.usecases.connection import keys
from webapp.usecases.connection.required import require_connection

_P = ParamSpec("_P")
_R = TypeVar("_R")


def pass_services(command: Callable[Concatenate[Services, _P], _R]) -> Callable[_P, _R]:
    """Give a command the services of the application that click's context leads to, as its first argument.

    A database that was not brought to this version, and trouble of the database or the queue server, end it
    with a sentence and 1, in place of a traceback; another ENCRYPTION_KEY than that of the database with 2.
    """
    return _passing(command, needs_present_database=True, needs_key=True)


def pass_services_for_any_database(command: Callable[Concatenate[Services, _P], _R]) -> Callable[_P, _R]:
    """Give a command the services, also where the database has another version or key, or is missing."""
    return _passing(command, needs_present_database=False, needs_key=False)


def pass_services_for_any_key(command: Callable[Concatenate[Services, _P], _R]) -> Callable[_P, _R]:
    """Give a command the services, also where the database was encrypted with another key."""
    return _passing(command, needs_present_database=True, needs_key=False)


def _passing(
    command: Callable[Concatenate[Services, _P], _R], *, needs_present_database: bool, needs_key: bool
) -> Callable[_P, _R]:
    @click.pass_context
    def with_services(context: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        app = context.ensure_object(ScriptInfo).load_app()
        services: Services = replace(app.extensions["twinbook.services"], actor=COMMAND)
        as_json = bool(context.params.get("as_json"))
        try:
            if needs_present_database and version.is_outdated(services.database.engine):
                raise _refusal("outdated", as_json=as_json)
            if needs_key:
                keys.refuse_foreign_key(services)
            done = context.invoke(command, services, *args, **kwargs)
        except SettingsError as error:
            raise refused_setting(error) from error
        except (SQLAlchemyError, RedisError, OSError) as error:
            name = "queue_away" if isinstance(error, RedisError) else trouble_of(error) or _newer(services)
            if name is None:
                raise
            raise _refusal(name, as_json=as_json) from error
        if needs_present_database and _newer(services):
            say(f"Warning: {WORKS_WITH_NEWER}", err=True)
        return done

    return update_wrapper(with_services, command)


def connected_id(services: Services) -> int:
    """The number of the connection to HubSpot.

    Raises:
        RefusedError: `not_connected`.
    """
    with services.database.reading() as session:
        return require_connection(session).id


def _newer(services: Services) -> str | None:
    """The trouble of a database that a newer program has upgraded, if it is one."""
    with suppress(SQLAlchemyError):
        return "too_new" if version.is_newer(services.database.engine) else None
    return None


def _refusal(name: str, *, as_json: bool) -> RefusedCommand:
    return RefusedCommand(DATABASE.get(name) or queue_away(), code=name, as_json=as_json)
