"""What an answer leads to that points to another object than the one that was planned."""

from __future__ import annotations

import pytest

from tests.support.plain.plain import link
from tests.support.plain.plain_push import NOBODY, created, local, policy, remote, updated
from webapp.domain.push.facts import FoundObject
from webapp.domain.push.following import follow, id_to_read, leads_elsewhere
from webapp.domain.push.plan import Hold, Skip, Update
from webapp.domain.push.result import Refusal, Result

TAKEN = Refusal("Contact already exists", "CONFLICT", is_conflict=True, existing_id="8")
REFUSED = Refusal("invalid", "VALIDATION_ERROR")
CREATE = created(local(key="eva@x.de", email="eva@x.de", city="Ulm"))
UPDATE = updated(
    local(link=link(3, "7"), email="eva@x.de", city="Ulm", unlogged=(("city", None, "Ulm"),)),
    remote("7", city="Ulm"),
)


def test_a_conflict_and_a_missing_object_lead_elsewhere() -> None:
    assert leads_elsewhere(CREATE, TAKEN)
    assert leads_elsewhere(UPDATE, TAKEN)
    assert leads_elsewhere(UPDATE, None)


def test_an_object_and_a_refusal_do_not_nor_does_silence_about_a_create() -> None:
    assert not leads_elsewhere(CREATE, remote())
    assert not leads_elsewhere(UPDATE, remote())
    assert not leads_elsewhere(CREATE, REFUSED)
    assert not leads_elsewhere(CREATE, None)


def test_the_object_to_read_is_the_one_in_conflict_or_the_missing_one() -> None:
    assert (id_to_read(CREATE, TAKEN), id_to_read(UPDATE, TAKEN), id_to_read(UPDATE, None)) == ("8", "8", "7")


def test_a_create_whose_address_an_object_has_updates_that_object() -> None:
    there = remote("8", hs_additional_emails="old@x.de;EVA@x.de")
    decided = follow(CREATE, TAKEN, there, None, policy())
    assert isinstance(decided, Update)
    assert (decided.remote.id, decided.outcome, decided.reason) == ("8", "updated", "matched")
    assert ("city", None, "Ulm") in decided.changes


def test_an_object_in_conflict_is_a_match_to_verify() -> None:
    """B34: one mailbox, two people."""
    plan = created(local(key="eva@x.de", first_name="Eva", last_name="Kern"))
    decided = follow(
        plan, TAKEN, remote("8", email="eva@x.de", firstname="Ida", lastname="Roth"), None, policy()
    )
    assert isinstance(decided, Hold)
    assert decided.reason == "doubtful_at_hubspot"


def test_why_a_record_is_pushed_stays_the_reason() -> None:
    requested = policy(rule=NOBODY, is_requested=True)
    plan = created(local(key="eva@x.de", email="eva@x.de"), terms=requested)
    decided = follow(plan, TAKEN, remote("8", email="eva@x.de"), None, requested)
    assert isinstance(decided, Update)
    assert decided.reason == "outside_rules"


@pytest.mark.parametrize("owner", [3, 4])
def test_an_object_in_conflict_that_is_linked_is_a_question(owner: int) -> None:
    decided = follow(CREATE, TAKEN, remote("8", email="eva@x.de"), owner, policy())
    assert isinstance(decided, Hold)
    assert decided.reason == "object_linked"
    assert decided.detail is not None
    assert decided.detail["candidates"][0]["record_id"] == owner


def test_an_object_that_is_not_in_an_answer_and_holds_what_was_sent_was_written() -> None:
    """What it does not hold is sent once more."""
    plan = updated(local(city="Ulm", phone="1", link=link(3, "7")), remote("7", city="Kiel"))
    assert [name for name, *_ in plan.changes] == ["phone", "city"]
    decided = follow(plan, None, remote("7", city="Ulm"), 3, policy())
    assert isinstance(decided, Update)
    assert decided.regained == (("city", "Kiel", "Ulm"),)
    assert (decided.outcome, decided.changes) == ("updated", (("phone", None, "1"),))


def test_a_conflict_of_an_object_with_itself_is_a_refusal() -> None:
    decided = follow(UPDATE, TAKEN, UPDATE.remote, 3, policy())
    assert isinstance(decided, Result)
    assert (decided.outcome, decided.reason) == ("failed", "refused_by_hubspot")


def test_an_update_to_an_address_that_another_object_has_is_a_question() -> None:
    decided = follow(UPDATE, TAKEN, remote("8", email="eva@x.de"), None, policy())
    assert isinstance(decided, Hold)
    assert (decided.reason, decided.regained) == ("email_taken_at_hubspot", UPDATE.regained)


def test_a_conflict_about_another_value_than_the_address_is_a_question() -> None:
    for plan in (CREATE, created(local(first_name="Eva"))):
        decided = follow(plan, TAKEN, remote("8", email="ida@x.de"), None, policy())
        assert isinstance(decided, Hold)
        assert decided.reason == "email_taken_at_hubspot"


def test_a_conflict_with_an_object_that_is_not_there_is_a_refusal() -> None:
    decided = follow(CREATE, TAKEN, None, None, policy())
    assert isinstance(decided, Result)
    assert (decided.outcome, decided.reason) == ("failed", "refused_by_hubspot")


def test_a_missing_object_that_is_no_more_ends_the_link() -> None:
    decided = follow(UPDATE, None, None, None, policy())
    assert isinstance(decided, Skip)
    assert (decided.reason, decided.link_state, decided.regained) == (
        *("gone_in_hubspot", "gone"),
        UPDATE.regained,
    )


@pytest.mark.parametrize("owner", [None, 3])
def test_a_missing_object_was_merged_into_a_survivor(owner: int | None) -> None:
    decided = follow(UPDATE, None, remote("9"), owner, policy())
    assert isinstance(decided, Update)
    assert (decided.remote.id, decided.outcome, decided.reason) == ("9", "updated", "relinked")


def test_a_survivor_that_another_record_has_holds_this_one() -> None:
    survivor: FoundObject = remote("9")
    decided = follow(UPDATE, None, survivor, 4, policy())
    assert isinstance(decided, Hold)
    assert (decided.reason, decided.link_state) == ("merged_in_hubspot", "held")
    assert decided.detail == {"survivor": "9", "record_id": 4}
