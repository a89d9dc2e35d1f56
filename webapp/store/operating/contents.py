"""The content of a database, whatever its version: counted by the tables that are there."""

from datetime import datetime

from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy import Engine, UpdateBase, and_, column, delete, func, inspect, select, table, update

from webapp.models import AccountLink, Connection, LoginSession
from webapp.store.connection import present

# SQLite keeps its index of trigrams in tables of its own, which follow the others.
_INDEX_TABLES = "_trigrams"
_BOOK = ("users", "companies", "contacts")


def counts(connection: DatabaseConnection) -> dict[str, int]:
    """How many rows each table has."""
    names = [name for name in inspect(connection).get_table_names() if _INDEX_TABLES not in name]
    return {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names
    }


def key_proof(connection: DatabaseConnection) -> bytes | None:
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


FORGOTTEN = (LoginSession.__tablename__, AccountLink.__tablename__)
"""Tables that do not come back with an older database: what is in them was ended or used since."""


def back_in_time(now: datetime) -> list[UpdateBase]:
    """The statements by which a copy knows that it is an older state, before it is put back.

    Sessions and links do not come back. The portal is to be compared before anything is pushed, as what was
    made there since is not known here.
    """
    is_to_be_compared = and_(
        Connection.state != present.DISCONNECTED,
        Connection.first_pull_finished_at.is_not(None),
        Connection.restored_at.is_(None),
    )
    return [
        delete(LoginSession),
        delete(AccountLink),
        update(Connection).where(is_to_be_compared).values(restored_at=now),
    ]
