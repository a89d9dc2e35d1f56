"""The actor of an audit entry: the person, and the way by which they act."""

import re
from typing import Literal

from msgspec import Struct

Via = Literal["page", "command", "link", "machine"]

_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def is_request_id(text: str) -> bool:
    """Whether an id of a request is in a form that is harmless in a log, a column and a header."""
    return _SANE.fullmatch(text) is not None


class Actor(Struct, frozen=True):
    """A person or a program that acts, and the way by which it acts.

    Attributes:
        user_id: the person; None on the command line, and where nobody has logged in.
        via: a page, a command, a mailed link, or the application by itself.
        address: where the request came from; empty where none did.
        request_id: its id in the request log; empty where there is none.
    """

    user_id: int | None = None
    via: Via = "machine"
    address: str = ""
    request_id: str = ""


MACHINE = Actor()
"""The schedule and the workers."""

COMMAND = Actor(via="command")
"""Anybody who may run commands on the machine."""


def actor_of_run(trigger: str, started_by_id: int | None) -> Actor | None:
    """The actor who started a run; None where nobody did."""
    via: Via | None = {"button": "page", "command": "command"}.get(trigger)  # type: ignore[assignment]
    return None if via is None else Actor(started_by_id, via)
