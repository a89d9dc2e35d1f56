"""How commands get what they work with."""

from collections.abc import Callable
from dataclasses import replace
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

import click
from flask.cli import ScriptInfo

from webapp.domain.people.actor import COMMAND
from webapp.services import Services

_P = ParamSpec("_P")
_R = TypeVar("_R")


def pass_services(command: Callable[Concatenate[Services, _P], _R]) -> Callable[_P, _R]:
    """Give a command the services of the application that click's context leads to, as its first argument."""

    @click.pass_context
    def with_services(context: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        app = context.ensure_object(ScriptInfo).load_app()
        services = replace(app.extensions["twinbook.services"], actor=COMMAND)
        return context.invoke(command, services, *args, **kwargs)

    return update_wrapper(with_services, command)
