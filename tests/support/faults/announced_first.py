"""Says of each write to HubSpot, at the moment of its call, whether it was written down before (B46)."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.applications.services import current_services
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.http.transport import Call, Transport
from webapp.models import (
    AnnouncedAssociation,
    AnnouncedCreate,
    AnnouncedUpdate,
    CreationCheck,
    PossibleDuplicate,
    Run,
)

# What an announcement is made of: rows that say it, and what runs keep in their checkpoints.
_SAYING = (
    *(AnnouncedCreate.key, AnnouncedCreate.record_id, AnnouncedUpdate.remote_id),
    *(AnnouncedAssociation.remote_id, AnnouncedAssociation.company_remote_id),
    *(AnnouncedAssociation.prior_remote_id, CreationCheck.survivor_id, CreationCheck.moving),
    *(PossibleDuplicate.announced, Run.checkpoint),
)
NO_RECORDS: frozenset[str] = frozenset({"create_property"})
"""The calls that write nothing of any record's: a definition."""


def write_methods() -> frozenset[str]:
    """The client's calls that write, however they do it: found in its code."""
    called = {name: _calls(member) for name, member in inspect.getmembers(HubSpotClient, inspect.isfunction)}
    writing = {"_write"}
    while more := {name for name, calls in called.items() if calls & writing} - writing:
        writing |= more
    return frozenset(name for name in writing if not name.startswith("_"))


def _calls(function: Any) -> set[str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


@contextmanager
def announced_first() -> Iterator[tuple[set[str], set[str]]]:
    """Fail at the end of the block if it has made a write that nobody had announced.

    Yields:
        The calls that were made, and the ids of the objects that they were about.
    """
    made: set[str] = set()
    written: set[str] = set()
    unannounced: list[tuple[str, str]] = []
    services = current_services()

    def announced() -> str:
        with services.database.reading() as session:
            return json.dumps(
                [
                    value
                    for column in _SAYING
                    for value in session.scalars(select(column))
                    if value is not None
                ]
            )

    real = Transport._request

    def request(self: Transport, call: Call, token: str) -> Any:
        if call.is_write and "/properties/" not in call.path:
            ids = set(_ids(call.body))
            known = announced()
            unannounced.extend((call.path, one) for one in sorted(ids) if f'"{one}"' not in known)
            written.update(ids)
        return real(self, call, token)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "_request", request)
        for name in write_methods():
            patch.setattr(HubSpotClient, name, _noted(name, getattr(HubSpotClient, name), made))
        try:
            yield made, written
        finally:
            assert not unannounced, "written to without a word before"


def _noted(name: str, real: Any, made: set[str]) -> Any:
    def method(self: HubSpotClient, *given: Any, **how: Any) -> Any:
        made.add(name)
        return real(self, *given, **how)

    return method


def _ids(body: Any) -> Iterator[str]:
    """The objects that a write is about: by id, by their key, or by the trace of what is to be made."""
    if "primaryObjectId" in body:
        yield from (body["primaryObjectId"], body["objectIdToMerge"])
    for one in body.get("inputs", ()):
        ends = one.get("to", ())
        for end in (one, one.get("from"), *(ends if isinstance(ends, list) else [ends])):
            if end and (number := end.get("id") or end.get("objectWriteTraceId")):
                yield number
