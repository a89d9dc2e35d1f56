"""What a pull does with a contact's company, and with a record whose link did not work until now (B48)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.plain.plain import CONTACTS, READ_AT, candidate, facts, link, remote
from webapp.domain.links.base import COMPANY, Base
from webapp.domain.pull.base import base_behind
from webapp.domain.pull.facts import CompanyFacts
from webapp.domain.pull.origin import REQUESTED, Automatic, Origin
from webapp.domain.pull.page import plan_page
from webapp.domain.pull.plan import Plan
from webapp.domain.push.outgoing import has_edits
from webapp.domain.rules.rule import EVERYTHING

AUTOMATIC = Automatic()
EARLIER, LATER = READ_AT - timedelta(seconds=1), READ_AT + timedelta(seconds=1)
# The companies 1, 2 and 3 here are the objects 11, 12 and 13.
COMPANIES = {str(10 + number): CompanyFacts(number) for number in (1, 2, 3)}


def _planned(
    here: int | None, there: str | None, origin: Origin, *, edited: Any = None, base: Any = (1, "11")
) -> tuple[Plan, Base]:
    """The plan of a linked contact with a company on each side, and the base behind it."""
    seen = [{COMPANY: one} if one is not None else {} for one in base]
    known = link(
        5, "7", local_seen={"first_name": "Eva"} | seen[0], remote_seen={"first_name": "Eva"} | seen[1]
    )
    record = {"first_name": "Eva", COMPANY: here}
    around = facts(
        {5: record}, [known], companies=COMPANIES, edited_at={5: {COMPANY: edited}} if edited else {}
    )
    [plan] = plan_page([remote("7", firstname="Eva", company_id=there)], around, CONTACTS, EVERYTHING, origin)
    return plan, base_behind(plan, record, CONTACTS, origin)


def _company(base: Base) -> tuple[Any, Any]:
    return base.local_seen.get(COMPANY), base.remote_seen.get(COMPANY)


@pytest.mark.parametrize("origin", [REQUESTED, AUTOMATIC])
def test_a_contact_follows_its_company(origin: Origin) -> None:
    plan, base = _planned(1, "12", origin)
    assert (plan.changes, _company(base)) == ([(COMPANY, 1, 2)], (2, "12"))


def test_a_company_changed_here_alone_is_left_and_still_differs_from_the_base() -> None:
    for edited in (None, LATER):
        plan, base = _planned(2, "11", AUTOMATIC, edited=edited)
        assert (plan.changes, _company(base)) == ([], (1, "11"))
    plan, base = _planned(2, "11", REQUESTED)
    assert (plan.changes, _company(base)) == ([(COMPANY, 2, 1)], (1, "11"))


@pytest.mark.parametrize("origin", [REQUESTED, AUTOMATIC])
def test_the_same_change_on_both_sides_is_agreed(origin: Origin) -> None:
    plan, base = _planned(2, "12", origin)
    assert (plan.changes, _company(base)) == ([], (2, "12"))


def test_where_both_sides_changed_it_an_edit_without_a_time_there_came_later() -> None:
    kept, base = _planned(2, "13", AUTOMATIC, edited=LATER)
    assert (kept.changes, kept.reason, _company(base)) == ([], "overwritten", (1, "13"))
    taken, base = _planned(2, "13", AUTOMATIC)
    assert (taken.changes, _company(base)) == ([(COMPANY, 2, 3)], (3, "13"))
    assert taken.detail == {"overwritten": [{"field": COMPANY, "value": 2, "side": "here"}]}


@pytest.mark.parametrize("there", ["99", None])
def test_a_company_that_the_pull_cannot_bring_leaves_the_edit_to_be_sent(there: str | None) -> None:
    for origin in (REQUESTED, AUTOMATIC):
        plan, base = _planned(2, there, origin, edited=LATER)
        assert (plan.changes, _company(base)) == ([], (1, there))
    _, base = _planned(2, there, AUTOMATIC, edited=LATER, base=(None, "11"))
    assert _company(base) == (None, there)


def test_a_company_of_which_the_base_knows_nothing_is_taken_as_it_is() -> None:
    plan, base = _planned(1, "99", AUTOMATIC, base=(None, None))
    assert (plan.changes, _company(base)) == ([], (1, "99"))
    plan, base = _planned(1, "12", AUTOMATIC, base=(None, None))
    assert (plan.changes, plan.reason, _company(base)) == ([(COMPANY, 1, 2)], None, (2, "12"))


@pytest.mark.parametrize("origin", [REQUESTED, AUTOMATIC])
@pytest.mark.parametrize("state", ["gone", "held"])
def test_what_was_edited_while_the_link_did_not_work_stays_and_is_to_be_sent(
    origin: Origin, state: str
) -> None:
    seen = {"first_name": "Eva", "city": "Ulm"}
    known = link(5, "7", state=state, local_seen=dict(seen), remote_seen=dict(seen))
    record = {"first_name": "Eva", "city": "Bonn"}
    around = facts({5: record}, [known], edited_at={5: {"city": EARLIER}})
    [plan] = plan_page([remote("7", firstname="Ewa", city="Ulm")], around, CONTACTS, EVERYTHING, origin)
    assert plan.changes == [("first_name", "Eva", "Ewa")]
    base = base_behind(plan, record, CONTACTS, origin)
    assert has_edits(record | plan.values, CONTACTS, base)
    [lost] = plan_page([remote("7", firstname="Eva", city="Köln")], around, CONTACTS, EVERYTHING, origin)
    assert lost.changes == [("city", "Bonn", "Köln")]
    assert not has_edits(record | lost.values, CONTACTS, base_behind(lost, record, CONTACTS, origin))


@pytest.mark.parametrize(
    ("edited", "is_kept"), [(LATER, True), (EARLIER, False)], ids=["later here", "later there"]
)
def test_an_automatic_first_link_keeps_what_was_typed_here_after_hubspots_last_change(
    edited: Any, *, is_kept: bool
) -> None:
    record = {"first_name": "Eva", "city": "Bonn", "email": "eva@x.de"}
    around = facts(
        {5: record}, candidates=[candidate(5, "eva@x.de", **record)], edited_at={5: {"city": edited}}
    )
    one = remote("7", email="eva@x.de", firstname="Ewa", city="Ulm")
    [plan] = plan_page([one], around, CONTACTS, EVERYTHING, AUTOMATIC)
    assert ("city" in plan.values, "first_name" in plan.values) == (not is_kept, True)
    base = base_behind(plan, record, CONTACTS, AUTOMATIC)
    assert has_edits(record | plan.values, CONTACTS, base) == is_kept
    assert base.remote_seen["city"] == "Ulm"


def test_a_requested_first_link_keeps_what_was_typed_after_the_request_alone() -> None:
    """Earlier edits are not given: who pulls gets HubSpot's values (B6)."""
    record = {"first_name": "Eva", "city": "Bonn", "email": "eva@x.de"}
    around = facts({5: record}, candidates=[candidate(5, "eva@x.de", **record)])
    one = remote("7", email="eva@x.de", city="Ulm")
    [plan] = plan_page([one], around, CONTACTS, EVERYTHING, REQUESTED)
    assert plan.values["city"] == "Ulm"


def test_a_record_without_edits_has_nothing_to_send() -> None:
    base = Base({"city": "Ulm", COMPANY: 1}, {"city": "Ulm", COMPANY: "11"})
    assert not has_edits({"city": "Ulm", "phone": None, COMPANY: 1}, CONTACTS, base)
    assert has_edits({"city": "Ulm", COMPANY: 2}, CONTACTS, base)
    assert has_edits({"city": None, COMPANY: 1}, CONTACTS, base)
