"""The release before goes on with an upgraded PostgreSQL: it reads as before, and its writes are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask_migrate
import pytest
from flask import Flask, current_app
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

from tests.support.applications.services import current_services
from tests.support.applications.worker_process import wait_until
from tests.support.clocks.patience import PATIENCE_S
from tests.support.samples.factories import (
    make_company,
    make_connection,
    make_contact,
    make_entries,
    make_run,
)
from webapp.models import Base
from webapp.settings import Settings

_OF_THE_RELEASE = "0017"
"""The revision of the release's database: that of 0.1.0."""

Tables = dict[str, dict[str, Any]]


@pytest.fixture
def postgres(settings: Settings) -> Iterator[Engine]:
    """The database, by connections that nothing else has."""
    engine = create_engine(settings.database_url)
    yield engine
    engine.dispose()


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_app")
def test_the_release_before_can_read_and_write_every_table_of_its_own(app: Flask) -> None:
    assert app.testing
    engine = current_services().database.engine
    engine.dispose()
    flask_migrate.downgrade(revision=_OF_THE_RELEASE)
    release = tables()
    flask_migrate.upgrade()
    present = tables()
    engine.dispose()
    assert len(release) > 20
    for table, columns in release.items():
        now = present[table]
        assert set(columns) <= set(now), table
        assert [name for name in columns if columns[name]["nullable"] and not now[name]["nullable"]] == [], (
            table
        )
        assert [name for name in set(now) - set(columns) if is_asked_for(now[name])] == [], table


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_app")
def test_what_the_present_version_does_not_know_it_need_not_write() -> None:
    for table, columns in tables().items():
        known = Base.metadata.tables[table].columns if table in Base.metadata.tables else columns
        assert [name for name in columns if name not in known and is_asked_for(columns[name])] == [], table


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_app")
def test_nobody_waits_for_a_table_while_its_rows_are_gone_through() -> None:
    """A change of a table keeps everybody from it until its transaction ends, and an index who writes."""
    make_company(name="Nordlicht")
    make_contact(first_name="Imke", last_name="Lund")
    make_entries(make_run(make_connection().id).id, 3, object_type="contacts", reason="associated")
    current_services().database.engine.dispose()
    flask_migrate.downgrade(revision=_OF_THE_RELEASE)
    waiting: list[str] = []

    def look(_connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if _BLOCKING.match(statement):
            waiting.append(statement)
        if found := _ROWS_OF.match(statement):
            cursor.execute(_LOCKED, (found[1],))
            waiting.extend([statement] if cursor.fetchone() else [])

    event.listen(Engine, "before_cursor_execute", look)
    try:
        flask_migrate.upgrade()
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    current_services().database.engine.dispose()
    assert waiting == []


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_app")
def test_an_upgrade_gives_way_to_who_needs_one_table_after_the_other(postgres: Engine) -> None:
    """0029 changes companies and then contacts, somebody reads contacts and then companies: a deadlock."""
    flask_migrate.downgrade(revision="0028")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def upgrade() -> None:
        with app.app_context():
            flask_migrate.upgrade(revision="0029")

    with postgres.connect() as person, ThreadPoolExecutor() as beside:
        person.execute(text("SELECT 1 FROM contacts"))
        upgrading = beside.submit(upgrade)
        wait_until(lambda: waits_for_contacts(postgres), "the upgrade waits")
        # It would be this one, and not the upgrade, whom PostgreSQL ends.
        person.execute(text("SET LOCAL deadlock_timeout = '700ms'"))
        person.execute(text("SELECT 1 FROM companies"))
        person.rollback()
        upgrading.result(PATIENCE_S)
    flask_migrate.upgrade()


def waits_for_contacts(engine: Engine) -> bool:
    with engine.connect() as connection:
        found = connection.scalar(
            text("SELECT count(*) FROM pg_locks WHERE relation = 'contacts'::regclass AND NOT granted")
        )
    return bool(found)


_LARGE = "companies|contacts|links|remote_objects|log_entries"
_ROWS_OF = re.compile(rf"\s*(?:UPDATE|DELETE FROM) ({_LARGE})\b")
_BLOCKING = re.compile(rf"\s*CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).* ON (?:{_LARGE})\b", re.DOTALL)
_LOCKED = (
    "SELECT 1 FROM pg_locks WHERE relation = %s::regclass AND pid = pg_backend_pid()"
    " AND mode = 'AccessExclusiveLock'"
)


def tables() -> Tables:
    """The columns of every table, by their names."""
    found = inspect(current_services().database.engine)
    return {
        table: {str(column["name"]): column for column in found.get_columns(table)}
        for table in found.get_table_names()
    }


def is_asked_for(column: Any) -> bool:
    """Whether nothing can be added without a value for a column."""
    return not column["nullable"] and column["default"] is None
