"""What a pull looks up with every page costs the same however many records there are: it goes by indexes.

PostgreSQL plans by statistics, which an empty table has none of.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from tests.support.applications.services import reading
from webapp.models import Base
from webapp.store.pull import queries as pull_queries

_LOOKUPS = {
    "links of companies": pull_queries.links("sqlite", "companies"),
    "links of contacts": pull_queries.links("sqlite", "contacts"),
    "companies of contacts": pull_queries.companies("sqlite"),
    "seen": pull_queries.seen("sqlite", "contacts"),
    "kept apart": pull_queries.apart("sqlite", "contacts"),
    "addresses": pull_queries.addresses("sqlite"),
    "candidates of contacts": pull_queries.contact_candidates("sqlite"),
    "candidates of companies": pull_queries.company_candidates("sqlite"),
}


@pytest.mark.sqlite
@pytest.mark.usefixtures("in_app")
def test_no_lookup_reads_a_whole_table() -> None:
    with reading() as session:
        scanned = {name: _scanned(session, query) for name, query in _LOOKUPS.items()}
    tables = set(Base.metadata.tables)
    assert {name: found & tables for name, found in scanned.items() if found & tables} == {}


def _scanned(session: Any, query: Any) -> set[str]:
    """The tables that SQLite would read whole."""
    compiled = query.compile(dialect=sqlite.dialect(paramstyle="named"))
    plan = session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"), dict.fromkeys(compiled.params, "[]"))
    return {row.detail.split()[1] for row in plan if row.detail.startswith("SCAN ")}
