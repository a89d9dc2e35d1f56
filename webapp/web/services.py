"""The application as pages reach it: its services, use cases, and one reading session a request.

A page reaches use cases through `ask` alone, which ends the page's reading first. So no transaction waits for
HubSpot, and a page that reads after a use case has written reads afresh; rows that it read before
keep the values of that moment.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypeVar

from flask import Response, current_app, g, request
from flask_login import current_user
from sqlalchemy.orm import Session

from webapp.domain.people.actor import Actor
from webapp.extensions import db
from webapp.services import Services

_P = ParamSpec("_P")
_R = TypeVar("_R")


def services() -> Services:
    """The services of the application at work."""
    found: Services = current_app.extensions["twinbook.services"]
    return found


def ask(use_case: Callable[Concatenate[Services, _P], _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Have a use case done for the person of this request, with no reading transaction of this page open."""
    actor = acting()
    end_reading()
    return use_case(replace(services(), actor=actor), *args, **kwargs)


def ask_for_nobody(use_case: Callable[[Services], _R]) -> _R:
    """Have a use case done without looking up who asks: a monitor is nobody, and the database may be away."""
    return use_case(services())


def ask_later(
    response: Response,
    use_case: Callable[Concatenate[Services, _P], object],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> None:
    """Have a use case done when the answer has been sent: nobody waits for it."""
    made = replace(services(), actor=acting())
    response.call_on_close(lambda: use_case(made, *args, **kwargs))


def acting() -> Actor:
    """The person behind this request, and their address."""
    user_id = current_user.id if current_user.is_authenticated else None
    return Actor(user_id, "page", request.remote_addr or "", g.get("request_id", ""))


def page_session() -> Session:
    """The session of this request: a transaction from the first read until the next `ask`, or the end."""
    return db.session()


@contextmanager
def reading() -> Iterator[Session]:
    """What parts of pages read by, which live pages show as well.

    On a page that is the page's own session: a second connection beside it would be one too many where there
    are few, as many who each hold the last one would wait for each other. Live pages last for long: what they
    read by is given back at once.
    """
    if db.session.registry.has() and db.session().in_transaction():
        yield db.session()
        return
    with services().database.reading() as session:
        yield session


def end_reading() -> None:
    """End what this request has been reading by; its connection goes back to the pool."""
    db.session.close()
