"""What a pull looks up with every page costs the same however many records there are: it goes by indexes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from webapp.models import Base
from webapp.store import fact_queries as queries
from webapp.store.transactions import reading

_LOOKUPS = {
    "links of companies": queries.links("sqlite", "companies"),
    "links of contacts": queries.links("sqlite", "contacts"),
    "companies of contacts": queries.companies("sqlite"),
    "seen": queries.seen("sqlite", "contacts"),
    "kept apart": queries.apart("sqlite", "contacts"),
    "addresses": queries.addresses("sqlite"),
    "candidates of contacts": queries.contact_candidates("sqlite"),
    "candidates of companies": queries.company_candidates("sqlite"),
}


@pytest.mark.parametrize("name", _LOOKUPS)
def test_no_lookup_reads_a_whole_table(in_app: Flask, name: str) -> None:
    assert in_app.testing
    with reading() as session:
        if session.get_bind().dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans by statistics, which an empty table has none of")
        scanned = _scanned(session, _LOOKUPS[name])
    assert not scanned & set(Base.metadata.tables)


def _scanned(session: Any, query: Any) -> set[str]:
    """The tables that SQLite would read whole."""
    compiled = query.compile(dialect=sqlite.dialect(paramstyle="named"))
    plan = session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"), dict.fromkeys(compiled.params, "[]"))
    return {row.detail.split()[1] for row in plan if row.detail.startswith("SCAN ")}
