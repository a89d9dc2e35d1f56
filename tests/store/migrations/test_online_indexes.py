"""On PostgreSQL an index is built while others write, and a build that was cut off is repeated."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_company
from webapp.migrations import online

NAME = "ix_companies_test"


@pytest.fixture
def engine(in_app: Flask) -> Engine:
    assert in_app
    make_company()
    return current_services().database.engine


def build(engine: Engine) -> None:
    """Build the index as a migration does."""
    with engine.connect() as connection:
        options = {"transaction_per_migration": True}
        context = MigrationContext.configure(connection, opts=options)
        with Operations.context(context), context.begin_transaction(_per_migration=True):
            online.create_index(NAME, "companies", ["city", "id"], where="city IS NOT NULL")
        connection.commit()


@pytest.fixture
def long_transaction(engine: Engine) -> Iterator[Connection]:
    """Somebody who has written and does not end yet: an index is not ready before that."""
    with engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE companies SET city = 'Kiel' WHERE id = 1"))
        yield connection


def is_valid(engine: Engine) -> bool | None:
    query = (
        "SELECT indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = :name"
    )
    with engine.connect() as connection:
        found: bool | None = connection.scalar(text(query), {"name": NAME})
        return found


def write(engine: Engine) -> None:
    """Write, without waiting for long."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '3s'"))
        connection.execute(text("INSERT INTO search_changes (what, record_id) VALUES ('companies', 1)"))
        copied = text("UPDATE companies SET phone = '1' WHERE id = 2")
        connection.execute(copied)


def test_it_is_built_once_and_may_be_built_again(engine: Engine) -> None:
    build(engine)
    build(engine)
    assert NAME in {one["name"] for one in inspect(engine).get_indexes("companies")}


@pytest.mark.postgresql
def test_while_it_is_built_others_write(engine: Engine, long_transaction: Connection) -> None:
    make_company(name="Other")
    building = threading.Thread(target=build, args=(engine,))
    building.start()
    while is_valid(engine) is None:
        assert building.is_alive()
    write(engine)
    assert is_valid(engine) is False
    long_transaction.rollback()
    building.join()
    assert is_valid(engine) is True


@pytest.mark.postgresql
def test_what_was_cut_off_is_built_anew(engine: Engine, long_transaction: Connection) -> None:
    with engine.connect() as connection:
        autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
        autocommit.execute(text("SET statement_timeout = '500ms'"))
        with pytest.raises(OperationalError):
            autocommit.execute(text(f"CREATE INDEX CONCURRENTLY {NAME} ON companies (city)"))
        autocommit.execute(text("RESET statement_timeout"))
    assert is_valid(engine) is False
    long_transaction.rollback()
    build(engine)
    assert is_valid(engine) is True
