"""What a pull decides about each object of a page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.plain.plain import (
    COMPANIES,
    CONTACTS,
    READ_AT,
    candidate,
    facts,
    link,
    planned,
    remote,
)
from webapp.domain.links.base import COMPANY
from webapp.domain.pull import page as pull_page
from webapp.domain.pull.base import base_behind
from webapp.domain.pull.facts import CompanyFacts, Remote, SeenFacts
from webapp.domain.pull.origin import REQUESTED
from webapp.domain.pull.page import plan_page
from webapp.domain.pull.plan import Plan, alike_pairs
from webapp.domain.rules.rule import EVERYTHING, Condition, Rule
from webapp.domain.runs.outcomes import OUTCOMES
from webapp.text.reasons import REASONS

HERE = {"50": CompanyFacts(record_id=9)}
EVA: dict[str, Any] = {"first_name": "Eva", "email": "eva@x.de", "company_id": 9}


def result(plan: Plan) -> tuple[str, str, str | None]:
    return plan.verb, plan.outcome, plan.reason


def test_a_new_contact_is_created_in_its_company() -> None:
    plan = planned(remote(company_id="50", firstname="Eva"), facts(companies=HERE))
    assert result(plan) == ("create", "created", None)
    assert plan.values == {"first_name": "Eva", "company_id": 9}


@pytest.mark.parametrize(
    ("company_id", "known", "left"),
    [
        (None, {}, ("unlinked", "no_company")),
        ("50", {}, ("waiting", "waiting_for_company")),
        ("50", {"50": CompanyFacts(reason="several_candidates")}, ("waiting", "waiting_for_company")),
        ("50", {"50": CompanyFacts(reason="rule_excluded")}, ("unlinked", "company_excluded")),
        (
            "50",
            {"50": CompanyFacts(reason="doubtful_match", state="skipped")},
            ("unlinked", "company_left_out"),
        ),
        ("50", {"50": CompanyFacts(reason="undone", state="ignored")}, ("unlinked", "company_left_out")),
        ("50", {"50": CompanyFacts(reason="deleted_here")}, ("unlinked", "company_left_out")),
    ],
)
def test_a_new_contact_whose_company_is_not_here_is_left_out(
    company_id: str | None, known: dict[str, CompanyFacts], left: tuple[str, str]
) -> None:
    """B8, B54: it says for which company it waits."""
    plan = planned(remote(company_id=company_id, firstname="Eva"), facts(companies=known))
    assert (plan.verb, plan.outcome, plan.state, plan.reason) == ("leave", "skipped", *left)
    assert plan.detail == ({"company": company_id} if company_id else None)


def test_a_contact_that_is_here_is_linked_even_without_company() -> None:
    around = facts({3: dict(EVA)}, candidates=[candidate(3, "eva@x.de")])
    plan = planned(remote(email="EVA@x.de", jobtitle="Editor"), around)
    assert result(plan) == ("update", "updated", "matched")
    assert plan.changes == [("job_title", None, "Editor")]


def test_an_excluded_object_says_which_condition_failed_and_on_what() -> None:
    rule = Rule("all", (Condition("employees", "greater", 10),))
    plan = planned(remote(name="Nordlicht", numberofemployees="3"), facts(), COMPANIES, rule)
    assert (*result(plan), plan.state) == ("leave", "skipped", "rule_excluded", "excluded")
    assert plan.detail == {"field": "employees", "operator": "greater", "value": 10, "actual": 3}


def test_the_rules_are_not_asked_about_what_is_linked() -> None:
    rule = Rule("all", (Condition("first_name", "is", "nobody"),))
    plan = planned(remote("7", firstname="Eva"), facts({3: dict(EVA)}, [link(3, "7")]), rule=rule)
    assert plan.outcome == "unchanged"


def test_a_record_that_differs_in_nothing_is_touched_only() -> None:
    plan = planned(remote("7", firstname="Eva", email="eva@x.de"), facts({3: dict(EVA)}, [link(3, "7")]))
    assert result(plan) == ("touch", "unchanged", None)
    assert plan.changes == []


def _read_in(generation: int, remote_id: str = "7") -> Remote:
    """An object whose request began in this generation of our writes."""
    found = remote(remote_id, firstname="Old", email="eva@x.de", company_id="50")
    found.generation = generation
    return found


@pytest.mark.parametrize(("generation", "outcome"), [(4, "skipped"), (5, "updated")])
def test_a_read_that_is_older_than_our_last_write_is_set_aside(generation: int, outcome: str) -> None:
    """B47."""
    around = facts({3: dict(EVA)}, [link(3, "7", generation=5)], companies=HERE)
    plan = planned(_read_in(generation), around)
    assert plan.outcome == outcome
    assert (plan.reason == "stale_read") == (generation < 5)


@pytest.mark.parametrize(("generation", "verb"), [(4, "leave"), (5, "update")])
def test_what_was_unlinked_is_not_linked_by_a_read_from_before(generation: int, verb: str) -> None:
    """B47."""
    around = facts({3: dict(EVA)}, candidates=[candidate(3, "eva@x.de")], companies=HERE, unlinked={"7": 5})
    plan = planned(_read_in(generation), around)
    assert (plan.verb, plan.state) == (verb, None)


def test_the_time_of_a_portal_that_was_restored_sets_nothing_aside() -> None:
    """What a fresh read holds is taken, however early HubSpot says it was changed."""
    newer = link(3, "7", remote_updated_at=READ_AT + timedelta(days=1))
    plan = planned(remote("7", firstname="Old"), facts({3: dict(EVA)}, [newer]))
    assert plan.changes == [("first_name", "Eva", "Old")]


def test_a_field_that_is_being_sent_stays_on_both_sides() -> None:
    """HubSpot may or may not hold it yet."""
    known = link(3, "7", local_seen={"first_name": "Eva"}, remote_seen={"first_name": "Eva"})
    around = facts({3: dict(EVA)}, [known], in_flight={3: frozenset({"first_name"})})
    plan = planned(remote("7", firstname="Old", jobtitle="Editor"), around)
    assert plan.changes == [("job_title", None, "Editor")]
    assert plan.is_open
    base = base_behind(plan, around.records[3], CONTACTS, REQUESTED)
    assert (base.local_seen["first_name"], base.remote_seen["first_name"]) == ("Eva", "Eva")


def test_of_a_field_that_is_sent_for_the_first_time_the_base_learns_nothing() -> None:
    """What was read may be older: in the base it would hide that HubSpot changes it at this moment."""
    known = link(3, "7", local_seen={}, remote_seen={})
    around = facts({3: dict(EVA)}, [known], in_flight={3: frozenset({"first_name"})})
    plan = planned(remote("7", firstname="Old"), around)
    base = base_behind(plan, around.records[3], CONTACTS, REQUESTED)
    assert "first_name" not in {*base.local_seen, *base.remote_seen}


def test_a_company_that_is_being_set_stays_on_both_sides() -> None:
    known = link(3, "7", local_seen={COMPANY: 1}, remote_seen={COMPANY: "11"})
    companies = {"11": CompanyFacts(1), "12": CompanyFacts(2)}
    record = {**EVA, COMPANY: 1}
    around = facts({3: record}, [known], companies=companies, in_flight={3: frozenset({COMPANY})})
    plan = planned(remote("7", company_id="12"), around)
    assert plan.changes == []
    base = base_behind(plan, record, CONTACTS, REQUESTED)
    assert (base.local_seen[COMPANY], base.remote_seen[COMPANY]) == (1, "11")


def test_a_stopped_link_is_left_as_it_is() -> None:
    around = facts({3: dict(EVA)}, [link(3, "7", state="stopped")])
    plan = planned(remote("7", firstname="New"), around)
    assert (*result(plan), plan.changes) == ("leave", "skipped", "stopped", [])


def test_what_a_person_left_out_stays_out() -> None:
    plan = planned(remote("7", company_id="50"), facts(companies=HERE, seen={"7": SeenFacts("skipped")}))
    assert (*result(plan), plan.state) == ("leave", "skipped", "person_skipped", None)


def test_the_link_follows_a_merge() -> None:
    survivor = remote("9", firstname="Eva")
    survivor.merged_ids = ("7", "8")
    plan = planned(survivor, facts({3: dict(EVA)}, [link(3, "7")]))
    assert result(plan) == ("update", "updated", "relinked")
    assert plan.link is not None
    assert (plan.record_id, plan.former_ids) == (3, ())


def test_of_two_records_whose_objects_were_merged_one_keeps_the_link_and_the_other_is_held() -> None:
    survivor = remote("9", firstname="Eva")
    survivor.merged_ids = ("7", "8")
    around = facts({3: dict(EVA), 4: {"first_name": "Evi"}}, [link(3, "7"), link(4, "8")])
    kept, held = plan_page([survivor], around, CONTACTS, EVERYTHING)
    assert (kept.record_id, kept.reason) == (3, "relinked")
    assert (*result(held), held.record_id, held.name) == ("leave", "held", "merged_in_hubspot", 4, "Evi")


def test_a_record_held_by_a_merge_is_held_once() -> None:
    survivor = remote("9", firstname="Eva")
    survivor.merged_ids = ("7", "8")
    around = facts({3: dict(EVA), 4: {}}, [link(3, "9"), link(4, "8", state="held")])
    assert planned(survivor, around).outcome == "unchanged"


def test_of_two_objects_for_one_record_the_lower_id_links_whatever_their_order() -> None:
    around = facts({3: {"name": "N"}}, candidates=[candidate(3, domain="n.de")])
    page = [remote("100", name="N", domain="n.de"), remote("99", name="N", domain="n.de")]
    first, second = plan_page(page, around, COMPANIES, EVERYTHING)
    assert (first.remote.id, *result(first)) == ("99", "update", "updated", "matched")
    assert (second.remote.id, *result(second)) == ("100", "create", "created", "looks_like_another")
    # The record has the first one's name by then.
    evidence = {"record_id": 3, "evidence": ["same_domain", "same_name"], "points": 37}
    assert second.detail == {"looks_like": [evidence]}


def test_no_question_is_asked_about_a_record_that_the_same_page_links_to_another_object() -> None:
    """The object that a record certainly is may have the higher id of the two."""
    known: dict[str, Any] = {
        "first_name": "Eva",
        "last_name": "Person 8a",
        "email": "a@n8.de",
        "company_id": 8,
    }
    companies = {**HERE, "51": CompanyFacts(record_id=8)}
    around = facts({3: known}, candidates=[candidate(3, **known)], companies=companies)
    like = remote("7", company_id="50", firstname="Eva", lastname="Person 6a", email="a@n6.de")
    same = remote("8", company_id="51", firstname="Eva", lastname="Person 8a", email="a@n8.de")

    alone = plan_page([like], around, CONTACTS, EVERYTHING)
    together = plan_page([like, same], around, CONTACTS, EVERYTHING)

    assert [result(plan) for plan in alone] == [("leave", "held", "doubtful_match")]
    assert [(plan.verb, plan.record_id) for plan in together] == [("create", 1000), ("update", 3)]


def test_of_two_new_objects_alike_both_become_records_and_are_possible_duplicates() -> None:
    page = [remote("1", name="N", domain="n.de"), remote("2", name="N", domain="n.de")]
    first, second = plan_page(page, facts(), COMPANIES, EVERYTHING)
    assert (result(first), result(second)) == (
        ("create", "created", None),
        ("create", "created", "looks_like_another"),
    )
    [pair] = alike_pairs([first, second])
    assert (pair.record_id, pair.other_id) == (second.record_id, first.record_id)
    assert (pair.evidence, pair.points) == (("same_domain", "same_name"), 37)


def test_what_is_linked_and_resembles_another_record_is_a_possible_duplicate_too() -> None:
    around = facts(
        {3: {"name": "N"}, 4: {"name": "N"}},
        candidates=[candidate(3, domain="n.de"), candidate(4, domain="n.de", linked_to="8")],
    )
    plan = planned(remote("7", name="N", domain="n.de"), around, COMPANIES)
    assert (plan.verb, plan.record_id, plan.reason) == ("update", 3, "matched")
    assert [(one.record_id, one.other_id) for one in alike_pairs([plan])] == [(3, 4)]


def test_a_record_is_met_in_the_same_page_by_an_address_that_comes_with_it() -> None:
    """As it is when the two objects are on two pages."""
    around = facts({3: dict(EVA)}, candidates=[candidate(3, "eva@x.de")], companies=HERE)
    page = [
        remote("1", email="eva@x.de", hs_additional_emails="ana@x.de"),
        remote("2", company_id="50", firstname="Ana", email="ana@x.de"),
    ]
    first, second = plan_page(page, around, CONTACTS, EVERYTHING)
    assert result(first) == ("update", "updated", "matched")
    assert result(second) == ("leave", "held", "email_of_another")
    assert second.detail is not None
    assert second.detail["candidates"][0]["record_id"] == 3


def test_a_linked_record_is_met_in_the_same_page_as_it_will_be() -> None:
    around = facts({3: dict(EVA)}, [link(3, "1")], companies=HERE)
    page = [
        remote("1", firstname="Eva", email="new@x.de"),
        remote("2", company_id="50", firstname="Eva", email="new@x.de"),
    ]
    first, second = plan_page(page, around, CONTACTS, EVERYTHING)
    assert (first.verb, first.values["email"]) == ("update", "new@x.de")
    assert result(second) == ("leave", "held", "email_of_another")


def test_an_address_that_moves_from_one_object_to_another_is_on_one_contact_at_any_time() -> None:
    """Whatever their order in the page, and in however many pages they come."""
    around = facts({3: dict(EVA)}, [link(3, "9")], [candidate(3, "eva@x.de", linked_to="9")], companies=HERE)
    page = [
        remote("2", company_id="50", firstname="Ida", email="eva@x.de"),
        remote("9", firstname="Eva", email="new@x.de"),
    ]
    outcomes = {plan.remote.id: plan.outcome for plan in plan_page(page, around, CONTACTS, EVERYTHING)}
    assert outcomes == {"9": "updated", "2": "created"}


def test_the_same_facts_planned_twice_give_the_same_plans() -> None:
    """What is planned within a page is remembered beside the facts, not in them."""
    around = facts({3: dict(EVA)}, candidates=[candidate(3, "eva@x.de")], companies=HERE)
    page = [
        remote("1", email="eva@x.de", hs_additional_emails="ana@x.de"),
        remote("2", company_id="50", firstname="Ana", email="ana@x.de"),
        remote("3", company_id="50", firstname="Udo", email="udo@x.de"),
    ]
    plans = plan_page(page, around, CONTACTS, EVERYTHING)
    assert [plan.outcome for plan in plans] == ["updated", "held", "created"]
    assert plan_page(page, around, CONTACTS, EVERYTHING) == plans
    assert plans[2].record_id == around.new_ids[0]


def test_a_plan_is_not_changed_afterwards() -> None:
    plan = planned(remote(company_id="50", firstname="Eva"), facts(companies=HERE))
    with pytest.raises(AttributeError, match="immutable"):
        plan.outcome = "failed"  # type: ignore[misc]


def test_an_object_twice_in_a_page_is_planned_once_in_its_newest_state() -> None:
    newest, older = (
        remote("7", company_id="50", firstname="New"),
        remote("7", company_id="50", firstname="Old"),
    )
    older.updated_at -= timedelta(seconds=1)
    (plan,) = plan_page([newest, older], facts(companies=HERE), CONTACTS, EVERYTHING)
    assert plan.values["first_name"] == "New"


def test_a_decision_links_to_the_chosen_record() -> None:
    seen = {"7": SeenFacts("held", {"verb": "link", "record_id": 3})}
    around = facts(
        {3: dict(EVA), 4: dict(EVA)}, seen=seen, candidates=[candidate(3), candidate(4, "eva@x.de")]
    )
    plan = planned(remote("7", email="eva@x.de"), around)
    assert (plan.record_id, plan.reason) == (3, "decided_link")


def test_a_decision_for_a_record_that_was_linked_meanwhile_is_asked_again() -> None:
    seen = {"7": SeenFacts("held", {"verb": "link", "record_id": 3})}
    around = facts({3: dict(EVA)}, seen=seen, candidates=[candidate(3, "eva@x.de", linked_to="8")])
    plan = planned(remote("7", email="eva@x.de"), around)
    assert (*result(plan), plan.state) == ("leave", "held", "email_of_another", "held")


def test_kept_apart_becomes_a_record_of_its_own() -> None:
    around = facts(
        {3: dict(EVA)},
        candidates=[candidate(3, "eva@x.de")],
        companies=HERE,
        apart={"7": frozenset({3})},
        seen={"7": SeenFacts("held", {"verb": "apart", "record_id": None})},
    )
    assert result(planned(remote("7", company_id="50", email="eva@x.de"), around)) == (
        "create",
        "created",
        "decided_apart",
    )


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ({"verb": "apart", "record_id": None}, ("leave", "skipped", "rule_excluded")),
        ({"verb": "import", "record_id": None}, ("create", "created", "decided_import")),
        ({"verb": "link", "record_id": 3}, ("update", "updated", "decided_link")),
    ],
)
def test_what_a_rule_excludes_by_now_comes_in_only_if_a_person_says_so(
    decision: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    """That it is not the same as another says nothing of that."""
    around = facts(
        {3: dict(EVA)},
        candidates=[candidate(3)],
        companies=HERE,
        apart={} if decision["verb"] == "link" else {"7": frozenset({3})},
        seen={"7": SeenFacts("held", decision)},
    )
    rule = Rule("all", (Condition("first_name", "is", "nobody"),))
    assert result(planned(remote("7", company_id="50", email="eva@x.de"), around, rule=rule)) == expected


def test_one_that_raises_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    display, error = pull_page._plan, ZeroDivisionError("odd")

    def raising(one: Any, *rest: Any, **more: Any) -> Plan:
        if one.id == "2":
            raise error
        return display(one, *rest, **more)

    monkeypatch.setattr(pull_page, "_plan", raising)
    page = [remote(number, company_id="50", firstname="Eva") for number in ("1", "2", "3")]
    plans = plan_page(page, facts(companies=HERE), CONTACTS, EVERYTHING)
    assert [plan.outcome for plan in plans] == ["created", "failed", "created"]
    assert (plans[1].reason, plans[1].error) == ("unexpected", error)


emails = st.sampled_from(["a@x.de", "b@x.de", "c@x.de", None])
objects = st.tuples(
    emails, emails, st.sampled_from(["Eva", "Jonas", None]), st.sampled_from(["301234567", None])
)


@given(
    page=st.lists(objects, max_size=6),
    records=st.lists(st.tuples(objects, st.booleans()), max_size=4),
    chosen=st.integers(0, 3),
)
def test_a_page_never_links_two_objects_to_one_record(page: Any, records: Any, chosen: int) -> None:
    """B9: whatever the two sides look like, one record has one object and one object one record."""
    linked, candidates, values = [], [], {}
    for record_id, ((email, further, first, phone), is_linked) in enumerate(records):
        values[record_id] = {"email": email, "first_name": first}
        known = [address for address in (email, further) if address]
        remote_id = str(500 + record_id) if is_linked else None
        candidates.append(
            candidate(record_id, *known, linked_to=remote_id, first_name=first, last_name="Kern", phone=phone)
        )
        linked += [link(record_id, remote_id)] if remote_id else []
    seen = {"1": SeenFacts("held", {"verb": "link", "record_id": chosen})}
    around = facts(values, linked, candidates, companies=HERE, seen=seen)
    remotes = [
        remote(
            str(number),
            company_id="50",
            email=email,
            hs_additional_emails=further,
            firstname=first,
            lastname="Kern",
            phone=phone,
        )
        for number, (email, further, first, phone) in enumerate(page)
    ]
    plans = plan_page(remotes, around, CONTACTS, EVERYTHING)
    assert plan_page(remotes, around, CONTACTS, EVERYTHING) == plans, "the facts are as they were"

    taken = [plan.record_id for plan in plans if plan.verb in ("create", "update")]
    assert len(taken) == len(set(taken))
    assert not set(taken) & {one.record_id for one in linked}
    assert [plan.remote.id for plan in plans] == [one.id for one in remotes]
    for plan in plans:
        assert plan.outcome in OUTCOMES
        assert plan.reason is None or plan.reason in REASONS
        assert plan.error is None
