"""Both sides changed one field since the last sync: an automatic push keeps the later edit (B28)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.support.plain.plain import CONTACTS, READ_AT, link
from tests.support.plain.plain_push import local, policy, remote, updated
from webapp.domain.push.facts import Local
from webapp.domain.push.plan import Update
from webapp.domain.push.recognition.conflicts import is_disputed

BASE: dict[str, Any] = {"local_seen": {"city": "Bonn"}, "remote_seen": {"city": "Bonn"}}
LATER = READ_AT + timedelta(minutes=1)


def _record(**facts: Any) -> Local:
    given: dict[str, Any] = {"link": link(3, "7", **BASE), "city": "Ulm"}
    return local(**(given | facts))


def _pushed(here: datetime | None, there: datetime | None, city: str = "Kiel") -> Update:
    record = _record(edited_at={"city": here} if here else {})
    changed = structs.replace(remote(city=city), changed_at={"city": there} if there else {})
    return updated(record, changed, terms=policy(is_automatic=True))


def test_a_field_is_disputed_when_both_sides_left_the_base() -> None:
    assert is_disputed(_record(), remote(city="Kiel"), CONTACTS)
    assert not is_disputed(_record(), remote(city="Bonn"), CONTACTS)
    assert not is_disputed(_record(city="Bonn"), remote(city="Kiel"), CONTACTS)
    assert not is_disputed(_record(link=None), remote(city="Kiel"), CONTACTS)


def test_our_later_edit_is_sent_and_says_what_it_overwrites() -> None:
    plan = _pushed(LATER, READ_AT)
    assert plan.changes == (("city", "Kiel", "Ulm"),)
    assert (plan.reason, plan.detail) == (
        "overwritten",
        {"overwritten": [{"field": "city", "value": "Kiel", "side": "hubspot"}]},
    )


@pytest.mark.parametrize(("here", "there"), [(READ_AT, LATER), (READ_AT, READ_AT), (None, READ_AT)])
def test_hubspots_later_edit_is_left_alone(here: datetime | None, there: datetime | None) -> None:
    plan = _pushed(here, there)
    assert (plan.outcome, plan.changes, plan.reason, plan.detail) == ("unchanged", (), None, None)


def test_our_edit_is_the_later_one_where_hubspot_tells_no_time() -> None:
    assert _pushed(READ_AT, None).changes != ()


def test_a_field_that_only_we_changed_is_sent_whatever_the_times() -> None:
    plan = _pushed(None, LATER, city="Bonn")
    assert (plan.changes, plan.reason) == ((("city", "Bonn", "Ulm"),), None)


def test_a_push_that_somebody_asked_for_overwrites_without_more() -> None:
    plan = updated(_record(), remote(city="Kiel"))
    assert (plan.changes, plan.reason) == ((("city", "Kiel", "Ulm"),), None)
