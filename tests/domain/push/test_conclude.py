"""What a plan and HubSpot's answer come to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.support.plain.plain import MAPPINGS, READ_AT, link
from tests.support.plain.plain_push import created, local, planned, policy, remote, updated
from webapp.domain.links.base import Base
from webapp.domain.mapping.definitions import Definitions, Property, PropertyOption
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.push.facts import FoundObject
from webapp.domain.push.plan import Hold, Skip, Update, announced
from webapp.domain.push.refusals.foreseen import foreseen_answer, held_by_address, new_address
from webapp.domain.push.result import Refusal, Result, after_collision, conclude, unsent_result

STAGE = (FieldMap("status", "lifecyclestage"), FieldMap("city", "city"))
COMPANIES = policy(mapping=structs.replace(MAPPINGS["companies"], fields=STAGE))
REFUSAL = Refusal("Email address no is invalid", "VALIDATION_ERROR", "c-1", "email")


def _end(result: Result) -> tuple[str, str | None, str | None]:
    return result.outcome, result.reason, result.link_state


def _answer(**properties: Any) -> FoundObject:
    return structs.replace(remote(**properties), updated_at=READ_AT + timedelta(seconds=5))


# Taken.


def test_an_update_that_hubspot_took_is_linked_with_what_both_sides_hold() -> None:
    plan = updated(local(link=link(3, "7"), city="Ulm"), remote(city="Bonn"))
    result = conclude(plan, _answer(city="Ulm"), policy())
    assert _end(result) == ("updated", None, "linked")
    assert (result.changes, result.base) == (plan.changes, Base({"city": "Ulm"}, {"city": "Ulm"}))
    assert result.remote == _answer(city="Ulm")


def test_what_hubspot_answers_counts_and_not_what_was_sent() -> None:
    plan = updated(local(link=link(3, "7"), city="Ulm"), remote(city="Bonn"))
    result = conclude(plan, _answer(city="ULM"), policy())
    assert result.base == Base({"city": "Ulm"}, {"city": "ULM"})


def test_what_hubspot_does_not_repeat_is_as_it_was_read() -> None:
    plan = updated(
        local(link=link(3, "7"), city="Ulm", first_name="Eva"), remote(city="Bonn", firstname="Eva")
    )
    result = conclude(plan, _answer(city="Ulm"), policy())
    assert result.base is not None
    assert result.base.remote_seen == {"city": "Ulm", "first_name": "Eva"}


def test_a_match_without_difference_needs_no_call_to_be_linked() -> None:
    plan = updated(local(key="eva@x.de", email="eva@x.de"), remote(email="eva@x.de"))
    result = unsent_result(plan, policy())
    assert result is not None
    assert _end(result) == ("updated", "matched", "linked")


def test_what_is_sent_has_no_result_yet() -> None:
    assert unsent_result(created(local(key="eva@x.de")), policy()) is None
    assert unsent_result(updated(local(link=link(3, "7"), city="Ulm"), remote()), policy()) is None


@pytest.mark.parametrize(
    ("is_new", "announced_at", "end"),
    [
        (None, None, ("created", None, "linked")),
        (True, None, ("created", None, "linked")),
        (False, None, ("updated", "found_by_key", "linked")),
        (False, READ_AT - timedelta(days=400), ("created", None, "linked")),
        (False, READ_AT, ("updated", "found_by_key", "linked")),
    ],
)
def test_a_create_that_found_an_object_by_its_key_made_none_unless_it_was_ours(
    announced_at: Any, end: tuple[str, str | None, str | None], *, is_new: bool | None
) -> None:
    plan = created(local(key="x.de", announced_at=announced_at), terms=policy("companies"))
    result = conclude(plan, structs.replace(_answer(), is_new=is_new), policy("companies"))
    assert _end(result) == end


def test_a_stage_that_hubspot_keeps_is_no_success() -> None:
    record = local(link=link(3, "7"), status="Lead")
    plan = updated(record, remote(lifecyclestage="customer"), terms=COMPANIES)
    assert plan.changes == (("status", "customer", "lead"),)
    result = conclude(plan, _answer(lifecyclestage="customer"), COMPANIES)
    assert _end(result) == ("skipped", "kept_by_hubspot", "linked")
    assert (result.changes, result.detail) == ((), {"kept": ["status"]})


def test_a_stage_that_hubspot_keeps_beside_a_change_is_told() -> None:
    record = local(link=link(3, "7"), status="Lead", city="Ulm")
    plan = updated(record, remote(lifecyclestage="customer", city="Bonn"), terms=COMPANIES)
    result = conclude(plan, _answer(lifecyclestage="customer", city="Ulm"), COMPANIES)
    assert _end(result) == ("updated", "kept_by_hubspot", "linked")
    assert result.changes == (("city", "Bonn", "Ulm"),)


def test_a_match_of_which_hubspot_keeps_the_stage_is_a_match() -> None:
    there = remote(lifecyclestage="customer", domain="x.de")
    plan = updated(local(key="x.de", status="Lead"), there, terms=COMPANIES)
    result = conclude(plan, _answer(lifecyclestage="customer"), COMPANIES)
    assert _end(result) == ("updated", "matched", "linked")


def test_who_pushes_a_contact_alone_is_told_that_its_company_is_not_linked() -> None:
    requested = policy(is_requested=True)
    alone = updated(local(link=link(3, "7"), company_id=9, city="Ulm"), remote(), terms=requested)
    assert conclude(alone, _answer(city="Ulm"), requested).reason == "company_not_linked"
    assert conclude(alone, _answer(city="Ulm"), policy()).reason is None
    with_company = structs.replace(alone, local=structs.replace(alone.local, company_remote_id="50"))
    assert conclude(with_company, _answer(city="Ulm"), requested).reason is None


# Refused.


def test_a_refusal_keeps_hubspots_message_and_what_was_sent() -> None:
    plan = created(local(key="no", email="no"))
    result = conclude(plan, REFUSAL, policy())
    assert _end(result) == ("failed", "refused_by_hubspot", None)
    assert (result.changes, result.remote, result.base) == ((), None, None)
    assert result.detail == {
        "error": "Email address no is invalid",
        "category": "VALIDATION_ERROR",
        "correlation_id": "c-1",
        "property": "email",
        "sent": {"email": "no"},
    }


def test_a_refused_update_is_about_its_object_and_keeps_what_was_regained() -> None:
    record = local(link=link(3, "7"), city="Ulm", first_name="Eva", unlogged=(("city", None, "Ulm"),))
    plan = updated(record, remote(city="Ulm"))
    result = conclude(plan, REFUSAL, policy())
    assert (result.remote_id, result.logged_changes) == ("7", [("city", None, "Ulm")])


def test_a_record_that_the_answer_leaves_out_failed() -> None:
    result = conclude(created(local(key="eva@x.de")), None, policy())
    assert _end(result) == ("failed", "refused_by_hubspot", None)
    assert result.detail == {"error": "record_left_out"}


# Not sent.


def test_records_that_are_not_sent_end_as_they_were_planned() -> None:
    record = local(link=link(3, "7"))
    held = unsent_result(Hold(local=record, reason="object_linked", link_state="held"), policy())
    gone = unsent_result(planned(record), policy())
    assert held is not None
    assert gone is not None
    assert _end(held) == ("held", "object_linked", "held")
    assert (*_end(gone), gone.remote_id) == ("skipped", "gone_in_hubspot", "gone", "7")


# Written by another run meanwhile.


def _collided(owner: int | None, city: str | None = "Ulm") -> Result:
    record = local(key="eva@x.de", email="eva@x.de", city=city)
    plan = updated(record, remote("7", email="eva@x.de"))
    return after_collision(conclude(plan, _answer(city=city), policy()), owner, policy())


@pytest.mark.parametrize("owner", [None, 3])
def test_a_record_that_another_run_linked_is_done(owner: int | None) -> None:
    result = _collided(owner, city=None)
    assert (*_end(result), result.changes) == ("skipped", "linked_meanwhile", None, ())


@pytest.mark.parametrize("owner", [None, 3])
def test_what_was_sent_to_a_record_that_another_run_linked_is_logged(owner: int | None) -> None:
    """B46."""
    result = _collided(owner)
    assert (result.outcome, result.link_state, result.changes) == ("updated", None, (("city", None, "Ulm"),))


@pytest.mark.parametrize("owner", [None, 3, 4])
def test_what_was_made_is_logged_whoever_links_it(owner: int | None) -> None:
    """B46: an undo has to find it."""
    plan = created(local(key="eva@x.de", email="eva@x.de"))
    result = after_collision(conclude(plan, _answer(email="eva@x.de"), policy()), owner, policy())
    assert (result.outcome, result.link_state, result.remote_id) == ("created", None, "7")


def test_an_object_that_another_record_got_meanwhile_is_a_question() -> None:
    result = _collided(4)
    assert (*_end(result), result.changes, result.remote) == ("held", "object_linked", None, (), None)
    assert result.logged_changes == [("city", None, "Ulm")]
    assert result.detail is not None
    assert [(one["remote_id"], one["record_id"]) for one in result.detail["candidates"]] == [("7", 4)]


def test_a_record_without_object_cannot_collide() -> None:
    with pytest.raises(ValueError, match="record 3"):
        after_collision(Result(local=local(), outcome="held"), None, policy())


# Announced.


def test_an_announced_create_has_the_uuid_that_was_kept_and_the_first_time() -> None:
    plan = created(local(key="eva@x.de"))
    named = announced(plan, {3: "kept"}, READ_AT).local
    assert (named.uuid, named.announced_at) == ("kept", READ_AT)
    again = announced(created(local(announced_at=READ_AT)), {}, READ_AT + timedelta(days=1)).local
    assert (again.uuid, again.announced_at) == ("u-3", READ_AT)
    update = updated(local(link=link(3, "7")), remote())
    assert announced(update, {3: "kept"}, READ_AT) is update


# Foreseen.

KNOWN = Definitions(
    properties=(
        Property("email", "Email"),
        Property("city", "City"),
        Property(
            "lifecyclestage",
            "Stage",
            "enumeration",
            "radio",
            options=(PropertyOption("lead"), PropertyOption("opportunity"), PropertyOption("customer")),
        ),
    )
)


def test_a_foreseen_create_is_linked_to_an_object_without_a_number() -> None:
    plan = created(local(key="eva@x.de", email="eva@x.de"))
    result = conclude(plan, foreseen_answer(plan, policy(), KNOWN, READ_AT), policy())
    assert (*_end(result), result.remote_id) == ("created", None, "linked", None)


def test_a_foreseen_update_is_as_it_would_be() -> None:
    plan = updated(local(link=link(3, "7"), city="Ulm"), remote(city="Bonn"))
    result = conclude(plan, foreseen_answer(plan, policy(), KNOWN, READ_AT), policy())
    assert (*_end(result), result.remote_id, result.changes) == (
        *("updated", None, "linked"),
        *("7", (("city", "Bonn", "Ulm"),)),
    )


def test_a_foreseen_refusal_names_property_and_value() -> None:
    plan = created(local(key="no", email="no"))
    result = conclude(plan, foreseen_answer(plan, policy(), KNOWN, READ_AT), policy())
    assert _end(result) == ("failed", "refused_by_hubspot", None)
    assert result.detail is not None
    assert (result.detail["property"], result.detail["category"], result.detail["sent"]) == (
        *("email", "INVALID_EMAIL"),
        {"email": "no"},
    )


@pytest.mark.parametrize(
    ("before", "status", "end"),
    [("customer", "Lead", "skipped"), ("lead", "Customer", "updated"), (None, "Lead", "updated")],
)
def test_a_stage_is_foreseen_to_move_forward_only(before: str | None, status: str, end: str) -> None:
    plan = updated(local(link=link(3, "7"), status=status), remote(lifecyclestage=before), terms=COMPANIES)
    result = conclude(plan, foreseen_answer(plan, COMPANIES, KNOWN, READ_AT), COMPANIES)
    assert result.outcome == end


def test_a_new_address_that_another_object_has_is_foreseen_to_be_taken() -> None:
    plan = updated(local(link=link(3, "7"), email="New@x.de"), remote("7", email="old@x.de"))
    assert new_address(plan, policy()) == "New@x.de"
    taken = held_by_address(plan, {"new@x.de": remote("8", hs_additional_emails="new@x.de")}, policy())
    assert isinstance(taken, Hold)
    assert taken.reason == "email_taken_at_hubspot"
    for having in (
        {},
        {"new@x.de": remote("7", email="new@x.de")},
        {"new@x.de": remote("8", email="other@x.de")},
    ):
        assert held_by_address(plan, having, policy()) is plan


def test_only_an_update_of_a_contact_gives_an_object_a_new_address() -> None:
    assert new_address(created(local(key="eva@x.de", email="eva@x.de")), policy()) is None
    assert new_address(Skip(local=local(), reason="stopped"), policy()) is None
    cleared = Update(local=local(), remote=remote(), outcome="updated", changes=(("email", "old@x.de", ""),))
    assert new_address(cleared, policy()) is None
