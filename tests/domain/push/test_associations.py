"""Whether a push sets a contact's primary company, and how one that was announced ended (B46, B48)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from webapp.domain.push.associations import (
    Announced,
    Companies,
    KeepPrimary,
    PairFacts,
    SetPrimary,
    decide,
    end_of,
    is_disputed,
)

AGREED, KEPT = KeepPrimary(is_agreed=True), KeepPrimary(is_agreed=False)
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def _facts(
    company_id: int, remote_id: str, *there: str, primary: str | None = None, **base: Any
) -> PairFacts:
    """A contact of a company here; `there` are its companies, `here` and `at_hubspot` the base."""
    return PairFacts(
        company_id=company_id,
        company_remote_id=remote_id,
        local_seen={"company_id": base["here"]} if base.get("here") else {},
        remote_seen={"company_id": base["at_hubspot"]} if base.get("at_hubspot") else {},
        companies=Companies(primary, there),
    )


def test_what_is_primary_already_is_not_written() -> None:
    facts = _facts(1, "50", "50", "60", primary="50")
    assert [decide(facts, is_automatic=one) for one in (False, True)] == [AGREED, AGREED]


def test_a_company_without_label_that_a_pull_brought_is_not_written_back() -> None:
    facts = _facts(1, "50", "60", "50", here=1, at_hubspot="50")
    assert [decide(facts, is_automatic=one) for one in (False, True)] == [AGREED, AGREED]
    moved = structs.replace(facts, local_seen={"company_id": 2})
    assert decide(moved, is_automatic=True) == SetPrimary(None, was_associated=True)


def test_the_lowest_id_is_compared_as_a_number() -> None:
    assert Companies(None, ("100", "99")).chosen == "99"
    assert (Companies("100", ("100", "99")).chosen, Companies().chosen) == ("100", None)


def test_an_automatic_push_keeps_what_only_hubspot_changed_and_a_requested_one_does_not() -> None:
    facts = _facts(1, "50", "60", "50", primary="60", here=1, at_hubspot="50")
    assert decide(facts, is_automatic=True) == KEPT
    assert decide(facts, is_automatic=False) == SetPrimary("60", was_associated=True)


def test_a_company_that_was_changed_here_is_sent() -> None:
    facts = _facts(2, "60", "50", primary="50", here=1, at_hubspot="50")
    assert not is_disputed(facts)
    assert decide(facts, is_automatic=True) == SetPrimary("50", was_associated=False)


@pytest.mark.parametrize(
    ("is_later_here", "decision"), [(True, SetPrimary("70", was_associated=False)), (False, KEPT)]
)
def test_where_both_sides_changed_it_the_later_change_stays(decision: object, *, is_later_here: bool) -> None:
    facts = _facts(2, "60", "70", primary="70", here=1, at_hubspot="50")
    assert is_disputed(facts)
    assert decide(facts, is_automatic=True, is_later_here=is_later_here) == decision
    assert isinstance(decide(facts, is_automatic=False, is_later_here=is_later_here), SetPrimary)


def test_the_same_change_on_both_sides_is_no_dispute() -> None:
    facts = _facts(2, "60", "60", primary="60", here=1, at_hubspot="50")
    assert not is_disputed(facts)
    assert decide(facts, is_automatic=True, is_later_here=False) == AGREED


def test_a_pair_that_no_sync_has_seen_is_set_where_hubspot_has_no_company() -> None:
    assert decide(_facts(1, "50"), is_automatic=True) == SetPrimary(None, was_associated=False)
    assert is_disputed(_facts(1, "50", "60", primary="60"))


def test_a_company_that_hubspot_took_away_since_is_a_dispute() -> None:
    assert is_disputed(_facts(2, "60", here=1, at_hubspot="50"))
    assert decide(_facts(1, "50", here=1, at_hubspot="50"), is_automatic=True) == KEPT


def _announced(**values: Any) -> Announced:
    given: dict[str, Any] = {
        "id": 1,
        "run_id": 7,
        "contact_id": 3,
        "contact_remote_id": "90",
        "company_id": 1,
        "company_remote_id": "50",
        "before": "60",
        "was_associated": False,
        "announced_at": NOON,
        **values,
    }
    return Announced(**given)


def test_an_announced_company_that_is_primary_now_completes_the_log_of_its_run() -> None:
    assert end_of(_announced(), "50", NOON) == "complete"
    assert end_of(_announced(company_remote_id=None), None, NOON) == "complete"


def test_one_that_is_not_primary_may_still_be_under_way() -> None:
    assert end_of(_announced(), "60", NOON) == "wait"
    assert end_of(_announced(), "60", NOON + timedelta(hours=1)) == "forget"


def test_an_undo_at_work_tells_of_its_own_steps_itself() -> None:
    at_work = _announced(is_reverting=True, is_run_open=True)
    assert [end_of(at_work, one, NOON) for one in ("50", "60")] == ["wait", "wait"]
    assert end_of(structs.replace(at_work, is_run_open=False), "50", NOON) == "complete"
