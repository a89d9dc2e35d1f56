"""The content of a database, whatever its version: counted by the tables that are there."""

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, column, delete, func, inspect, select, table
from sqlalchemy.orm import Session

from webapp.models import AccountLink, LoginSession
from webapp.store.connection import connections

# SQLite keeps its index of trigrams in tables of its own, which follow the others.
_INDEX_TABLES = "_trigrams"
_BOOK = ("users", "companies", "contacts")


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = [name for name in inspect(connection).get_table_names() if _INDEX_TABLES not in name]
    return {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names
    }


def key_proof(connection: Connection) -> bytes | None:
    """What only the right ENCRYPTION_KEY reads; None where there is none yet."""
    installations = table("installations", column("key_proof"))
    if not inspect(connection).has_table(installations.name):
        return None
    columns = {one["name"] for one in inspect(connection).get_columns(installations.name)}
    if "key_proof" not in columns:
        return None
    found: bytes | None = connection.scalar(select(installations.c.key_proof).limit(1))
    return found


def rows_of_the_book(engine: Engine) -> int:
    """How many people, companies and contacts there are: with none, nothing is lost by replacing it."""
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        queries = [select(func.count()).select_from(table(name)) for name in _BOOK if name in there]
        return sum(connection.execute(query).scalar_one() for query in queries)


def take_back_in_time(session: Session) -> None:
    """What must not come back with an older database: sessions and links that were ended or used since.

    The portal is to be compared before anything is pushed, as what was made there since is not known here.
    """
    session.execute(delete(LoginSession))
    session.execute(delete(AccountLink))
    row = connections.current(session)
    if row is not None and row.first_pull_finished_at is not None:
        connections.record_restored(session, row.id, datetime.now(UTC))
