"""What changes at HubSpot while a pull walks through it; each case without effect on the other records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.applications.services import writing
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.hubspot.calls.objects import ObjectCalls
from webapp.models import Company, Link
from webapp.usecases.pull.reading import listing
from webapp.usecases.pull.reading.position import Pages, Position
from webapp.usecases.pull.reading.read_ahead import ReadAhead
from webapp.usecases.runs import slices

pytestmark = pytest.mark.one_database


@pytest.fixture
def firms(sandbox: SandboxServer, connection_id: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:  # noqa: ARG001 - for what it brings about
    """Six companies with a contact each, read two at a time, one page a slice; their ids."""
    pulling.short_pages(monkeypatch, 2)
    pulling.short_slices(monkeypatch)
    made = []
    for number in range(6):
        made.append(sandbox.create("companies", {"name": f"Firm {number}", "domain": f"f{number}.de"})["id"])
        person = {"firstname": f"Person {number}", "email": f"p@f{number}.de"}
        sandbox.create("contacts", person, [made[-1]])
    return made


def _contact_ids(sandbox: SandboxServer) -> list[str]:
    answer = sandbox.api("GET", "/crm/v3/objects/contacts", params={"limit": 100}).json()
    return [found["id"] for found in answer["results"]]


def test_a_record_that_changes_during_the_pull_is_taken_as_it_is_when_read(
    connection_id: int, sandbox: SandboxServer, firms: list[str]
) -> None:
    run_id = pulling.begun(connection_id)
    pulling.one_slice(run_id)
    sandbox.update("companies", firms[0], {"city": "Too late"})
    sandbox.update("companies", firms[5], {"city": "In time"})
    run = pulling.worked_off(run_id)
    assert run.counts == {"companies": {"created": 6}, "contacts": {"created": 6}}
    assert [company.city for company in pulling.companies()] == [None, None, None, None, None, "In time"]
    pulling.pulled(connection_id)
    assert pulling.companies()[0].city == "Too late"


def test_a_company_made_behind_the_walk_comes_with_its_contact(
    connection_id: int, sandbox: SandboxServer, firms: list[str]
) -> None:
    run_id = pulling.begun(connection_id)
    while pulling.one_slice(run_id).checkpoint["object_type"] == "companies":
        pass
    late = sandbox.create("companies", {"name": "Late", "domain": "late.de"})
    sandbox.create("contacts", {"firstname": "Late", "email": "l@late.de"}, [late["id"]])
    run = pulling.worked_off(run_id)
    assert run.counts == {"companies": {"created": 7}, "contacts": {"created": 7}}
    assert len(pulling.companies()) == len(firms) + 1
    assert pulling.contacts()[-1].company_id == pulling.companies()[-1].id
    assert pulling.pulled(connection_id).counts == {
        "companies": {"unchanged": 7},
        "contacts": {"unchanged": 7},
    }


class _AllAtOnce(ReadAhead):
    """Gives all pages together, as if all had been read before the first was asked for."""

    def pages(self, position: Position) -> Iterator[Pages]:
        some = list(super().pages(position))
        objects = [one for read in some for one in read.results]
        yield Pages(some[0].position, objects, some[-1].following)


@pytest.mark.every_database
def test_more_companies_behind_the_walk_than_a_call_takes_come_with_their_contacts(
    connection_id: int, sandbox: SandboxServer, firms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = pulling.begun(connection_id)
    while pulling.one_slice(run_id).checkpoint["object_type"] == "companies":
        pass
    for number in range(101):
        late = sandbox.create("companies", {"name": f"Late {number}", "domain": f"late{number}.de"})
        sandbox.create("contacts", {"firstname": "Late", "email": f"l@late{number}.de"}, [late["id"]])
    monkeypatch.setattr(slices, "SLICE_S", 60.0)
    monkeypatch.setattr(listing, "ReadAhead", _AllAtOnce)
    run = pulling.worked_off(run_id)
    made = len(firms) + 101
    assert run.counts == {"companies": {"created": made}, "contacts": {"created": made}}
    assert all(contact.company_id for contact in pulling.contacts())
    assert run.api_calls == sandbox.counts()["calls"] - 2, "all but those that tried the token"


def test_a_contact_archived_during_the_walk_is_simply_not_read(
    connection_id: int, sandbox: SandboxServer, firms: list[str]
) -> None:
    run_id = pulling.begun(connection_id)
    pulling.one_slice(run_id)
    sandbox.archive("contacts", _contact_ids(sandbox)[3])
    run = pulling.worked_off(run_id)
    assert (run.state, run.counts["contacts"]) == ("finished", {"created": len(firms) - 1})
    names = pulling.names(pulling.contacts())
    assert names == ["Person 0", "Person 1", "Person 2", "Person 4", "Person 5"]


def test_absence_from_a_list_proves_nothing(
    connection_id: int, sandbox: SandboxServer, firms: list[str]
) -> None:
    pulling.pulled(connection_id)
    sandbox.archive("contacts", _contact_ids(sandbox)[3])
    pulling.pulled(connection_id)
    assert len(pulling.contacts()) == len(firms)
    assert {link.state for link in pulling.links()} == {"linked"}


@pytest.mark.every_database
def test_a_link_follows_a_merge_made_during_the_walk(
    connection_id: int, sandbox: SandboxServer, firms: list[str]
) -> None:
    run_id = pulling.begun(connection_id)
    pulling.one_slice(run_id)
    survivor = sandbox.merge("companies", firms[0], firms[5])
    run = pulling.worked_off(run_id)
    assert (survivor["id"], "updated", "relinked") in pulling.outcomes(run.id)
    assert pulling.names(pulling.companies()) == [f"Firm {n}" for n in range(5)]
    assert pulling.link_of(survivor["id"], "companies").record_id == pulling.companies()[0].id
    owners = [contact.company_id for contact in pulling.contacts()]
    assert owners == [company.id for company in [*pulling.companies(), pulling.companies()[0]]]


def test_a_merge_behind_the_walk_is_followed_by_way_of_a_contact(
    connection_id: int, sandbox: SandboxServer, firms: list[str]
) -> None:
    run_id = pulling.begun(connection_id)
    while pulling.one_slice(run_id).checkpoint["object_type"] == "companies":
        pass
    survivor = sandbox.merge("companies", firms[4], firms[5])
    run = pulling.worked_off(run_id)
    assert (survivor["id"], "updated", "relinked") in pulling.outcomes(run.id)
    kept = pulling.link_of(survivor["id"], "companies").record_id
    assert [contact.company_id for contact in pulling.contacts()][4:] == [kept, kept]
    assert run.counts["contacts"] == {"created": 6}


@pytest.mark.every_database
def test_of_two_linked_objects_that_were_merged_one_is_held_once(
    connection_id: int, sandbox: SandboxServer, firms: list[str]
) -> None:
    pulling.pulled(connection_id)
    kept, held = pulling.link_of(firms[1], "companies"), pulling.link_of(firms[4], "companies")
    survivor = sandbox.merge("companies", firms[1], firms[4])
    run = pulling.pulled(connection_id)
    outcomes = [(entry.record_id, entry.outcome, entry.reason) for entry in pulling.entries(run.id)]
    assert (kept.record_id, "updated", "relinked") in outcomes
    assert (held.record_id, "held", "merged_in_hubspot") in outcomes
    assert pulling.link_of(survivor["id"], "companies").record_id == kept.record_id
    link = pulling.link_of(firms[4], "companies")
    assert (link.record_id, link.state, link.last_reason) == (held.record_id, "held", "merged_in_hubspot")
    assert len(pulling.companies()) == len(firms)
    again = pulling.pulled(connection_id)
    assert again.counts["companies"] == {"unchanged": 5}
    assert pulling.entries(again.id) == []


def test_a_portal_restored_to_an_earlier_state_is_taken_as_it_is(
    connection_id: int, sandbox: SandboxServer, firms: list[str]
) -> None:
    """HubSpot's times are earlier than those of the last sync, and will be for long."""
    sandbox.update("companies", firms[2], {"city": "Ulm"})
    pulling.pulled(connection_id)
    newer = pulling.link_of(firms[2], "companies")
    with writing() as session:
        link = session.get_one(Link, newer.id)
        assert link.remote_updated_at is not None
        link.remote_updated_at = link.remote_updated_at.replace(year=2200)
        # What was synced later than the state that HubSpot holds now.
        session.get_one(Company, link.record_id).city = "Newer"
        link.local_seen = {**link.local_seen, "city": "Newer"}
        link.remote_seen = {**link.remote_seen, "city": "Newer"}
    run = pulling.pulled(connection_id)
    assert pulling.outcomes(run.id) == [(firms[2], "updated", None)]
    assert pulling.company(newer.record_id).city == "Ulm"
    assert pulling.pulled(connection_id).counts["companies"] == {"unchanged": 6}


