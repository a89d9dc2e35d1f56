"""Nobody who holds a connection to the database takes a second one.

Of a small pool, such as PgBouncer's, as many who each hold the last one would wait for each other.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from tests.support.applications.services import current_services
from tests.support.pages.pages import PAGES
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from tests.support.samples.quiet_portal import Portal
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, give_key, pushed
from webapp.app import services_of
from webapp.models import User
from webapp.processes.schedule import TASKS

pytestmark = pytest.mark.one_database

_EXPORTS = (
    "/companies/export.csv",
    "/duplicates/export.csv",
    "/sync-log/1/entries.csv",
    "/audit/entries.csv",
)


@contextmanager
def second_connections(engine: Engine) -> Iterator[list[str]]:
    """Where a thread that holds a connection has taken another one."""
    held: dict[int, int] = {}
    found: list[str] = []

    def take(_connection: Any, record: Any, _fairy: Any) -> None:
        thread = record.info["taken by"] = threading.get_ident()
        held[thread] = held.get(thread, 0) + 1
        if held[thread] > 1:
            ours = [one for one in traceback.extract_stack() if "/webapp/" in one.filename]
            found.append(
                " < ".join(f"{one.filename.rpartition('/webapp/')[2]}:{one.lineno}" for one in ours[::-1][:6])
            )

    def give(_connection: Any, record: Any) -> None:
        held[record.info["taken by"]] -= 1

    event.listen(engine, "checkout", take)
    event.listen(engine, "checkin", give)
    try:
        yield found
    finally:
        event.remove(engine, "checkout", take)
        event.remove(engine, "checkin", give)


def test_no_page_does(app: Flask, administrator: User, logged_in: Callable[[User], FlaskClient]) -> None:
    with app.app_context():
        fill(make_connection().id, administrator.id)
    client = logged_in(administrator)
    with second_connections(services_of(app).database.engine) as found:
        for address in (*PAGES, *_EXPORTS, "/readyz"):
            for headers in ({}, {"HX-Request": "true"}):
                assert client.get(address, headers=headers).data
                assert found == [], address


def test_no_run_does(in_app: Flask, sandbox: SandboxServer) -> None:
    with second_connections(services_of(in_app).database.engine) as found:
        portal = Portal(pulling.connected(), sandbox)
        assert pulling.pulled(portal.connection_id).state == "finished"
        give_key(sandbox, portal.connection_id)
        change_contact(1, phone="here")
        assert pushed(portal.connection_id).state == "finished"
        assert portal.reconciled(is_full=True).state == "finished"
    assert found == []


def test_nothing_of_the_schedule_does(in_app: Flask, administrator: User) -> None:
    fill(make_connection().id, administrator.id)
    with second_connections(services_of(in_app).database.engine) as found:
        for _, task in TASKS:
            task(current_services())
            assert found == [], task.__qualname__
