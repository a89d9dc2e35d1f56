"""What changing many records at once does with each, as pure decisions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.samples.factories import NOW
from webapp.domain.changes.plan import ChangePlan, Present, Terms, plan_change
from webapp.domain.undo.local import LinkNow, LoggedEntry, RecordNow, plan_undo

_BEFORE = NOW - timedelta(days=1)
_HERE: dict[str, object] = {"status": "Lead", "company_id": 3}


def _here() -> dict[str, Any]:
    return dict(_HERE)


def _plan(verb: str, value: object = None, **present: object) -> ChangePlan:
    return plan_change(Present(**({"values": _HERE} | present)), Terms(verb, value))  # type: ignore[arg-type]


def test_a_field_gets_the_new_value_and_the_old_one_is_kept_for_the_undo() -> None:
    plan = _plan("status", "Customer")
    assert (plan.outcome, plan.does, plan.changes) == ("updated", "fields", (("status", "Lead", "Customer"),))
    assert _plan("company", 7).changes == (("company_id", 3, 7),)


@pytest.mark.parametrize(
    ("verb", "value", "present"),
    [
        ("status", "Lead", {}),
        ("company", 3, {}),
        ("activate", None, {}),
        ("deactivate", None, {"is_active": False}),
        ("stop", None, {"link_state": "stopped"}),
        ("resume", None, {"link_state": "linked"}),
    ],
)
def test_what_is_so_already_stays_unchanged(verb: str, value: object, present: dict[str, object]) -> None:
    assert _plan(verb, value, **present) == ChangePlan(outcome="unchanged")


def test_what_cannot_be_done_is_left_with_its_reason() -> None:
    assert _plan("status", "Lead", values=None).reason == "deleted_already"
    assert _plan("company", None).reason == "target_gone"
    for state in (None, "gone", "held", "refused"):
        left = _plan("stop", link_state=state)
        assert (left.outcome, left.reason, left.does) == ("skipped", "not_syncing", None)


@pytest.mark.parametrize(
    ("verb", "before", "after"), [("stop", "linked", "stopped"), ("resume", "stopped", "linked")]
)
def test_a_sync_that_was_switched_is_switched_back_by_an_undo(verb: str, before: str, after: str) -> None:
    plan = _plan(verb, link_state=before)
    assert plan.does == "switched"
    logged = LoggedEntry(NOW, plan.outcome, plan.changes, plan.detail or {})
    reverted = plan_undo(logged, RecordNow(_here(), link=LinkNow("1", _BEFORE, after)))
    assert (reverted.link_state, reverted.outcome) == (before, "updated")
    assert not reverted.is_unlinked
    untouched = plan_undo(logged, RecordNow(_here(), link=LinkNow("1", _BEFORE, "gone")))
    assert (untouched.verb, untouched.link_state) == ("leave", None)


@pytest.mark.parametrize(("verb", "is_active"), [("activate", True), ("deactivate", False)])
def test_what_was_turned_on_or_off_is_turned_back_by_an_undo(verb: str, *, is_active: bool) -> None:
    plan = _plan(verb, is_active=not is_active)
    assert plan.does == "turned"
    reverted = plan_undo(LoggedEntry(NOW, plan.outcome, (), plan.detail or {}), RecordNow(_here(), is_active))
    assert reverted.is_activated if verb == "deactivate" else reverted.verb == "deactivate"
