"""A copy of the migrated template database, emptied after each test: that costs a tenth of a new copy."""

from __future__ import annotations

import psycopg
from psycopg import sql

from tests.support.applications.app import KEPT

_ENDED_WITHIN_MS = 5000
# Emptying leaves the files as large as they became, and what is large is slow to look through.
_MOST_BYTES = 40 * 2**20

_SCHEMA = """
    SELECT md5(string_agg(concat_ws(' ', c.oid, c.relname, a.attname, a.atttypid, a.attnotnull, a.atthasdef),
                          ',' ORDER BY c.oid, a.attnum))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace
"""
_CONSTRAINTS = """
    SELECT md5(string_agg(concat_ws(' ', conname, pg_get_constraintdef(oid)), ',' ORDER BY conname))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""
_OTHERS_AWAY = """
    SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> %s
"""
_TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""
_RESTART_NUMBERS = """
    SELECT setval(format('%I', sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL
"""

Shape = tuple[object, ...]
"""All by which a database could differ from the template but its rows."""


def shape(conninfo: str) -> Shape:
    """What a database looks like."""
    with psycopg.connect(conninfo) as connection:
        return _shape(connection)


def empty(connection: psycopg.Connection, expected: Shape) -> bool:
    """Take out what a test has left; False where only a new copy is as good as new.

    Args:
        connection: commits each statement.
        expected: what the template looks like.
    """
    connection.execute(_OTHERS_AWAY, [_ENDED_WITHIN_MS, KEPT])
    if _shape(connection) != expected or _size(connection) > _MOST_BYTES:
        return False
    if filled := _filled(connection):
        # Without triggers the tables may be emptied in any order.
        connection.execute("SET session_replication_role = replica")
        deletes = (sql.SQL("DELETE FROM {}").format(table) for table in filled)
        connection.execute(sql.SQL("; ").join(deletes))
        connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(filled)))
    connection.execute(_RESTART_NUMBERS)
    return True


def _shape(connection: psycopg.Connection) -> Shape:
    revisions = connection.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall()
    schema, constraints = connection.execute(_SCHEMA).fetchone(), connection.execute(_CONSTRAINTS).fetchone()
    return (*revisions, schema, constraints)


def _size(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])


def _filled(connection: psycopg.Connection) -> list[sql.Identifier]:
    """The tables that hold anything."""
    tables = [name for (name,) in connection.execute(_TABLES)]
    has_rows = sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})")
    queries = [has_rows.format(sql.Literal(name), sql.Identifier(name)) for name in tables]
    return [sql.Identifier(name) for (name,) in connection.execute(sql.SQL(" UNION ALL ").join(queries))]
