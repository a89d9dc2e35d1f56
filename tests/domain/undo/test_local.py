"""What undoing does with a record here, from what a run's entry says and from what the record is now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.plain.plain import READ_AT
from webapp.domain.undo.local import LinkNow, LoggedEntry, RecordNow, UndoPlan, plan_undo, without_missing

CITY = ("city", "Bonn", "Ulm")
MADE = LoggedEntry(READ_AT, "created", [("first_name", None, "Eva"), ("city", None, "Ulm")])
LINK = LinkNow("7", READ_AT)


def _logged(*changes: Any, **detail: Any) -> LoggedEntry:
    return LoggedEntry(READ_AT, "updated", list(changes), detail)


def _end(plan: UndoPlan) -> tuple[str, str, str | None]:
    return plan.verb, plan.outcome, plan.reason


# Fields.


def test_a_field_that_holds_what_the_run_wrote_is_put_back() -> None:
    plan = plan_undo(_logged(CITY), RecordNow({"city": "Ulm"}))
    assert (*_end(plan), plan.changes) == ("restore", "updated", None, [("city", "Ulm", "Bonn")])


def test_a_field_that_was_changed_since_is_left_and_told() -> None:
    plan = plan_undo(_logged(CITY), RecordNow({"city": "Kiel"}))
    assert (*_end(plan), plan.changes) == ("leave", "skipped", "changed_since", [])
    assert plan.detail == {"fields": [{"field": "city", "reason": "changed_since", "value": "Kiel"}]}


def test_some_fields_are_put_back_and_others_left() -> None:
    plan = plan_undo(
        _logged(CITY, ("job_title", None, "Editor")), RecordNow({"city": "Kiel", "job_title": "Editor"})
    )
    assert (*_end(plan), plan.changes) == (
        *("restore", "updated", "undone_in_part"),
        [("job_title", "Editor", None)],
    )


@pytest.mark.parametrize("now", ["Bonn", "Ulm"])
def test_a_field_that_is_back_already_needs_nothing(now: str) -> None:
    logged = _logged(CITY) if now == "Bonn" else _logged(("city", "Ulm", "Ulm"))
    assert _end(plan_undo(logged, RecordNow({"city": now}))) == ("leave", "unchanged", None)


def test_a_blank_is_as_good_as_an_empty_text() -> None:
    plan = plan_undo(_logged(("city", "Bonn", None)), RecordNow({"city": ""}))
    assert plan.changes == [("city", None, "Bonn")]


def test_one_field_alone_is_put_back_and_the_link_stays() -> None:
    logged = _logged(CITY, ("job_title", None, "Editor"))
    plan = plan_undo(logged, RecordNow({"city": "Ulm", "job_title": "Editor"}, link=LINK), only_field="city")
    assert (plan.changes, plan.is_unlinked) == ([("city", "Ulm", "Bonn")], False)


# Links.


def test_the_link_that_the_run_made_goes() -> None:
    plan = plan_undo(_logged(), RecordNow({}, link=LINK))
    assert (*_end(plan), plan.is_unlinked) == ("restore", "updated", None, True)


def test_an_earlier_link_stays() -> None:
    earlier = LinkNow("7", READ_AT - timedelta(days=1))
    assert _end(plan_undo(_logged(), RecordNow({}, link=earlier))) == ("leave", "unchanged", None)


def test_a_link_that_an_undo_gave_back_goes_whenever_it_was_made() -> None:
    earlier = LinkNow("7", READ_AT - timedelta(days=1))
    assert plan_undo(_logged(relinked=True), RecordNow({}, link=earlier)).is_unlinked


def test_the_link_stays_where_a_field_was_changed_since() -> None:
    plan = plan_undo(_logged(CITY), RecordNow({"city": "Kiel"}, link=LINK))
    assert not plan.is_unlinked


def test_a_link_that_an_undo_took_away_comes_back_unless_there_is_another() -> None:
    assert plan_undo(_logged(unlinked={"remote_id": "7"}), RecordNow({})).is_relinked
    other = RecordNow({}, link=LinkNow("8", READ_AT + timedelta(days=1)))
    assert not plan_undo(_logged(unlinked={"remote_id": "7"}), other).is_relinked


# Records that the run made, removed or deactivated.


def test_a_record_that_the_run_made_and_nobody_touched_is_removed() -> None:
    plan = plan_undo(MADE, RecordNow({"first_name": "Eva", "city": "Ulm", "email": None}, link=LINK))
    assert (*_end(plan), plan.is_unlinked) == ("remove", "updated", "undone_removed", True)
    assert plan.changes == [("first_name", "Eva", None), ("city", "Ulm", None)]


@pytest.mark.parametrize(
    "present",
    [
        RecordNow({"first_name": "Eva", "city": "Kiel"}),
        RecordNow({"first_name": "Eva", "city": "Ulm", "email": "eva@x.de"}),
        RecordNow({"first_name": "Eva", "city": "Ulm"}, has_others=True),
    ],
    ids=["changed", "filled", "has others"],
)
def test_a_record_that_the_run_made_and_somebody_uses_is_deactivated(present: RecordNow) -> None:
    plan = plan_undo(MADE, present)
    assert (*_end(plan), plan.changes, plan.is_unlinked) == (
        *("deactivate", "updated", "undone_deactivated"),
        *([], False),
    )


def test_a_record_that_is_deactivated_already_only_loses_its_link() -> None:
    values = {"first_name": "Eva", "city": "Ulm"}
    linked = plan_undo(MADE, RecordNow(dict(values), is_active=False, link=LINK))
    assert (linked.verb, linked.is_unlinked) == ("deactivate", True)
    assert _end(plan_undo(MADE, RecordNow(dict(values), is_active=False))) == ("leave", "unchanged", None)


def test_one_field_of_a_record_that_the_run_made_is_blanked() -> None:
    plan = plan_undo(MADE, RecordNow({"first_name": "Eva", "city": "Ulm"}), only_field="city")
    assert (plan.verb, plan.changes) == ("restore", [("city", "Ulm", None)])


def test_a_record_that_is_not_here_is_skipped() -> None:
    assert _end(plan_undo(_logged(CITY), RecordNow(None))) == ("leave", "skipped", "undo_not_here")
    logged = _logged(("city", "Bonn", None), removed=True)
    assert plan_undo(logged, RecordNow(None), only_field="city").reason == "undo_not_here"


@pytest.mark.parametrize(("detail", "is_relinked"), [({}, False), ({"unlinked": {"remote_id": "7"}}, True)])
def test_a_record_that_an_undo_removed_is_revived(detail: dict[str, Any], *, is_relinked: bool) -> None:
    plan = plan_undo(_logged(("city", "Bonn", None), removed=True, **detail), RecordNow(None))
    assert (*_end(plan), plan.changes, plan.is_relinked) == (
        *("revive", "created", "undone_revived"),
        *([("city", None, "Bonn")], is_relinked),
    )


def test_a_record_that_an_undo_deactivated_becomes_active_again() -> None:
    plan = plan_undo(_logged(deactivated=True), RecordNow({}, is_active=False))
    assert (plan.verb, plan.is_activated) == ("restore", True)
    assert _end(plan_undo(_logged(deactivated=True), RecordNow({}))) == ("leave", "unchanged", None)


def test_a_record_that_an_undo_activated_is_deactivated_again() -> None:
    plan = plan_undo(_logged(activated=True), RecordNow({}))
    assert _end(plan) == ("deactivate", "updated", "undone_inactive")
    assert plan_undo(_logged(activated=True), RecordNow({}, is_active=False)).verb == "leave"


# Further addresses of contacts.


def test_addresses_that_came_go_and_those_that_went_come_back() -> None:
    logged = _logged(addresses=["a@x.de", "b@x.de"], dropped=["c@x.de", "d@x.de"])
    plan = plan_undo(logged, RecordNow({}, addresses=["a@x.de", "d@x.de"]))
    assert (plan.verb, plan.dropped_addresses, plan.regained_addresses) == ("restore", ["a@x.de"], ["c@x.de"])


def test_addresses_are_left_where_one_field_is_put_back() -> None:
    logged = _logged(CITY, addresses=["a@x.de"])
    plan = plan_undo(logged, RecordNow({"city": "Ulm"}, addresses=["a@x.de"]), only_field="city")
    assert plan.dropped_addresses == []


# Companies that are no more.


def test_a_contact_does_not_go_back_to_a_company_that_is_not_here() -> None:
    plan = plan_undo(_logged(CITY, ("company_id", 9, 8)), RecordNow({"city": "Ulm", "company_id": 8}))
    assert without_missing(plan, {4}) is plan
    partly = without_missing(plan, {9})
    assert (*_end(partly), partly.changes) == (
        *("restore", "updated", "undone_in_part"),
        [("city", "Ulm", "Bonn")],
    )
    assert partly.detail == {"fields": [{"field": "company_id", "reason": "undo_not_here", "value": None}]}


def test_a_contact_is_revived_without_its_company() -> None:
    logged = _logged(("city", "Bonn", None), ("company_id", 9, None), removed=True)
    partly = without_missing(plan_undo(logged, RecordNow(None)), {9})
    assert (*_end(partly), partly.changes) == (
        *("revive", "created", "undone_revived"),
        [("city", None, "Bonn")],
    )
