"""How commands get what they work with, and how they end where the database or the queue server is away."""

import json
import sys
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

import click
from flask.cli import ScriptInfo
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from webapp.services import Services
from webapp.store.database.trouble import is_outdated, trouble_of
from webapp.text.machinery import DATABASE, QUEUE_AWAY

_P = ParamSpec("_P")
_R = TypeVar("_R")


def pass_services(command: Callable[Concatenate[Services, _P], _R]) -> Callable[_P, _R]:
    """Give a command the services of the application that click's context leads to, as its first argument.

    Trouble of the database or the queue server ends it with a sentence and 1, in place of a traceback.
    """

    @click.pass_context
    def with_services(context: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        app = context.ensure_object(ScriptInfo).load_app()
        try:
            return context.invoke(command, app.extensions["twinbook.services"], *args, **kwargs)
        except (DBAPIError, RedisError, OSError) as error:
            name = _trouble(error)
            if name is None:
                raise
            _end(name, as_json=bool(context.params.get("as_json")))

    return update_wrapper(with_services, command)


def _trouble(error: Exception) -> str | None:
    """What is in trouble, by its stable name; None for what is no trouble of that kind."""
    if isinstance(error, RedisError):
        return "queue_away"
    if isinstance(error, DBAPIError) and is_outdated(error):
        return "outdated"
    return trouble_of(error)


def _end(name: str, *, as_json: bool) -> None:
    message = DATABASE.get(name, QUEUE_AWAY)
    if as_json:
        click.echo(json.dumps({"error": name, "message": message}))
    else:
        click.echo(message, err=True)
    sys.exit(1)
