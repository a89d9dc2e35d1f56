"""What a push does with a record, from what HubSpot has for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.support.plain.plain import READ_AT, link
from tests.support.plain.plain_push import NOBODY, OLD, created, local, planned, policy, remote, updated
from webapp.domain.push.decide import left_out, plan_page
from webapp.domain.push.facts import Question
from webapp.domain.push.plan import Create, Hold, Plan, Skip, Update, input_key, is_made_by_address, to_send

COMPANIES = policy("companies")
BASE: dict[str, Any] = {"local_seen": {"city": "Bonn"}, "remote_seen": {"city": "Bonn"}}


def _held(decided: Plan) -> tuple[str, list[str]]:
    assert isinstance(decided, Hold), decided
    return decided.reason, [one["remote_id"] for one in (decided.detail or {})["candidates"]]


# Linked records.


def test_a_linked_record_sends_what_differs() -> None:
    plan = updated(
        local(link=link(3, "7"), city="Ulm", first_name="Eva"), remote(firstname="Eva", city="Bonn")
    )
    assert (plan.outcome, plan.reason, plan.changes) == ("updated", None, (("city", "Bonn", "Ulm"),))


def test_a_linked_record_that_agrees_is_not_sent() -> None:
    plan = updated(local(link=link(3, "7"), city="Bonn"), remote(city="Bonn"))
    assert (plan.outcome, plan.reason, plan.changes) == ("unchanged", None, ())
    assert to_send([plan]) == []


def test_an_object_that_is_no_more_ends_the_link() -> None:
    record = local(link=link(3, "7"))
    assert planned(record) == Skip(local=record, reason="gone_in_hubspot", link_state="gone")


def test_a_link_follows_its_object_to_the_survivor_of_a_merge() -> None:
    plan = updated(local(link=link(3, "7"), city="Bonn"), remote("9", city="Bonn"))
    assert (plan.outcome, plan.reason, plan.remote.id) == ("updated", "relinked", "9")


def test_the_survivor_that_another_record_has_holds_this_one() -> None:
    record = local(link=link(3, "7"))
    assert planned(record, remote("9"), owners={"9": 4}) == Hold(
        local=record,
        reason="merged_in_hubspot",
        detail={"survivor": "9", "record_id": 4},
        link_state="held",
    )


def test_what_a_cut_off_push_had_sent_is_regained_where_hubspot_holds_it() -> None:
    record = local(
        link=link(3, "7"),
        city="Ulm",
        unlogged=(("city", "Bonn", "Ulm"), ("job_title", None, "Editor")),
    )
    plan = updated(record, remote(city="Ulm"))
    assert (plan.outcome, plan.changes, plan.regained) == ("updated", (), (("city", "Bonn", "Ulm"),))


def test_an_automatic_push_sends_only_what_was_changed_here() -> None:
    record = local(link=link(3, "7", **BASE), city="Bonn", first_name="Eva")
    there = remote(city="Ulm", firstname=None)
    assert updated(record, there, terms=policy(is_automatic=True)).changes == (("first_name", None, "Eva"),)
    assert len(updated(record, there).changes) == 2


def test_fields_that_a_person_wants_cleared_are_sent_blank() -> None:
    record, there = local(link=link(3, "7"), city=None), remote(city="Bonn")
    assert updated(record, there).changes == ()
    assert updated(record, there, terms=policy(clears=frozenset({"city"}))).changes == (("city", "Bonn", ""),)


# Records that are not linked.


def test_a_record_that_hubspot_does_not_have_is_made_with_all_its_data() -> None:
    plan = created(local(key="eva@x.de", email="eva@x.de", city="Bonn", first_name=None))
    assert (plan.reason, {name: text for name, _, text in plan.changes}) == (
        None,
        {"email": "eva@x.de", "city": "Bonn"},
    )


def test_a_contact_without_address_is_made_and_that_is_told() -> None:
    assert created(local(first_name="Eva")).reason == "created_without_match_key"
    assert created(local(name="Acme"), terms=COMPANIES).reason is None


@pytest.mark.parametrize(
    ("object_type", "key", "is_made"),
    [("contacts", "eva@x.de", True), ("contacts", None, False), ("companies", "x.de", False)],
)
def test_without_our_unique_property_only_contacts_with_an_address_are_made(
    object_type: Any, key: str | None, *, is_made: bool
) -> None:
    record = local(key=key)
    plan = planned(record, terms=policy(object_type, has_key=False))
    if is_made:
        assert isinstance(plan, Create)
    else:
        assert plan == Skip(local=record, reason="needs_unique_property")


def test_the_one_object_found_is_linked_and_brought_up_to_date() -> None:
    plan = updated(local(key="eva@x.de", email="eva@x.de", city="Ulm"), remote(email="eva@x.de", city="Bonn"))
    assert (plan.outcome, plan.reason, plan.changes) == ("updated", "matched", (("city", "Bonn", "Ulm"),))


def test_an_object_found_twice_is_one() -> None:
    there = remote(domain="x.de")
    [plan] = plan_page([local(key="x.de")], {3: [there, there]}, {}, {}, COMPANIES)
    assert isinstance(plan, Update)


def test_several_objects_are_a_question() -> None:
    found = remote("7", domain="x.de"), remote("8", domain="x.de")
    assert _held(planned(local(key="x.de"), *found, terms=COMPANIES)) == ("several_at_hubspot", ["7", "8"])


def test_an_object_of_another_record_is_a_question_and_names_it() -> None:
    decided = planned(local(key="eva@x.de"), remote("7"), owners={"7": 4})
    assert _held(decided) == ("object_linked", ["7"])
    assert isinstance(decided, Hold)
    assert decided.detail is not None
    assert decided.detail["candidates"][0]["record_id"] == 4


def test_of_two_objects_the_free_one_is_taken() -> None:
    found = remote("7", domain="x.de"), remote("8", domain="x.de")
    plan = updated(local(key="x.de"), *found, owners={"7": 4}, terms=COMPANIES)
    assert plan.remote.id == "8"


def test_a_company_kept_apart_is_made_and_a_contact_is_asked_about() -> None:
    """HubSpot does not take an address twice."""
    apart: dict[str, Any] = {"apart": frozenset({"7"})}
    firm = remote("7", domain="x.de")
    assert isinstance(planned(local(key="x.de"), firm, terms=COMPANIES, **apart), Create)
    assert _held(planned(local(key="eva@x.de"), remote("7"), **apart)) == ("kept_apart_at_hubspot", ["7"])


def test_a_person_chooses_even_what_was_kept_apart() -> None:
    record = local(key="eva@x.de", decision={"verb": "link", "remote_id": "8"})
    plan = updated(record, remote("7"), remote("8"), apart=frozenset({"8"}))
    assert (plan.remote.id, plan.reason) == ("8", "decided_link")


def test_a_chosen_object_that_another_record_has_by_now_is_asked_about_again() -> None:
    record = local(key="eva@x.de", decision={"verb": "link", "remote_id": "8"})
    assert _held(planned(record, remote("8"), owners={"8": 4})) == ("object_linked", ["8"])


def test_a_person_has_a_company_made_beside_those_that_look_like_it() -> None:
    found = remote("7", domain="x.de"), remote("8", domain="x.de")
    record = local(key="x.de", decision={"verb": "create"})
    assert isinstance(planned(record, *found, terms=COMPANIES), Create)
    person = local(key="eva@x.de", decision={"verb": "create"})
    assert isinstance(planned(person, remote("7", email="eva@x.de")), Update)


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ({"email": "eva@x.de", "firstname": "Ida", "lastname": "Roth"}, "doubtful_at_hubspot"),
        ({"email": "eva@x.de", "firstname": "Eva", "lastname": "Roth"}, None),
        ({"email": "info@x.de", "hs_additional_emails": "eva@x.de", "firstname": "Eva"}, None),
    ],
)
def test_an_address_is_weighed_as_on_a_pull(there: dict[str, Any], reason: str | None) -> None:
    """One mailbox, two people."""
    decided = planned(local(key="eva@x.de", first_name="Eva", last_name="Roth"), remote(**there))
    assert isinstance(decided, Update) if reason is None else _held(decided) == (reason, ["7"])


@pytest.mark.parametrize(
    ("there", "kind"),
    [
        ({"name": "Acme", "city": "Ulm"}, Update),
        ({"name": "Acme"}, Hold),
        ({"name": "Acme", "city": "Kiel"}, Create),
    ],
)
def test_a_company_of_the_same_name_is_weighed_as_on_a_pull(there: dict[str, Any], kind: type) -> None:
    record = local(name="Acme", city="Ulm")
    assert isinstance(planned(record, remote(**there), terms=COMPANIES), kind)


def test_a_company_is_found_by_any_of_its_domains() -> None:
    there = remote(name="Acme", domain="acme.com", hs_additional_domains="acme.net;acme.de")
    assert updated(local(key="acme.de", name="Acme"), there, terms=COMPANIES).remote.id == "7"


def test_a_company_that_looks_like_the_object_of_another_record_waits_for_a_person() -> None:
    """B33."""
    there = remote(name="Acme", domain="x.de")
    assert _held(planned(local(key="x.de"), there, owners={"7": 4}, terms=COMPANIES))[0] == "object_linked"
    elsewhere = remote(name="Acme", city="Kiel")
    record = local(name="Acme", city="Ulm")
    assert isinstance(planned(record, elsewhere, owners={"7": 4}, terms=COMPANIES), Create)


def test_a_candidate_of_a_held_object_is_neither_made_nor_linked() -> None:
    """B32."""
    question = Question("7", "Birke Druck", {"name": "Birke Druck", "city": "Ulm"}, ("same_town",), 12)
    record = local(name="Birke Druckwerk", city="Ulm", questions=(question,))
    decided = left_out(record, COMPANIES)
    assert isinstance(decided, Hold)
    assert _held(decided) == ("candidate_of_held", ["7"])
    assert decided.detail is not None
    assert decided.detail["candidates"][0]["properties"] == {"name": "Birke Druck", "city": "Ulm"}
    for decision in ({"verb": "create"}, {"verb": "link", "remote_id": "7"}):
        assert left_out(structs.replace(record, decision=decision), COMPANIES) is None
    assert left_out(structs.replace(record, link=link(3, "8")), COMPANIES) is None


# Objects that bear the record's key.


def test_an_object_marked_by_our_key_is_the_record_as_long_as_it_looks_like_it() -> None:
    company = local(name=" acme  AG", key=None)
    plan = updated(company, remote("7", has_key=True, name="Acme AG"), remote("8"), terms=COMPANIES)
    assert (plan.remote.id, plan.outcome, plan.reason) == ("7", "updated", "found_by_key")
    person = local(first_name="Eva", last_name="Roth")
    plan = updated(person, remote(has_key=True, firstname="eva", lastname="ROTH"))
    assert plan.reason == "found_by_key"


def test_an_object_marked_by_our_key_that_is_another_one_by_now_is_a_question() -> None:
    with_key = remote(has_key=True, name="Beta", domain="beta.de", firstname="Ida")
    assert _held(planned(local(name="Acme", key="acme.de"), with_key, terms=COMPANIES))[0] == "key_on_other"
    assert _held(planned(local(first_name="Eva"), with_key))[0] == "key_on_other"


def test_an_object_marked_by_our_key_that_another_record_has_is_a_question() -> None:
    decided = planned(local(first_name="Eva"), remote(has_key=True, firstname="Eva"), owners={"7": 4})
    assert _held(decided) == ("object_linked", ["7"])


def test_a_person_chooses_another_object_than_the_marked_one() -> None:
    record = local(key="x.de", decision={"remote_id": "8"})
    plan = updated(record, remote("7", has_key=True, domain="x.de"), remote("8"), terms=COMPANIES)
    assert plan.remote.id == "8"


@pytest.mark.parametrize(
    ("made_at", "outcome"),
    [(READ_AT, "created"), (READ_AT - timedelta(minutes=4), "created"), (OLD, "updated")],
)
def test_an_announced_object_that_is_there_was_made_by_us(made_at: Any, outcome: str) -> None:
    """Its answer was lost; HubSpot's clock may be some minutes behind ours."""
    there = remote(email="eva@x.de")
    there = type(there)(there.id, there.properties, made_at, READ_AT)
    plan = updated(local(key="eva@x.de", email="eva@x.de", announced_at=READ_AT), there)
    assert (plan.outcome, plan.reason) == (outcome, None if outcome == "created" else "matched")


