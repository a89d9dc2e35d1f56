"""The list of records that are not linked is read by an index of those alone, however large the book is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.applications.services import reading, writing
from tests.support.databases.plans import plan_of
from tests.support.databases.statements import Sent, sent_statements
from tests.support.samples.factories import make_company, make_connection, make_link
from webapp.models import Company, Contact, Link
from webapp.store.records.listing import counting, lists, standing
from webapp.store.records.listing.lists import Question

_INDEX = "ix_companies_unlinked_by_order"


def _names(rows: Sequence[Company | Contact]) -> list[str | None]:
    return [one.name for one in rows if isinstance(one, Company)]


def _sent(question: Question) -> list[Sent]:
    with reading() as session, sent_statements() as sent:
        listed = lists.read(session, "companies", question)
        counting.count_found(session, "companies", question, listed.found)
    return sent


@pytest.mark.usefixtures("in_app")
def test_who_is_not_linked_is_looked_for_among_those_without_the_mark() -> None:
    connection = make_connection()
    linked, left = (make_company(name=name, domain=None) for name in ("Linked", "Left"))
    make_link(connection.id, "companies", linked.id, "1")
    with writing() as session:
        # Marks may be missing: a link counts as well.
        session.get_one(Company, left.id).is_linked = False
        session.get_one(Company, linked.id).is_linked = False
    question = Question(standing="unlinked", connection_id=connection.id)
    with reading() as session:
        assert [one.sort_key for one in lists.page(session, "companies", question).rows] == ["left"]
    unlinked = [one for one in _sent(question) if "is_linked" in one.sql and "links" in one.sql]
    assert unlinked
    with reading() as session:
        assert all(_INDEX in plan_of(session, one) for one in unlinked)


@pytest.mark.usefixtures("in_app")
def test_long_lists_of_their_own_are_counted_out_of_these(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the table of records is not read for them from its beginning."""
    monkeypatch.setattr(standing, "FEW_MATCHES", 2)
    monkeypatch.setattr(counting, "FEW_MATCHES", 2)
    connection = make_connection()
    for number in range(5):
        company = make_company(name=f"Firm {number}", domain=None)
        link = make_link(connection.id, "companies", company.id, str(number))
        with writing() as session:
            session.get_one(Link, link.id).state = "stopped"
    question = Question(standing="stopped", connection_id=connection.id)
    with reading() as session:
        listed = lists.read(session, "companies", question)
        assert [one.sort_key for one in listed.page.rows] == [f"firm {number}" for number in range(5)]
        assert counting.count_found(session, "companies", question, None) == counting.Count(2, "over")
    count = [one for one in _sent(question) if one.sql.startswith("SELECT count(*)") and "links" in one.sql][
        -1
    ]
    with reading() as session:
        plan = plan_of(session, count)
    assert "ix_links_not_linked" in plan
