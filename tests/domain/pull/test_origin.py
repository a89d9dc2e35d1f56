"""What follows from where a pull came from: whose values stay, what an edit counts for, the base behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.plain.plain import CONTACTS, READ_AT, facts, link, planned, remote
from webapp.domain.links.base import SET_APART
from webapp.domain.pull.base import base_behind
from webapp.domain.pull.facts import SeenFacts
from webapp.domain.pull.origin import REQUESTED, Automatic, Origin
from webapp.domain.pull.page import plan_page
from webapp.domain.pull.plan import Plan
from webapp.domain.rules.rule import EVERYTHING

AUTOMATIC = Automatic()
EVA: dict[str, Any] = {"first_name": "Eva", "city": "Ulm"}
# After the last sync both sides said Eva of Ulm; here the city was edited since.
SYNCED: dict[str, Any] = {
    "local_seen": {"first_name": "Eva", "city": "Ulm"},
    "remote_seen": {"first_name": "Eva", "city": "Ulm"},
}
EDITED = {"first_name": "Eva", "city": "Bonn"}


def _plan(there: dict[str, str], here: dict[str, Any], origin: Origin, **more: Any) -> Plan:
    synced = link(3, "7", **SYNCED)
    [plan] = plan_page(
        [remote("7", **there)], facts({3: dict(here)}, [synced], **more), CONTACTS, EVERYTHING, origin
    )
    return plan


def test_who_asks_gets_hubspots_state_though_it_has_not_moved() -> None:
    plan = _plan({"firstname": "Eva", "city": "Ulm"}, EDITED, REQUESTED)
    assert plan.changes == [("city", "Bonn", "Ulm")]


def test_an_automatic_run_takes_only_what_moved() -> None:
    plan = _plan({"firstname": "Ewa", "city": "Ulm"}, EDITED, AUTOMATIC)
    assert plan.changes == [("first_name", "Eva", "Ewa")]


def test_an_edit_after_the_request_stays() -> None:
    edited_at = {3: {"city": READ_AT + timedelta(seconds=1)}}
    plan = _plan({"firstname": "Ewa", "city": "Ulm"}, EDITED, REQUESTED, edited_at=edited_at)
    assert (plan.changes, plan.reason, plan.kept) == (
        [("first_name", "Eva", "Ewa")],
        "edited_meanwhile",
        frozenset({"city"}),
    )


def test_where_both_sides_changed_a_field_an_automatic_run_keeps_the_later_edit() -> None:
    there = {"firstname": "Eva", "city": "Köln"}
    kept = _plan(there, EDITED, AUTOMATIC, edited_at={3: {"city": READ_AT}})
    assert (kept.changes, kept.kept, kept.outcome) == ([], frozenset({"city"}), "skipped")
    taken = _plan(there, EDITED, AUTOMATIC)
    assert (taken.changes, taken.reason) == ([("city", "Bonn", "Köln")], "overwritten")


def test_only_a_pull_that_was_asked_for_overtakes_an_unsent_edit() -> None:
    there = {"firstname": "Ewa", "city": "Ulm"}
    assert _plan(there, EDITED, REQUESTED, unsent=frozenset({3})).reason == "overtaken_by_pull"
    assert _plan(there, EDITED, AUTOMATIC, unsent=frozenset({3})).reason is None


def test_what_an_undo_took_out_comes_back_for_a_person_alone() -> None:
    around = facts(seen={"7": SeenFacts("ignored", reason="undone")})
    assert planned(remote("7", firstname="Eva"), around).reason == "no_company"
    [plan] = plan_page([remote("7", firstname="Eva")], around, CONTACTS, EVERYTHING, AUTOMATIC)
    assert (plan.verb, plan.reason) == ("leave", "undone")


@pytest.mark.parametrize(
    ("origin", "edited_at"), [(AUTOMATIC, {}), (REQUESTED, {3: {"city": READ_AT + timedelta(seconds=1)}})]
)
def test_in_the_base_an_edit_that_the_pull_did_not_decide_still_differs(
    origin: Origin, edited_at: dict[int, Any]
) -> None:
    """So it is sent."""
    plan = _plan({"firstname": "Ewa", "city": "Ulm"}, EDITED, origin, edited_at=edited_at)
    base = base_behind(plan, EDITED, CONTACTS, origin)
    assert (base.local_seen["first_name"], base.local_seen["city"]) == ("Ewa", "Ulm")


def test_what_an_undo_set_apart_stays_so_until_it_moves_or_somebody_asks() -> None:
    apart = link(3, "7", local_seen={**EVA, SET_APART: ["city", "first_name"]}, remote_seen=dict(EVA))
    around = facts({3: dict(EDITED)}, [apart])
    [plan] = plan_page([remote("7", firstname="Ewa", city="Ulm")], around, CONTACTS, EVERYTHING, AUTOMATIC)
    assert base_behind(plan, EDITED, CONTACTS, AUTOMATIC).local_seen[SET_APART] == ["city"]
    assert SET_APART not in base_behind(plan, EDITED, CONTACTS, REQUESTED).local_seen


def test_edits_count_from_the_request_of_a_person_and_all_of_them_otherwise() -> None:
    assert (REQUESTED.edits_count_after(7), AUTOMATIC.edits_count_after(7)) == (7, None)
