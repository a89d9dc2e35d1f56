"""PostgreSQL knows how large its tables have become, also while they fill."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, text

from tests.support.applications.services import reading, writing
from tests.support.samples.factories import make_company
from webapp.models import Company
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


@pytest.mark.postgresql  # SQLite plans by its indexes alone
@pytest.mark.usefixtures("in_app")
def test_a_table_is_measured_again_once_it_has_doubled() -> None:
    _fill(600)
    assert _known("companies") == 600
    _fill(1_000)
    assert _known("companies") == 600
    _fill(200)
    assert _known("companies") == 1_800


def _fill(count: int) -> None:
    """Add this number of companies, then analyse the tables that have grown."""
    times = dict.fromkeys(("created_at", "updated_at"), datetime.now(UTC))
    rows = [{"name": f"Firm {number}", "sort_key": f"firm {number}"} | times for number in range(count)]
    with writing() as session:
        session.execute(insert(Company), rows)
    with writing() as session:
        session.execute(text("SELECT pg_stat_force_next_flush()"))
    with writing() as session:
        statistics.refresh(session)


def _known(table: str) -> int:
    with reading() as session:
        rows = session.scalar(text("SELECT reltuples FROM pg_class WHERE relname = :name"), {"name": table})
    return int(rows or 0)
