"""In which order a push goes through its pages."""

from __future__ import annotations

import pytest

from webapp.domain.push.ahead import awaited_company, next_type
from webapp.domain.push.facts import Local
from webapp.domain.records.fields import ObjectType


def _contact(number: int, company_id: int | None, company_remote_id: str | None = None) -> Local:
    return Local(
        id=number,
        uuid=f"u{number}",
        is_active=True,
        values={"company_id": company_id},
        company_remote_id=company_remote_id,
    )


@pytest.mark.parametrize(
    ("searches", "are_answered", "are_contacts_ready", "expected"),
    [
        (3, False, True, "contacts"),
        (3, False, False, "companies"),
        (3, True, True, "companies"),
        (1, False, True, "companies"),
        (0, False, True, "companies"),
    ],
)
def test_companies_go_first_unless_they_are_still_searched_for(
    searches: int,
    expected: ObjectType,
    *,
    are_answered: bool,
    are_contacts_ready: bool,
) -> None:
    chosen = next_type(searches=searches, are_answered=are_answered, are_contacts_ready=are_contacts_ready)
    assert chosen == expected


def test_a_contact_waits_for_a_company_that_has_no_object_and_is_still_to_be_sent() -> None:
    waiting = [_contact(1, 5), _contact(2, 9), _contact(3, 7)]
    assert awaited_company(waiting, done_until=4) == 9
    assert awaited_company(waiting, done_until=9) is None


def test_neither_a_linked_company_nor_none_is_waited_for() -> None:
    assert awaited_company([_contact(1, 9, "77"), _contact(2, None)], done_until=0) is None
    assert awaited_company([], done_until=0) is None
