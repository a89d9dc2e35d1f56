"""What nobody has moved is planned without being read: the plan is the one that reading would give (B48)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.plain.plain import (
    COMPANIES,
    CONTACTS,
    MAPPINGS,
    READ_AT,
    clearing,
    facts,
    link,
    planned,
    remote,
)
from webapp.domain.links.base import COMPANY, SET_APART
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.pull.base import base_behind, has_news
from webapp.domain.pull.facts import CompanyFacts, Facts, Remote
from webapp.domain.pull.linked import plan_linked
from webapp.domain.pull.origin import REQUESTED, Automatic, Origin
from webapp.domain.pull.plan import Plan, Terms
from webapp.domain.pull.unmoved import Unmoved
from webapp.domain.records.fields import Field
from webapp.domain.rules.rule import EVERYTHING

HERE = {"50": CompanyFacts(record_id=9), "51": CompanyFacts(record_id=8), "52": CompanyFacts(reason="undone")}


def quick_plan(one: Remote, around: Facts, mapping: Mapping, origin: Origin = REQUESTED) -> Plan | None:
    return Unmoved(Terms(around, mapping, EVERYTHING, origin), [one]).plan(one)


def in_step(one: Remote, mapping: Mapping, **more: Any) -> Facts:
    """An object and its record after a sync."""
    company = HERE.get(one.company_id or "", CompanyFacts()).record_id
    incoming = one.read(mapping)
    record = {**incoming.values, COMPANY: company}
    first = Plan(
        remote=one,
        verb="create",
        outcome="created",
        name="",
        record_id=3,
        values={name: value for name, value in record.items() if value is not None},
        incoming=incoming,
        company_id=company,
    )
    base = base_behind(first, {}, mapping, REQUESTED)
    seen = {"local_seen": base.local_seen, "remote_seen": base.remote_seen}
    return facts({3: record}, [link(3, one.id, **seen)], companies=HERE, **more)


def contact(**properties: str | None) -> Remote:
    missing = dict.fromkeys(item.property for item in CONTACTS.fields)
    given = {"firstname": "Eva", "lifecyclestage": "lead", "phone": "030 123456"}
    return remote("7", company_id="50", **(missing | given | properties))


def test_what_nobody_has_moved_is_not_read() -> None:
    one = contact()
    plan = planned(replace(one), in_step(one, CONTACTS))
    assert (plan.verb, plan.outcome, plan.record_id, plan.is_unmoved) == ("touch", "unchanged", 3, True)
    assert plan.incoming is None


def test_an_object_that_answers_without_a_property_is_read() -> None:
    one = contact()
    around = in_step(one, CONTACTS)
    del one.properties["phone"]
    assert not planned(one, around).is_unmoved


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "held"},
        {"remote_updated_at": READ_AT - timedelta(seconds=1)},
        {"generation": 6},
        {"local_seen": {SET_APART: ["phone"]}},
    ],
)
def test_a_link_that_says_more_is_read(changed: dict[str, Any]) -> None:
    one = contact()
    one.generation = 5
    around = in_step(one, CONTACTS)
    around.links["7"] = replace(around.links["7"], **changed)
    assert not planned(one, around).is_unmoved


def test_a_stage_that_means_another_status_by_now_is_read() -> None:
    one = contact()
    around = in_step(one, CONTACTS)
    one.incoming = None
    table = {"status_in": {"lead": "Prospect"}, "status_out": {"Prospect": "lead"}}
    plan = planned(one, around, replace(CONTACTS, **table))
    assert plan.changes == [("status", "Lead", "Prospect")]


@pytest.mark.parametrize(
    "surroundings", [{"edited_at": {3: {"phone": READ_AT}}}, {"in_flight": {3: frozenset({"phone"})}}]
)
def test_a_record_that_was_edited_or_is_being_sent_is_read(surroundings: dict[str, Any]) -> None:
    one = contact()
    assert not planned(one, in_step(one, CONTACTS, **surroundings)).is_unmoved


def test_a_base_that_keeps_blanks_is_compared_with_them() -> None:
    mapping, one = _knowing(CONTACTS, "city"), contact()
    around = in_step(one, mapping)
    assert around.links["7"].remote_seen["city"] is None
    assert planned(one, around, mapping).is_unmoved
    del around.links["7"].remote_seen["city"]
    assert not planned(one, around, mapping).is_unmoved


def _knowing(mapping: Mapping, *names: str) -> Mapping:
    fields = tuple(
        replace(item, knows_blanks=True) if item.field in names else item for item in mapping.fields
    )
    return replace(mapping, fields=fields)


def _sent_alone(mapping: Mapping, *names: str) -> Mapping:
    fields = tuple(replace(item, direction="out") if item.field in names else item for item in mapping.fields)
    return replace(mapping, fields=fields)


_CUSTOM = Field("custom.shoe", "Shoe", kind="number")
_OF_ITS_OWN = replace(
    CONTACTS,
    custom=(_CUSTOM,),
    fields=(*CONTACTS.fields, replace(CONTACTS.fields[0], field="custom.shoe", property="shoe")),
)
mappings = st.sampled_from(
    [
        CONTACTS,
        COMPANIES,
        clearing(CONTACTS, "phone", "city"),
        _knowing(CONTACTS, "city", "phone"),
        _sent_alone(CONTACTS, "phone"),
        _knowing(_sent_alone(CONTACTS, "phone"), "phone", "city"),
        replace(CONTACTS, stopped_in=frozenset({"city"})),
        _OF_ITS_OWN,
    ]
)
plain = st.sampled_from([None, "Eva", "030 1-2"])
converted: dict[str, Any] = {
    "status": st.sampled_from([None, "lead", "customer"]),
    "employees": st.sampled_from([None, "12"]),
    "custom.shoe": st.sampled_from([None, "12.5"]),
}


@st.composite
def objects(draw: Any, of: Any) -> tuple[Mapping, Remote]:
    """A mapping, and an object whose values are kept as they are."""
    mapping = draw(of)
    given = {item.property: draw(converted.get(item.field, plain)) for item in mapping.fields}
    company_id = draw(st.sampled_from([None, "50", "50", "51", "52"]))
    return mapping, remote("7", company_id=company_id if mapping.object_type == "contacts" else None, **given)


names = st.sampled_from(["first_name", "phone", "city", "status", "employees", "custom.shoe", COMPANY])
values = st.sampled_from([None, "", " ", "Eva", "eva ", "x" * 400, "lead", "Lead", 12, "12.0", 8, 9, "50"])
moves = st.tuples(st.sampled_from(["record", "here", "there", "property"]), names, values)


def _move(around: Facts, one: Remote, mapping: Mapping, move: tuple[str, str, Any]) -> None:
    """Change one thing on one side, or in the base."""
    place, name, value = move
    if place == "record":
        around.records[3][name] = value
    elif place == "property":
        one.properties[mapping.property_names.get(name, name)] = None if value is None else str(value)
    else:
        seen = around.links["7"].local_seen if place == "here" else around.links["7"].remote_seen
        seen[name] = value


@given(
    made=objects(mappings),
    moved=st.lists(moves, max_size=2),
    surroundings=st.sampled_from(
        [
            {},
            {},
            {"edited_at": {3: {"phone": READ_AT}}},
            {"edited_at": {3: {COMPANY: READ_AT}}},
            {"in_flight": {3: frozenset({"city"})}},
            {"unsent": {3: "1"}},
        ]
    ),
    origin=st.sampled_from([REQUESTED, Automatic()]),
)
def test_it_is_planned_as_if_it_was_read(made: Any, moved: Any, surroundings: Any, origin: Origin) -> None:
    mapping, one = made
    around = in_step(one, mapping, **surroundings)
    one.incoming = None
    for move in moved:
        _move(around, one, mapping, move)
    quick = quick_plan(one, around, mapping, origin)
    assert one.incoming is None
    if quick is None:
        return
    terms = Terms(around, mapping, EVERYTHING, origin)
    slow = plan_linked(one, around.links["7"], (), terms)
    assert not has_news(slow, around.records[3], mapping, origin)
    left_out = {"name": "", "incoming": None, "is_unmoved": True}
    assert replace(slow, **left_out) == quick


@given(made=objects(st.sampled_from(list(MAPPINGS.values()))))
def test_after_a_sync_nothing_is_read(made: Any) -> None:
    """Otherwise the quick way would be right, and of no use."""
    mapping, one = made
    around = in_step(one, mapping)
    is_company_known = one.company_id is None or HERE[one.company_id].record_id is not None
    assert (quick_plan(one, around, mapping) is not None) is is_company_known
