"""The floor: what `requests`, JSON and the database alone take for the same pages; a process of its own.

No matching, no links, no log, no checkpoint, no index, one transaction: nothing that keeps records can be
quicker with these parts. Prints what it took as one JSON object.
"""

import json
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import psycopg
import requests

from webapp.domain.mapping.mapping import DEFAULT_FIELD_MAPPINGS, Mapping
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType

Row = Sequence[str | None]


class Store(Protocol):
    """Keeps rows in tables of text."""

    def make(self, table: str, columns: Sequence[str]) -> None:
        """Make a table."""

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows, as quickly as the database takes them."""

    def commit(self) -> None:
        """Keep what was added."""

    def clear(self) -> None:
        """Leave the database as it was, once the time is taken."""


class SqliteStore:
    """A new SQLite file."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def make(self, table: str, columns: Sequence[str]) -> None:
        """Make a table."""
        self._connection.execute(f"CREATE TABLE {table} ({_quoted(columns)})")

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows by one prepared statement."""
        places = ", ".join("?" * len(rows[0]))
        self._connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608 - our own names

    def commit(self) -> None:
        """Keep what was added."""
        self._connection.commit()

    def clear(self) -> None:
        """The file goes with its folder."""


class PostgresStore:
    """A PostgreSQL database, into which rows are copied."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url.replace("+psycopg", ""))

    def make(self, table: str, columns: Sequence[str]) -> None:
        """Make a table."""
        typed = ", ".join(f"{one} text" for one in _quoted(columns).split(", "))
        self._connection.execute(f"CREATE TABLE floor_{table} ({typed})")

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Copy rows."""
        with self._connection.cursor() as cursor, cursor.copy(f"COPY floor_{table} FROM STDIN") as copy:
            for row in rows:
                # PostgreSQL holds no NUL, and HubSpot's texts may have one.
                copy.write_row([one and one.replace("\0", "") for one in row])

    def commit(self) -> None:
        """Keep what was added."""
        self._connection.commit()

    def clear(self) -> None:
        """Drop the tables."""
        for table in OBJECT_TYPES:
            self._connection.execute(f"DROP TABLE floor_{table}")
        self._connection.commit()


def main(url: str, token: str, target: str) -> None:
    """Read everything from a portal into a new SQLite file, or into a PostgreSQL database."""
    store: Store = PostgresStore(target) if target.startswith("postgresql") else SqliteStore(target)
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    counts = {kind: _read(session, url, kind, store) for kind in OBJECT_TYPES}
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    store.clear()
    sys.stdout.write(json.dumps({"took_s": took_s, "cpu_s": cpu_s, "records": sum(counts.values())}) + "\n")


def _read(session: requests.Session, url: str, kind: ObjectType, store: Store) -> int:
    names = Mapping(kind, DEFAULT_FIELD_MAPPINGS[kind], {}, {}).properties
    store.make(kind, ("id", "updated_at", "company", *names))
    count = 0
    for results in pages(session, url, kind, names):
        rows = [
            (found["id"], found["updatedAt"], _company(found), *_values(found, names)) for found in results
        ]
        store.add(kind, rows)
        count += len(rows)
    store.commit()
    return count


def pages(
    session: requests.Session, url: str, kind: ObjectType, names: tuple[str, ...]
) -> Iterator[list[dict[str, Any]]]:
    """The objects of a type, page by page, one page after the other."""
    query = {"limit": "100", "properties": ",".join(names), "archived": "false"}
    if kind == "contacts":
        query["associations"] = "companies"
    while True:
        response = session.get(f"{url}/crm/objects/2026-03/{kind}", params=query, timeout=30)
        response.raise_for_status()
        answer = response.json()
        yield answer["results"]
        if "paging" not in answer:
            return
        query["after"] = answer["paging"]["next"]["after"]


def _values(found: dict[str, Any], names: tuple[str, ...]) -> list[str | None]:
    return [found["properties"].get(name) for name in names]


def _company(found: dict[str, Any]) -> str | None:
    companies = found.get("associations", {}).get("companies", {}).get("results", ())
    return companies[0]["id"] if companies else None


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join(f'"{one}"' for one in columns)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])
