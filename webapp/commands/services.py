"""How commands get what they work with, and how they end where the database or the queue server is away."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import update_wrapper
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

import click
from flask.cli import ScriptInfo
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from webapp.domain.people.actor import COMMAND
from webapp.services import Services
from webapp.store.database.trouble import trouble_of
from webapp.store.database.version import is_outdated
from webapp.text.machinery import DATABASE, queue_away

_P = ParamSpec("_P")
_R = TypeVar("_R")


def pass_services(command: Callable[Concatenate[Services, _P], _R]) -> Callable[_P, _R]:
    """Give a command the services of the application that click's context leads to, as its first argument.

    A database that was not brought to this version, and trouble of the database or the queue server, end it
    with a sentence and 1, in place of a traceback.
    """

    @click.pass_context
    def with_services(context: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        app = context.ensure_object(ScriptInfo).load_app()
        services: Services = replace(app.extensions["twinbook.services"], actor=COMMAND)
        as_json = bool(context.params.get("as_json"))
        try:
            if is_outdated(services.database.engine):
                _end("outdated", as_json=as_json)
            return context.invoke(command, services, *args, **kwargs)
        except (SQLAlchemyError, RedisError, OSError) as error:
            name = "queue_away" if isinstance(error, RedisError) else trouble_of(error)
            if name is None:
                raise
            _end(name, as_json=as_json)

    return update_wrapper(with_services, command)


def _end(name: str, *, as_json: bool) -> NoReturn:
    message = DATABASE.get(name) or queue_away()
    if as_json:
        click.echo(json.dumps({"error": name, "message": message}))
    else:
        click.echo(message, err=True)
    sys.exit(1)
