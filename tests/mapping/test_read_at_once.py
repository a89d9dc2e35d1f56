"""A portal's properties, read by a run and by the schedule at the same moment."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from flask import Flask

from tests.support.applications.services import current_services, reading, writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.mapping.definitions import Definitions, Property
from webapp.store.mapping import definitions

_OTHER_IS_QUEUED_S = 0.5


def _named(name: str) -> Definitions:
    return Definitions((), (Property(name=name, label=name, type="string", field_type="text", group="g"),))


def test_two_that_read_the_properties_for_the_first_time_do_not_collide(
    in_app: Flask, sandbox: SandboxServer
) -> None:
    """Each commits; what was read last is kept."""
    assert sandbox
    connection_id = pulling.connected()
    first_has_written, failures = threading.Event(), []

    def second() -> None:
        with in_app.app_context():
            first_has_written.wait()
            try:
                with writing() as session:
                    definitions.keep(session, connection_id, "companies", _named("b"), datetime.now(UTC))
            except Exception as error:  # noqa: BLE001 - told to the test below
                failures.append(error)

    thread = threading.Thread(target=second)
    with current_services().database.writing() as session:
        thread.start()
        definitions.keep(session, connection_id, "companies", _named("a"), datetime.now(UTC))
        first_has_written.set()
        thread.join(_OTHER_IS_QUEUED_S)
    thread.join()
    assert not failures
    with reading() as session:
        known = definitions.load(session, connection_id, "companies").definitions
    assert [one.name for one in known.properties] == ["b"]
