"""Which records a push leaves out before it asks HubSpot anything."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.plain.plain import link
from tests.support.plain.plain_push import NOBODY, local, policy
from webapp.domain.push.decide import left_out
from webapp.domain.push.facts import Local, PushPolicy
from webapp.domain.push.plan import Hold, Skip


def _end(record: Local, terms: PushPolicy | None = None) -> tuple[type[Any], str] | None:
    decided = left_out(record, terms or policy())
    return (type(decided), decided.reason) if decided else None


def _with_link(state: str, **facts: Any) -> Local:
    return local(link=link(3, "7", state=state), **facts)


def test_a_record_that_nothing_speaks_against_is_looked_for() -> None:
    assert _end(local()) is None
    assert _end(_with_link("linked")) is None


@pytest.mark.parametrize("record", [local(is_active=False), _with_link("linked", is_active=False)])
def test_a_deactivated_record_is_not_pushed_even_when_asked_for(record: Local) -> None:
    assert _end(record) == (Skip, "deactivated")
    assert _end(record, policy(is_requested=True)) == (Skip, "deactivated")


def test_an_excluded_record_says_which_condition_failed_and_on_what() -> None:
    decided = left_out(local(city="Bonn"), policy(rule=NOBODY))
    assert decided == Skip(
        local=local(city="Bonn"),
        reason="rule_excluded",
        detail={"field": "city", "operator": "is", "value": "Nowhere", "actual": "Bonn"},
    )


def test_the_rules_exclude_neither_what_is_linked_nor_what_a_person_asks_for() -> None:
    assert _end(_with_link("linked"), policy(rule=NOBODY)) is None
    assert _end(local(), policy(rule=NOBODY, is_requested=True)) is None


def test_a_rule_on_the_company_reads_the_companys_values() -> None:
    rule = type(NOBODY)("all", (type(NOBODY.conditions[0])("company.city", "is", "Bonn"),))
    assert _end(local(company_values={"city": "Bonn"}), policy(rule=rule)) is None
    assert _end(local(company_values={"city": "Ulm"}), policy(rule=rule)) == (Skip, "rule_excluded")


@pytest.mark.parametrize(
    ("state", "end"),
    [
        ("stopped", (Skip, "stopped")),
        ("held", (Hold, "merged_in_hubspot")),
        ("gone", (Skip, "gone_in_hubspot")),
        ("refused", (Skip, "privacy_deleted")),
    ],
)
def test_a_link_that_does_not_work_holds_its_record_back(state: str, end: tuple[Any, str]) -> None:
    assert _end(_with_link(state)) == end


@pytest.mark.parametrize("terms", [{"is_requested": True}, {"makes_again": True}])
@pytest.mark.parametrize(("state", "is_pushed"), [("gone", True), ("stopped", False), ("refused", False)])
def test_only_what_is_gone_goes_again_when_a_person_asks_for_it(
    state: str, terms: dict[str, Any], *, is_pushed: bool
) -> None:
    assert (_end(_with_link(state), policy(**terms)) is None) == is_pushed


def test_new_records_are_left_out_where_only_linked_ones_may_go() -> None:
    assert _end(local(), policy(may_create=False)) == (Skip, "not_created_by_itself")
    assert _end(_with_link("linked"), policy(may_create=False)) is None


def test_of_two_records_here_with_one_key_the_later_one_is_held() -> None:
    second = local(first_id=2)
    assert left_out(second, policy()) == Hold(local=second, reason="same_email_here", detail={"record_id": 2})
    assert _end(second, policy("companies")) == (Hold, "same_domain_here")
    assert _end(local(first_id=2, decision={"verb": "create"})) is None
