"""The floor: what `requests`, JSON and SQLite alone take for the same pages; a process of its own.

No matching, no links, no log, no checkpoint, one transaction: nothing that keeps records can be quicker with
these parts. Prints what it took as one JSON object.
"""

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from webapp.domain.mapping.mapping import DEFAULT_FIELD_MAPPINGS, Mapping
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType


def main(url: str, token: str, path: Path) -> None:
    """Read everything from a portal into a new SQLite file."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    counts = {kind: _read(session, url, kind, connection) for kind in OBJECT_TYPES}
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    sys.stdout.write(json.dumps({"took_s": took_s, "cpu_s": cpu_s, "records": sum(counts.values())}) + "\n")


def _read(session: requests.Session, url: str, kind: ObjectType, connection: sqlite3.Connection) -> int:
    names = Mapping(kind, DEFAULT_FIELD_MAPPINGS[kind], {}, {}).properties
    columns = ", ".join(f'"{name}"' for name in ("id", "updated_at", "company", *names))
    connection.execute(f"CREATE TABLE {kind} ({columns})")
    places = ", ".join("?" * (len(names) + 3))
    count = 0
    for results in _pages(session, url, kind, names):
        rows = [
            (found["id"], found["updatedAt"], _company(found), *_values(found, names)) for found in results
        ]
        connection.executemany(f"INSERT INTO {kind} VALUES ({places})", rows)  # noqa: S608 - our own names
        count += len(rows)
    connection.commit()
    return count


def _pages(
    session: requests.Session, url: str, kind: ObjectType, names: tuple[str, ...]
) -> Iterator[list[dict[str, Any]]]:
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


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
