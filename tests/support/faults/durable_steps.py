"""The steps of a worker behind which it may end or wait: hooks at whatever stays when the process ends there.

A durable step is a committed transaction, a write that HubSpot has answered, a job in a queue, a mail that
the server has taken. Between two of them nothing happens that a kill could lose, so that a kill behind each
of them is a kill everywhere.
"""

from __future__ import annotations

import re
import smtplib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import rq
from sqlalchemy.orm import Session

from webapp.hubspot.http.transport import Call, Transport
from webapp.store.database.transactions import Database

_IDS = re.compile(r"/\d+(?=/|$)")
_TRANSACTIONS = "webapp.store.database.transactions"


def _go_on() -> None:
    """Ahead of a step nothing happens."""


class Hooks(NamedTuple):
    """What is called around each step.

    Attributes:
        reach: called behind a step, with its name.
        ahead: called ahead of one.
        has_reads: whether a read that HubSpot has answered is a step as well.
    """

    reach: Callable[[str], None]
    ahead: Callable[[], None] = _go_on
    has_reads: bool = False


def install(hooks: Hooks, set_attribute: Callable[[Any, str, Any], None] = setattr) -> None:
    """Have this process, and those forked from it, report their steps; call it when all is imported."""
    _hook_transactions(hooks, set_attribute)
    _hook_calls(hooks, set_attribute)
    for owner, name, named in (
        (rq.Queue, "enqueue", lambda args: f"queued {str(args[1]).rpartition('.')[2]}"),
        (smtplib.SMTP, "sendmail", lambda _: "mail taken"),
    ):
        set_attribute(owner, name, _hooked(getattr(owner, name), named, hooks))


def _hook_transactions(hooks: Hooks, set_attribute: Callable[[Any, str, Any], None]) -> None:
    real = Database.writing

    @contextmanager
    def writing(self: Database, *, may_be_lost: bool = False) -> Iterator[Session]:
        name = _caller()
        hooks.ahead()
        with real(self, may_be_lost=may_be_lost) as session:
            yield session
        hooks.reach(f"committed {name}")

    set_attribute(Database, "writing", writing)


def _caller() -> str:
    """The function of the product that opens a transaction."""
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("webapp.") and module != _TRANSACTIONS:
            return f"{module.removeprefix('webapp.')}.{frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]
    return "unknown"


def _hook_calls(hooks: Hooks, set_attribute: Callable[[Any, str, Any], None]) -> None:
    real = Transport.send

    def send(self: Transport, call: Call, decoder: Any) -> Any:
        hooks.ahead()
        answer = real(self, call, decoder)
        if call.is_write or hooks.has_reads:
            hooks.reach(f"answered {call.method} {_IDS.sub('/*', call.path)}")
        return answer

    set_attribute(Transport, "send", send)


def _hooked(real: Any, named: Callable[[tuple[Any, ...]], str], hooks: Hooks) -> Any:
    def hooked(*args: Any, **values: Any) -> Any:
        hooks.ahead()
        answer = real(*args, **values)
        hooks.reach(named(args))
        return answer

    return hooked
