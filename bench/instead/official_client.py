"""A loop over HubSpot's official client and an ORM, as one would write it; a process of its own.

Each page's objects are looked up by their ids, added or changed, and committed. Nothing is matched, logged or
undone, and an interrupted loop starts again from the beginning. Prints what it took as one JSON object.
"""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import hubspot  # type: ignore[import-untyped]
from sqlalchemy import String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from webapp.domain.mapping.mapping import DEFAULT_FIELD_MAPPINGS, Mapping
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType


class Base(DeclarativeBase):
    """The base of both tables."""


def main(url: str, token: str, path: str) -> None:
    """Read everything from a portal into an SQLite file."""
    client = hubspot.HubSpot(access_token=token)
    client.config["host"] = url
    tables = {kind: _table(kind) for kind in OBJECT_TYPES}
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    records = 0
    with Session(engine) as session:
        for kind, table in tables.items():
            for page in _pages(client, kind):
                _keep(session, table, page)
                records += len(page)
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    sys.stdout.write(json.dumps({"took_s": took_s, "cpu_s": cpu_s, "records": records}) + "\n")


def _names(kind: ObjectType) -> tuple[str, ...]:
    return Mapping(kind, DEFAULT_FIELD_MAPPINGS[kind], {}, {}).properties


def _table(kind: ObjectType) -> Any:
    """The class of a table with a column for each property."""
    names = (*_names(kind), "company")
    columns = {name: mapped_column(String, nullable=True) for name in names}
    typed = {"__tablename__": kind, "hubspot_id": mapped_column(String, primary_key=True), **columns}
    annotations = dict.fromkeys(("hubspot_id", *names), Mapped[Any])
    return type(kind, (Base,), {**typed, "__annotations__": annotations})


def _pages(client: Any, kind: ObjectType) -> Iterator[list[Any]]:
    query: dict[str, Any] = {"limit": 100, "properties": list(_names(kind)), "archived": False}
    if kind == "contacts":
        query["associations"] = ["companies"]
    while True:
        page = getattr(client.crm, kind).basic_api.get_page(**query)
        yield page.results
        if page.paging is None:
            return
        query["after"] = page.paging.next.after


def _keep(session: Session, table: Any, page: list[Any]) -> None:
    ids = [found.id for found in page]
    known = {one.hubspot_id: one for one in session.scalars(select(table).where(table.hubspot_id.in_(ids)))}
    for found in page:
        row = known.get(found.id)
        if row is None:
            row = table(hubspot_id=found.id)
            session.add(row)
        for name, value in found.properties.items():
            if hasattr(table, name):
                setattr(row, name, value)
        companies = (found.associations or {}).get("companies")
        row.company = companies.results[0].id if companies else None
    session.commit()
    session.expunge_all()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])
