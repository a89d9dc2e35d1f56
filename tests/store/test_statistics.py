"""PostgreSQL knows how large its tables have become, also while they fill."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.support.applications.services import reading, writing
from tests.support.samples.factories import make_company
from webapp.store.database import statistics


@pytest.mark.postgresql  # SQLite plans by its indexes alone
@pytest.mark.usefixtures("in_app")
def test_tables_that_have_grown_are_measured_and_only_those() -> None:
    for number in range(statistics._FEWEST_ROWS + 1):
        make_company(name=f"Firm {number}")
    with writing() as session:
        session.execute(text("SELECT pg_stat_force_next_flush()"))
    with writing() as session:
        statistics.refresh(session)
    assert _known("companies") == statistics._FEWEST_ROWS + 1
    assert _known("contacts") <= 0


def _known(table: str) -> int:
    with reading() as session:
        rows = session.scalar(text("SELECT reltuples FROM pg_class WHERE relname = :name"), {"name": table})
    return int(rows or 0)
