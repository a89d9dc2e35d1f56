"""What undoing does with an object in HubSpot, from a push's entry and from what HubSpot holds now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.plain.plain import CONTACTS, MAPPINGS, READ_AT
from webapp.domain.links.base import Base
from webapp.domain.push.associations import PLAIN, PRIMARY
from webapp.domain.push.refusals.refusal import Refusal, RefusedProperty
from webapp.domain.undo.leaving_out import without_refused
from webapp.domain.undo.local import LinkNow
from webapp.domain.undo.remote import ObjectNow, RemoteUndoPlan, Sent, plan_remote_undo

CITY = ("city", "Bonn", "Ulm")
LINK = LinkNow("7", READ_AT)


def _sent(*changes: Any, outcome: str = "updated", reason: str | None = None, **detail: Any) -> Sent:
    return Sent(READ_AT, "7", outcome, list(changes), detail, reason)


def _now(**facts: Any) -> ObjectNow:
    names = set(ObjectNow.__struct_fields__)
    properties = {name: value for name, value in facts.items() if name not in names}
    return ObjectNow(properties=properties, **{name: facts[name] for name in facts if name in names})


def _plan(
    sent: Sent, now: ObjectNow, *, archives: bool = True, only_field: str | None = None
) -> RemoteUndoPlan:
    return plan_remote_undo(sent, now, CONTACTS, archives=archives, only_field=only_field)


def _end(plan: RemoteUndoPlan) -> tuple[str, str, str | None]:
    return plan.verb, plan.outcome, plan.reason


REFUSED_CITY = Refusal("no such city", property="city", properties=(RefusedProperty("city"),))


def test_what_hubspot_refuses_to_take_back_is_left_out_and_the_link_stays() -> None:
    plan = _plan(_sent(CITY, ("phone", "1", "2")), _now(city="Ulm", phone="2", link=LINK))
    assert plan.is_unlinked
    less = without_refused(plan, REFUSED_CITY, CONTACTS)
    assert less is not None
    assert (*_end(less), less.changes) == ("restore", "updated", "undone_less_refused", [("phone", "2", "1")])
    assert not less.is_unlinked
    assert less.detail == {
        "fields": [{"field": "city", "reason": "undo_refused_by_hubspot", "value": "Ulm"}],
        "error": "no such city",
        "property": "city",
    }


def test_a_refusal_of_all_or_of_nothing_that_was_put_back_leaves_nothing_to_send() -> None:
    assert without_refused(_plan(_sent(CITY), _now(city="Ulm")), REFUSED_CITY, CONTACTS) is None
    assert without_refused(_plan(_sent(("phone", "1", "2")), _now(phone="2")), REFUSED_CITY, CONTACTS) is None


# Fields.


def test_a_property_that_holds_what_was_sent_is_put_back() -> None:
    plan = _plan(_sent(CITY), _now(city="Ulm"))
    assert (*_end(plan), plan.changes) == ("restore", "updated", None, [("city", "Ulm", "Bonn")])


def test_a_property_that_was_blank_is_cleared() -> None:
    assert _plan(_sent(("city", None, "Ulm")), _now(city="Ulm")).changes == [("city", "Ulm", "")]


def test_hubspots_capitals_are_no_change() -> None:
    assert _plan(_sent(CITY), _now(city="ULM")).changes == [("city", "ULM", "Bonn")]


def test_a_property_that_was_changed_since_is_left_and_told() -> None:
    plan = _plan(_sent(CITY), _now(city="Kiel"))
    assert _end(plan) == ("leave", "skipped", "changed_since")
    assert plan.detail == {"fields": [{"field": "city", "reason": "changed_since", "value": "Kiel"}]}


def test_what_hubspot_made_of_the_sent_value_is_no_change() -> None:
    base = Base({"city": "Ulm"}, {"city": "Ulm (Donau)"})
    assert _plan(_sent(CITY), _now(city="Ulm (Donau)", base=base)).changes == [
        ("city", "Ulm (Donau)", "Bonn")
    ]
    other = Base({"city": "Kiel"}, {"city": "Ulm (Donau)"})
    assert _plan(_sent(CITY), _now(city="Ulm (Donau)", base=other)).reason == "changed_since"


def test_a_property_that_is_back_already_needs_nothing() -> None:
    assert _end(_plan(_sent(CITY), _now(city="Bonn"))) == ("leave", "unchanged", None)


def test_what_this_undo_had_sent_before_it_was_cut_off_is_told_as_put_back() -> None:
    plan = _plan(_sent(CITY), _now(city="Bonn", unlogged=[("city", "Ulm", "Bonn")]))
    assert (*_end(plan), plan.changes) == ("restore", "updated", None, [("city", "Ulm", "Bonn")])


def test_a_field_that_is_not_sent_any_more_is_left() -> None:
    plan = _plan(_sent(("industry", None, "x"), CITY), _now(city="Ulm"))
    assert _end(plan) == ("restore", "updated", "undone_in_part")
    assert plan.detail == {"fields": [{"field": "industry", "reason": "undo_not_sent", "value": "x"}]}


def test_one_field_alone_is_put_back_and_the_link_stays() -> None:
    sent = _sent(CITY, ("job_title", None, "Editor"))
    plan = _plan(sent, _now(city="Ulm", jobtitle="Editor", link=LINK), only_field="city")
    assert (plan.changes, plan.is_unlinked) == ([("city", "Ulm", "Bonn")], False)


# Links.


@pytest.mark.parametrize(
    ("link", "detail", "is_unlinked"),
    [
        (LINK, {}, True),
        (LinkNow("8", READ_AT), {}, False),
        (LinkNow("7", READ_AT - timedelta(days=1)), {}, False),
        (LinkNow("7", READ_AT - timedelta(days=1)), {"relinked": True}, True),
        (None, {}, False),
    ],
)
def test_only_the_link_that_the_run_made_goes(
    link: LinkNow | None, detail: dict[str, Any], *, is_unlinked: bool
) -> None:
    plan = _plan(_sent(**detail), _now(link=link, values={}))
    assert (plan.is_unlinked, plan.verb) == (is_unlinked, "restore" if is_unlinked else "leave")


def test_the_link_stays_where_a_property_was_changed_since() -> None:
    assert not _plan(_sent(CITY), _now(city="Kiel", link=LINK)).is_unlinked


def test_a_link_that_an_undo_took_away_comes_back_where_the_record_is_here_and_free() -> None:
    sent = _sent(unlinked={"remote_id": "7"})
    assert _plan(sent, _now(values={})).is_relinked
    assert _end(_plan(sent, _now(values=None))) == ("leave", "unchanged", None)
    assert not _plan(sent, _now(values={}, link=LinkNow("8", READ_AT + timedelta(days=1)))).is_relinked


# Objects that the run made.

MADE = _sent(("first_name", None, "Eva"), ("city", None, "Ulm"), outcome="created")


def test_an_object_that_the_run_made_and_nobody_touched_is_archived() -> None:
    plan = _plan(MADE, _now(firstname="Eva", city="Ulm", link=LINK))
    assert (*_end(plan), plan.is_unlinked) == ("archive", "updated", "undone_archived", True)
    assert plan.changes == [("first_name", "Eva", ""), ("city", "Ulm", "")]


def test_nothing_is_archived_that_nobody_said_yes_to() -> None:
    assert _end(_plan(MADE, _now(firstname="Eva", city="Ulm"), archives=False)) == (
        *("leave", "skipped"),
        "undo_keeps_created",
    )


@pytest.mark.parametrize(
    ("now", "fields"),
    [
        (_now(firstname="Eva", city="Kiel"), ["city"]),
        (_now(firstname="Eva", city="Ulm", jobtitle="Editor", late=frozenset({"job_title"})), ["job_title"]),
        (_now(firstname="Eva", city="Ulm", has_others=True), None),
    ],
    ids=["changed", "filled", "has others"],
)
def test_an_object_that_somebody_uses_is_kept(now: ObjectNow, fields: list[str] | None) -> None:
    plan = _plan(MADE, now)
    assert _end(plan) == ("leave", "skipped", "undo_object_touched")
    assert (plan.detail and [one["field"] for one in plan.detail["fields"]]) == fields


def test_one_field_of_an_object_that_the_run_made_is_cleared() -> None:
    plan = _plan(MADE, _now(firstname="Eva", city="Ulm"), only_field="city")
    assert (plan.verb, plan.changes) == ("restore", [("city", "Ulm", "")])


# Objects that are no more.


@pytest.mark.parametrize(
    ("sent", "absence", "end"),
    [
        (_sent(CITY), "gone_in_hubspot", ("leave", "skipped", "gone_in_hubspot")),
        (_sent(CITY), "undone_archived", ("leave", "skipped", "gone_in_hubspot")),
        (MADE, "undone_archived", ("archive", "updated", "undone_archived")),
        (MADE, "merged_in_hubspot", ("leave", "skipped", "merged_in_hubspot")),
        (
            _sent(CITY, reason="undone_archived"),
            "gone_in_hubspot",
            ("leave", "skipped", "undo_archived_stays"),
        ),
    ],
)
def test_an_object_that_is_no_more_is_left_unless_this_undo_had_archived_it(
    sent: Sent, absence: str, end: tuple[str, str, str]
) -> None:
    assert _end(_plan(sent, _now(absence=absence))) == end


def test_the_link_to_what_this_undo_had_archived_goes() -> None:
    assert _plan(MADE, _now(absence="undone_archived", link=LINK)).is_unlinked
    assert not _plan(MADE, _now(absence="undone_archived", link=LinkNow("8", READ_AT))).is_unlinked


# Associations.


def _associated(before: str | None = "50", **detail: Any) -> Sent:
    return _sent((PRIMARY, before, "60"), reason="associated", **detail)


def test_the_company_before_becomes_the_primary_one_again() -> None:
    plan = _plan(_associated(), _now(primary="60", companies=["60", "50"]))
    assert (*_end(plan), plan.changes) == (
        *("associate", "updated", "undone_association"),
        [(PRIMARY, "60", "50")],
    )
    assert (plan.detail, plan.is_dissociated) == ({"was_associated": True}, False)


@pytest.mark.parametrize(("detail", "is_dissociated"), [({"was_associated": False}, True), ({}, False)])
def test_a_company_that_the_contact_did_not_have_is_left(
    detail: dict[str, Any], *, is_dissociated: bool
) -> None:
    plan = _plan(_associated(None, **detail), _now(primary="60", companies=["60"]))
    assert (plan.changes, plan.is_dissociated) == ([(PRIMARY, "60", "")], is_dissociated)
    assert plan.detail == {"was_associated": False}


def test_a_company_that_is_back_needs_nothing_but_is_told_if_this_undo_had_set_it() -> None:
    assert _end(_plan(_associated(), _now(primary="50"))) == ("leave", "unchanged", None)
    cut_off = _now(primary="50", unlogged=[(PRIMARY, "60", "50")])
    plan = _plan(_associated(), cut_off)
    assert (*_end(plan), plan.detail) == ("associate", "updated", "undone_association", None)


def test_a_company_that_was_set_since_is_left_and_told() -> None:
    plan = _plan(_associated(), _now(primary="70"))
    assert _end(plan) == ("leave", "skipped", "changed_since")
    assert plan.detail == {"fields": [{"field": PRIMARY, "reason": "changed_since", "value": "70"}]}


def test_an_association_has_nothing_to_do_with_another_field() -> None:
    now = _now(primary="60")
    assert _end(_plan(_associated(), now, only_field="city")) == ("leave", "unchanged", None)
    assert _plan(_associated(), now, only_field=PRIMARY).verb == "associate"


ADDED = _sent((PLAIN, None, "60"), reason="associated_plainly")


def test_a_company_that_was_added_beside_the_primary_one_is_taken_away() -> None:
    plan = _plan(ADDED, _now(primary="50", companies=["50", "60"]))
    assert (*_end(plan), plan.changes) == (
        *("associate_plainly", "updated", "undone_plain_association"),
        [(PLAIN, "60", "")],
    )


def test_a_company_that_an_undo_took_away_comes_back() -> None:
    taken = _sent((PLAIN, "60", ""))
    assert _plan(taken, _now(primary="50", companies=["50"])).changes == [(PLAIN, "", "60")]
    assert _end(_plan(taken, _now(companies=["60"]))) == ("leave", "unchanged", None)


def test_a_company_that_is_gone_needs_nothing_but_is_told_if_this_undo_had_taken_it_away() -> None:
    assert _end(_plan(ADDED, _now(companies=["50"]))) == ("leave", "unchanged", None)
    cut_off = _now(companies=["50"], unlogged=[(PLAIN, "60", "")])
    assert _plan(ADDED, cut_off).changes == [(PLAIN, "60", "")]


def test_a_company_that_somebody_made_the_primary_one_since_stays() -> None:
    plan = _plan(ADDED, _now(primary="60", companies=["60"]))
    assert _end(plan) == ("leave", "skipped", "changed_since")


def test_one_field_of_a_contact_is_no_company_beside_the_primary_one() -> None:
    now = _now(primary="50", companies=["50", "60"])
    assert _plan(ADDED, now, only_field=PRIMARY).verb == "leave"
    assert _plan(ADDED, now, only_field=PLAIN).verb == "associate_plainly"


def test_a_company_made_by_the_run_is_archived_too() -> None:
    made = _sent(("name", None, "Acme"), outcome="created")
    plan = plan_remote_undo(made, _now(name="Acme"), MAPPINGS["companies"], archives=True)
    assert _end(plan) == ("archive", "updated", "undone_archived")
