"""On SQLite a page of a list begins at its place, also among many rows with the same key.

A mass change, for example, gives thousands of records the same moment of their last change.
"""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from tests.support.applications.services import reading, writing
from tests.support.databases.statements import Sent, sent_statements
from tests.support.samples.factories import NOW
from tests.support.usecases.book import Book
from webapp.models import Company

pytestmark = pytest.mark.sqlite

_BEHIND_A_NUMBER = re.compile(r"companies\.id [<>] \?")


@pytest.mark.parametrize("sort", ["changed", "-changed", "name", "-name", "domain", "added"])
def test_no_page_reads_the_rows_before_it(book: Book, sort: str) -> None:
    book.fill(120, name="One Firm", domain="one.example")
    with book.app.app_context(), writing() as session:
        session.execute(update(Company).values(updated_at=NOW))
    with book.app.app_context(), sent_statements() as sent:
        pages, last = book.walk(f"/companies?sort={sort}", "next")
        back, _ = book.walk(last, "prev")
    assert [sum(map(len, way)) for way in (pages, back)] == [120, 120]
    deep = [one for one in sent if _BEHIND_A_NUMBER.search(one.sql)]
    assert len(deep) >= 4
    with book.app.app_context():
        for one in deep:
            assert any(re.search(r"(\bid|rowid)[<>]\?", step) for step in _plan(one)), one.sql


def _plan(sent: Sent) -> list[str]:
    with reading() as session:
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sent.sql}", sent.parameters)
        return [str(row[-1]) for row in rows]