def test_a_stopped_record_is_left_alone(connection_id: int, sandbox: SandboxServer, firms: list[str]) -> None:
    pulling.pulled(connection_id)
    stopped = pulling.link_of(firms[2], "companies")
    with writing() as session:
        session.get_one(Link, stopped.id).state = "stopped"
    sandbox.update("companies", firms[2], {"city": "Bremen"})
    sandbox.update("companies", firms[3], {"city": "Berlin"})
    run = pulling.pulled(connection_id)
    assert pulling.outcomes(run.id) == [(firms[2], "skipped", "stopped"), (firms[3], "updated", None)]
    assert [one.city for one in pulling.companies()] == [None, None, None, "Berlin", None, None]


def test_short_and_empty_pages_are_not_the_end(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.settings(short_pages=True)
    pulling.short_pages(monkeypatch, 4)
    listed, page_sizes = ObjectCalls.list_page, []

    def sometimes_empty(*args: Any, **kwargs: Any) -> Any:
        page = listed(*args, **kwargs)
        page_sizes.append(len(page.results))
        if len(page_sizes) == 2:
            page.results.clear()
        return page

    monkeypatch.setattr(ObjectCalls, "list_page", sometimes_empty)
    for number in range(7):
        sandbox.create("companies", {"name": f"Firm {number}", "domain": f"f{number}.de"})
    run = pulling.pulled(connection_id)
    assert page_sizes == [2, 2, 2, 1, 0]
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 5})


def test_an_object_twice_in_one_page_is_one_record(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = ObjectCalls.list_page

    def doubled(*args: Any, **kwargs: Any) -> Any:
        page = listed(*args, **kwargs)
        page.results.extend(page.results[:2])
        return page

    monkeypatch.setattr(ObjectCalls, "list_page", doubled)
    make_company(name="Firm 0", domain="f0.de")
    for number in range(3):
        sandbox.create("companies", {"name": f"Firm {number}", "domain": f"f{number}.de"})
    run = pulling.pulled(connection_id)
    assert run.counts["companies"] == {"updated": 1, "created": 2}
    assert pulling.names(pulling.companies()) == ["Firm 0", "Firm 1", "Firm 2"]
    assert len(pulling.links()) == 3
