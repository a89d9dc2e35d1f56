"""The night's comparison finds what no search shows: deletions, merges, moved contacts (B25)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.samples.quiet_portal import Portal
from tests.support.usecases import pulling
from webapp.domain.links.facts import LinkFacts
from webapp.domain.pull.facts import Remote
from webapp.domain.pull.reading.comparison import deserves_look
from webapp.domain.reconcile.schedule import is_comparison_due
from webapp.hubspot.client import HubSpotClient
from webapp.models import Run
from webapp.usecases.reconcile import begin as begin_reconcile

pytestmark = pytest.mark.one_database

_NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def _reasons(run: Run) -> list[tuple[str | None, str | None]]:
    return [(one.remote_id, one.reason) for one in pulling.entries(run.id)]


def test_a_deleted_object_is_marked_gone_and_keeps_its_data(portal: Portal) -> None:
    gone = portal.contacts[1]
    portal.sandbox.archive("contacts", gone)
    assert not _reasons(portal.reconciled())
    run = portal.reconciled(is_full=True)
    assert _reasons(run) == [(gone, "gone_in_hubspot")]
    assert pulling.link_of(gone).state == "gone"
    assert pulling.contact(2).first_name == "P1"
    assert not _reasons(portal.reconciled(is_full=True))


@pytest.mark.every_database
@pytest.mark.parametrize("new_id", [True, False])
def test_a_merge_is_followed(portal: Portal, *, new_id: bool) -> None:
    one, other, _ = portal.contacts
    survivor = str(portal.sandbox.merge("contacts", one, other, new_id=new_id)["id"])
    portal.reconciled(is_full=True)
    states = {link.remote_id: link.state for link in pulling.links("contacts")}
    assert states[survivor] == "linked"
    assert sorted(states.values()) == ["held", "linked", "linked"]


def test_a_contact_moved_to_another_company_moves_here(portal: Portal) -> None:
    firm = str(portal.sandbox.create("companies", {"name": "Suedwind", "domain": "s.de"})["id"])
    portal.reconciled()
    portal.sandbox.update("contacts", portal.contacts[0], {}, companies=[firm])
    portal.reconciled(is_full=True)
    company_id = pulling.contact(1).company_id
    assert company_id is not None
    assert pulling.company(company_id).name == "Suedwind"


def test_absence_from_a_page_alone_unlinks_nothing(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that leaves an object out proves nothing: it is asked for, and answers."""
    whole = HubSpotClient.list_page

    def without_first(self: Any, kind: str, *more: Any, **others: Any) -> Any:
        page = whole(self, kind, *more, **others)
        if kind == "contacts":
            # The company has the same number, and a page without it would be empty.
            page.results = [one for one in page.results if one.id != portal.contacts[0]]
        return page

    monkeypatch.setattr(HubSpotClient, "list_page", without_first)
    run = portal.reconciled(is_full=True)
    assert run.state == "finished"
    assert pulling.link_of(portal.contacts[0]).state == "linked"


def test_an_unchanged_portal_is_read_in_light_pages_alone(portal: Portal) -> None:
    portal.reconciled(is_full=True)
    before = portal.sandbox.counts()
    portal.reconciled(is_full=True)
    after = portal.sandbox.counts()
    assert after["changes"] == before["changes"]
    made = Counter(after["calls_by_route"]) - Counter(before["calls_by_route"])
    assert sum(count for name, count in made.items() if "list_objects" in name) == 2


def test_the_night_begins_at_three_by_the_portals_clock() -> None:
    zone = "US/Eastern"
    eight = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
    assert not is_comparison_due(eight - timedelta(hours=20), eight - timedelta(minutes=1), zone)
    assert is_comparison_due(eight - timedelta(hours=20), eight, zone)
    assert not is_comparison_due(eight, eight + timedelta(hours=20), zone)
    assert is_comparison_due(eight, eight + timedelta(days=3), "no such zone")


def test_an_object_deserves_a_look_when_anything_about_it_is_news() -> None:
    def link(**more: Any) -> LinkFacts:
        facts = {"id": 1, "record_id": 1, "remote_id": "5", "state": "linked", "local_seen": {}}
        facts |= {"remote_seen": {"company_id": "9"}, "remote_updated_at": _NOON}
        return LinkFacts(**{**facts, **more})

    def asks(remote: Remote, links: dict[str, LinkFacts], **more: Any) -> bool:
        return deserves_look(remote, links, more.get("seen", {}), more.get("known_merges", ()))

    same = Remote(id="5", properties={}, updated_at=_NOON, company_id="9")
    assert not asks(same, {"5": link()})
    assert asks(Remote(id="5", properties={}, updated_at=_NOON + timedelta(1), company_id="9"), {"5": link()})
    restored = Remote(id="5", properties={}, updated_at=_NOON - timedelta(1), company_id="9")
    assert asks(restored, {"5": link()})
    assert asks(Remote(id="5", properties={}, updated_at=_NOON, company_id="8"), {"5": link()})
    assert asks(same, {"5": link(state="gone")})
    assert not asks(same, {"5": link(state="stopped")})
    assert asks(same, {})
    assert not asks(same, {}, seen={"5": _NOON})
    assert asks(same, {}, seen={"5": _NOON - timedelta(1)})
    assert asks(same, {}, seen={"5": _NOON + timedelta(1)})
    merged = Remote(id="5", properties={}, updated_at=_NOON, company_id="9", merged_ids=("4",))
    assert asks(merged, {"5": link(), "4": link(remote_id="4")})
    assert not asks(merged, {"5": link(), "4": link(remote_id="4", state="held")}, known_merges=("4",))


@pytest.mark.every_database
def test_a_comparison_is_due_once_a_night(portal: Portal) -> None:
    portal.last_look_was(timedelta(days=2))
    begin_reconcile.begin_due(current_services())
    [run] = [one for one in pulling.all_rows(Run) if one.kind == "reconcile"]
    assert run.options["is_full"]
    pulling.worked_off(run.id)
    portal_row = pulling.connection_of(portal.connection_id)
    assert portal_row.compared_at is not None
    assert portal_row.compared_at > datetime.now(UTC) - timedelta(minutes=5)