def test_an_announced_object_with_our_key_was_made_by_us_whatever_it_is_called_by_now() -> None:
    plan = updated(
        local(name="Acme", announced_at=READ_AT), remote(has_key=True, name="Beta"), terms=COMPANIES
    )
    assert (plan.outcome, plan.reason) == ("created", None)


# Records that the rules exclude and a person asks for.


def test_what_a_person_sends_past_the_rules_says_so() -> None:
    requested = policy(rule=NOBODY, is_requested=True)
    assert created(local(first_name="Eva"), terms=requested).reason == "outside_rules"
    there = remote(email="eva@x.de")
    assert updated(local(key="eva@x.de"), there, terms=requested).reason == "outside_rules"
    assert updated(local(link=link(3, "7"), city="Ulm"), remote(), terms=requested).reason is None
    held = planned(local(key="eva@x.de"), remote(), owners={"7": 4}, terms=requested)
    assert isinstance(held, Hold)
    assert held.reason == "object_linked"


# A page.


def test_an_object_that_two_records_of_a_page_lead_to_is_the_first_ones() -> None:
    page = [local(id=3, key="eva@x.de"), local(id=4, uuid="u-4", key="eva.old@x.de")]
    there = remote(email="eva@x.de", hs_additional_emails="eva.old@x.de")
    first, second = plan_page(page, {3: [there], 4: [there]}, {}, {}, policy())
    assert isinstance(first, Update)
    assert _held(second) == ("object_linked", ["7"])


def test_what_keeps_a_record_apart_is_its_own() -> None:
    page = [local(id=3, key="x.de"), local(id=4, uuid="u-4", key="y.de")]
    found = {3: [remote("7", domain="x.de")], 4: [remote("8", domain="y.de")]}
    plans = plan_page(page, found, {}, {3: frozenset({"7"})}, COMPANIES)
    assert [type(one) for one in plans] == [Create, Update]


def test_an_input_is_named_by_its_object_or_by_the_records_key() -> None:
    update, create = updated(local(link=link(3, "7")), remote("7")), created(local(key="eva@x.de"))
    assert (input_key(update), input_key(create)) == ("7", "u-3")


def test_only_a_contact_with_an_address_is_made_by_it() -> None:
    with_address, without = created(local(key="eva@x.de")), created(local(first_name="Eva"))
    assert is_made_by_address(with_address, "contacts")
    assert not is_made_by_address(without, "contacts")
    assert not is_made_by_address(created(local(key="x.de"), terms=COMPANIES), "companies")
