"""A record without the fields that HubSpot refuses, decided from plain values (B49)."""

from __future__ import annotations

from tests.support.plain.plain import link
from tests.support.plain.plain_push import created, local, policy, remote, updated
from webapp.domain.push.decide import plan_page
from webapp.domain.push.facts import FoundObject
from webapp.domain.push.plan import Fail, is_made_by_address
from webapp.domain.push.refusals.leaving_out import without_refused
from webapp.domain.push.refusals.refusal import Refusal, RefusedProperty
from webapp.domain.push.result import conclude, unsent_result

NO_EMAIL = Refusal("Email address no is invalid", properties=(RefusedProperty("email", "INVALID_EMAIL"),))


def _refused(*names: str) -> Refusal:
    return Refusal("no", properties=tuple(RefusedProperty(name) for name in names))


def test_the_fields_that_are_named_are_left_out_and_kept_with_what_was_sent() -> None:
    plan = updated(local(link=link(3, "7"), city="Bonn", phone="1"), remote())
    less = without_refused(plan, _refused("city", "not ours"), policy())
    assert less is not None
    assert [name for name, *_ in less.changes] == ["phone"]
    assert [(one.name, one.text) for one in less.refused] == [("city", "Bonn")]


def test_the_result_is_an_update_that_fails_in_part_and_claims_nothing_of_what_was_refused() -> None:
    before = link(3, "7", local_seen={"city": "Ulm"}, remote_seen={"city": "Ulm"})
    plan = updated(local(link=before, city="Bonn", phone="1"), remote(city="Ulm"))
    less = without_refused(plan, _refused("city"), policy())
    assert less is not None
    result = conclude(less, remote(city="Ulm", phone="1"), policy())
    assert (result.outcome, result.reason) == ("updated", "fields_refused")
    assert result.detail == {"error": "no", "sent": {"city": "Bonn"}, "refused": ["city"]}
    assert result.base is not None
    assert (result.base.local_seen["city"], result.base.remote_seen["city"]) == ("Ulm", "Ulm")
    assert result.base.local_seen["phone"] == "1"


def test_a_refusal_that_names_nothing_that_was_sent_is_final() -> None:
    plan = updated(local(link=link(3, "7"), city="Bonn"), remote())
    assert without_refused(plan, Refusal("no"), policy()) is None
    assert without_refused(plan, _refused("website"), policy()) is None


def test_a_linked_record_of_which_nothing_is_left_fails() -> None:
    plan = updated(local(link=link(3, "7"), city="Bonn"), remote())
    assert without_refused(plan, _refused("city"), policy()) is None


def test_a_match_of_which_nothing_is_left_is_linked_all_the_same() -> None:
    plan = updated(local(key="eva@x.de", email="eva@x.de", city="Bonn"), remote(email="eva@x.de"))
    less = without_refused(plan, _refused("city"), policy())
    assert less is not None
    result = unsent_result(less, policy())
    assert result is not None
    assert (result.outcome, result.reason, result.link_state) == ("updated", "fields_refused", "linked")


def test_a_contact_without_its_address_is_made_by_our_key_or_not_at_all() -> None:
    plan = created(local(key="no", email="no", first_name="Eva"))
    less = without_refused(plan, NO_EMAIL, policy())
    assert less is not None
    assert is_made_by_address(plan, "contacts")
    assert not is_made_by_address(less, "contacts")
    assert without_refused(plan, NO_EMAIL, policy(has_key=False)) is None


def test_a_contact_of_which_nothing_is_left_is_not_made() -> None:
    assert without_refused(created(local(key="no", email="no")), NO_EMAIL, policy()) is None


def test_a_company_that_is_gone_is_left_out_once() -> None:
    plan = created(local(key="eva@x.de", email="eva@x.de", company_remote_id="88"))
    refusal = Refusal("resource not found", may_be_about_company=True)
    less = without_refused(plan, refusal, policy())
    assert less is not None
    assert less.local.company_remote_id is None
    assert less.changes == plan.changes
    assert without_refused(less, refusal, policy()) is None


def test_a_record_that_cannot_be_planned_fails_alone() -> None:
    good = local(id=1, uuid="u-1", link=link(1, "7"), city="Bonn")
    bad = local(id=2, uuid="u-2", link=link(2, "8"), city="Bonn")
    odd = FoundObject("8", None, good.announced_at, None)  # type: ignore[arg-type]
    plans = plan_page([bad, good], {1: [remote("7")], 2: [odd]}, {}, {}, policy())
    assert isinstance(plans[0], Fail)
    assert plans[0].refusal.reason == "unexpected"
    assert plans[0].error is not None
    assert plans[1].local.id == 1
    assert not isinstance(plans[1], Fail)
