"""Lists of a state that many records have: followed in their order, or found by its own list first."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.applications.services import writing
from tests.support.databases.statements import statements
from tests.support.samples.factories import NOW, make_connection
from tests.support.usecases.book import Book
from webapp.models import Company, HeldRecord
from webapp.store.database import walks
from webapp.store.records.listing import standing

_HELD = 60


@pytest.fixture
def held(app: Flask, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest of many companies are held: in the order of changes they come last.

    Some have a domain, the others are a second stretch of its order.
    """
    book.fill(2 * _HELD)
    with app.app_context():
        connection = make_connection()
        with writing() as session:
            for company in session.query(Company).filter(Company.id <= _HELD):
                company.domain_key = f"{_HELD - company.id}.example.com" if company.id % 3 else None
                held = {"record_id": company.id, "reason": "object_linked", "detail": None, "held_at": NOW}
                session.add(
                    HeldRecord(connection_id=connection.id, object_type="companies", run_id=1, **held)
                )
    monkeypatch.setattr(standing, "FEW_MATCHES", 10)


@pytest.mark.parametrize("sort", ["name", "-name", "domain", "-domain", "changed", "-changed", "added"])
@pytest.mark.usefixtures("held")
def test_it_is_the_same_list_however_far_its_order_is_followed(
    book: Book, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forwards, and from its end back."""
    lists = []
    for most in (10_000, 70, 35, 7):
        monkeypatch.setattr(walks, "LOOKED_THROUGH", most)
        forwards, last = book.walk(f"/companies?linked=held&sort={sort}", "next")
        back, _ = book.walk(last, "prev")
        assert [sum(map(len, pages)) for pages in (forwards, back)] == [_HELD, _HELD], most
        lists.append((forwards, back))
    assert all(one == lists[0] for one in lists)


@pytest.mark.usefixtures("held")
def test_what_stands_far_behind_in_an_order_is_found_by_its_own_list(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walks, "LOOKED_THROUGH", 7)
    with statements() as sent:
        assert len(book.names("/companies?linked=held&sort=changed")) == 50
    ordered = [one for one in sent if "ORDER BY companies.updated_at DESC" in one and "held_records" in one]
    assert "companies.updated_at > " in ordered[0]
    assert "companies.id IN (SELECT" in ordered[-1] or "ANY (array((SELECT" in ordered[-1]
