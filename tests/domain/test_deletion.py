"""What a deletion decides, as pure calls."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from tests.support.plain.plain import COMPANIES, facts, planned, remote
from webapp.domain.deletion.plan import (
    Extent,
    Linked,
    Present,
    Terms,
    choices_of,
    is_for_a_run,
    plan_contact,
    plan_deletion,
)
from webapp.domain.pull.facts import SeenFacts
from webapp.domain.undo.local import LoggedEntry, RecordNow, plan_undo

_ROTH = Present(values={"last_name": "Roth", "email": "e@n.de", "phone": None, "company_id": 7})


def test_a_record_goes_with_all_its_values_and_a_tombstone_of_its_object() -> None:
    link = Linked(1, "51", "linked")
    plan = plan_deletion(replace(_ROTH, links=(link,)))
    assert (plan.verb, plan.outcome, plan.reason) == ("delete", "updated", "deleted_here")
    assert plan.changes == [("last_name", "Roth", None), ("email", "e@n.de", None), ("company_id", 7, None)]
    assert plan.tombstones == (link,)


@pytest.mark.parametrize(
    ("state", "is_buried"),
    [("linked", True), ("stopped", True), ("gone", True), ("held", False), ("refused", False)],
)
def test_only_what_may_come_back_is_buried(state: str, is_buried: bool) -> None:  # noqa: FBT001 - a column
    plan = plan_deletion(replace(_ROTH, links=(Linked(1, "51", state),)))
    assert bool(plan.tombstones) == is_buried


def test_a_company_with_contacts_stays_and_says_how_many() -> None:
    plan = plan_deletion(Present(values={"name": "Nord"}, contacts=3))
    assert (plan.verb, plan.outcome, plan.reason, plan.detail) == (
        *("leave", "skipped", "has_contacts"),
        {"contacts": 3},
    )
    assert plan_deletion(Present(values={"name": "Nord"}, contacts=3).without_contacts()).verb == "delete"


def test_what_is_being_sent_or_not_here_is_left() -> None:
    assert plan_deletion(replace(_ROTH, is_being_sent=True)).reason == "being_sent"
    assert plan_deletion(Present(values=None)).reason == "deleted_already"


def test_contacts_go_with_their_company_or_get_another_one() -> None:
    assert plan_contact(_ROTH, Terms("delete")).verb == "delete"
    moved = plan_contact(_ROTH, Terms("move", 9))
    assert (moved.verb, moved.reason, moved.changes) == ("move", "company_given", [("company_id", 7, 9)])


def test_a_company_alone_is_never_left_by_its_own_deletion() -> None:
    assert choices_of(Extent(records=1, contacts=2)) == ("delete", "move")
    assert choices_of(Extent(records=5, owning=1, contacts=2)) == ("leave", "delete", "move")
    assert choices_of(Extent(records=5)) == ()


def test_many_contacts_are_a_run() -> None:
    assert not is_for_a_run(Extent(records=1, contacts=100), Terms("delete"))
    assert is_for_a_run(Extent(records=1, contacts=101), Terms("delete"))
    assert not is_for_a_run(Extent(records=1, contacts=101), Terms()), "it is refused at once"
    assert is_for_a_run(Extent(records=2), Terms())


def test_what_a_deletion_logged_is_what_an_undo_brings_back() -> None:
    logged = LoggedEntry(
        at=datetime(2026, 11, 29, tzinfo=UTC),
        outcome="updated",
        changes=plan_deletion(_ROTH).changes,
        detail={"removed": {"uuid": "u"}, "unlinked": {"remote_id": "51"}},
    )
    plan = plan_undo(logged, RecordNow(None))
    assert (plan.verb, plan.is_relinked) == ("revive", True)
    assert ("email", None, "e@n.de") in plan.changes


_BURIED = SeenFacts("ignored", reason="deleted_here")


def test_a_pull_leaves_the_object_of_a_deleted_record_out() -> None:
    plan = planned(remote("51", name="Nord"), facts(seen={"51": _BURIED}), COMPANIES)
    assert (plan.verb, plan.outcome, plan.reason, plan.state) == ("leave", "skipped", "deleted_here", None)


def test_a_person_brings_it_back() -> None:
    decided = replace(_BURIED, decision={"verb": "import"})
    plan = planned(remote("51", name="Nord"), facts(seen={"51": decided}), COMPANIES)
    assert (plan.verb, plan.reason) == ("create", "decided_import")


@pytest.mark.parametrize("own", [None, SeenFacts("excluded", reason="rule_excluded")])
def test_the_tombstone_follows_an_object_that_was_merged(own: SeenFacts | None) -> None:
    survivor = replace(remote("60", name="Nord"), merged_ids=("51",))
    seen = {"51": _BURIED} | ({"60": own} if own else {})
    plan = planned(survivor, facts(seen=seen), COMPANIES)
    assert (plan.verb, plan.reason, plan.state) == ("leave", "deleted_here", "ignored")


def test_it_follows_no_object_about_which_a_person_decides() -> None:
    survivor = replace(remote("60", name="Nord"), merged_ids=("51",))
    doubted = facts(seen={"51": _BURIED, "60": SeenFacts("held", reason="doubtful_match")})
    assert planned(survivor, doubted, COMPANIES).verb == "create"
    decided = facts(seen={"51": _BURIED, "60": SeenFacts("ignored", {"verb": "import"}, "deleted_here")})
    assert planned(survivor, decided, COMPANIES).verb == "create"
