"""On PostgreSQL the queue of searches gets wide numbers while others write to it, and nothing is lost."""

from __future__ import annotations

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_company

_NARROW = (
    "ALTER TABLE search_changes ALTER COLUMN id TYPE integer",
    "ALTER SEQUENCE search_changes_id_seq AS integer",
)
_CUT_OFF = (
    "CREATE TABLE search_changes_narrow (LIKE search_changes INCLUDING DEFAULTS)",
    "INSERT INTO search_changes_narrow SELECT * FROM search_changes",
    "DELETE FROM search_changes WHERE mod(id, 2) = 0",
)
pytestmark = pytest.mark.postgresql


@pytest.fixture
def engine(in_app: Flask) -> Engine:
    """A database of the version before, with something in the queue."""
    assert in_app
    engine = current_services().database.engine
    engine.dispose()
    flask_migrate.downgrade(revision="0059")
    with engine.begin() as connection:
        for statement in _NARROW:
            connection.exec_driver_sql(statement)
    make_company(name="Nordlicht")
    make_company(name="Südwind")
    return engine


def queued(connection: Connection) -> list[tuple[int, str, int]]:
    rows = connection.execute(text("SELECT id, what, record_id FROM search_changes ORDER BY id"))
    return [(number, what, record_id) for number, what, record_id in rows]


def type_of(connection: Connection) -> str:
    found: str = connection.scalar(
        text(
            "SELECT data_type FROM information_schema.columns"
            " WHERE table_name = 'search_changes' AND column_name = 'id'"
        )
    )
    return found


def test_what_waits_stays_and_who_was_connected_goes_on(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as before:
        # Its trigger has a plan by now, for the table as it was.
        renamed = text("UPDATE companies SET city = :city WHERE name = 'Nordlicht'")
        before.execute(renamed, {"city": "Kiel"})
        waiting = queued(before)
        flask_migrate.upgrade()
        assert (type_of(before), queued(before)) == ("bigint", waiting)
        before.execute(text("SELECT setval('search_changes_id_seq', 3000000000)"))
        before.execute(renamed, {"city": "Bremen"})
        assert queued(before)[len(waiting) :] == [(3_000_000_001, "companies", waiting[-1][2])]
        assert before.scalar(text("SELECT to_regclass('search_changes_narrow')")) is None


def test_what_was_cut_off_is_finished(engine: Engine) -> None:
    flask_migrate.upgrade(revision="0060")
    with engine.begin() as connection:
        waiting = queued(connection)
        for statement in _CUT_OFF:
            connection.exec_driver_sql(statement)
    flask_migrate.stamp(revision="0059")
    flask_migrate.upgrade()
    with engine.connect() as connection:
        assert queued(connection) == waiting
        assert connection.scalar(text("SELECT to_regclass('search_changes_narrow')")) is None
