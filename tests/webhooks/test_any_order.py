"""Whatever order HubSpot tells it in, however often, and with half of it lost: one result (B21, B24)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from random import Random
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Run
from webapp.usecases.reconcile import begin as begin_reconcile

pytestmark = pytest.mark.one_database

WebhookEvents = list[dict[str, Any]]


class Portal(NamedTuple):
    """A portal with two companies and two contacts of the first, all linked."""

    connection_id: int
    sandbox: SandboxServer
    firms: tuple[str, str]
    contacts: tuple[str, str]


class Story(NamedTuple):
    """What happens at HubSpot, what it tells of that, and what is true here afterwards."""

    happens: Callable[[Portal], WebhookEvents]
    is_true: Callable[[Portal], None]


def _states() -> dict[str, str]:
    return {link.remote_id: link.state for link in pulling.links("contacts")}


def _company_of(record_id: int) -> str | None:
    company_id = pulling.contact(record_id).company_id
    return pulling.company(company_id).name if company_id else None


def _merged(portal: Portal, *, new_id: bool) -> WebhookEvents:
    one, other = portal.contacts
    survivor = str(portal.sandbox.merge("contacts", one, other, new_id=new_id)["id"])
    events = [webhook_event("contact.merge", one, primaryObjectId=int(one), newObjectId=int(survivor))]
    return events + [webhook_event("contact.deletion", old) for old in {one, other} - {survivor}]


def _winner_keeps_the_link(portal: Portal) -> None:
    assert sorted(_states().values()) == ["held", "linked"]
    [survivor] = [number for number, state in _states().items() if state == "linked"]
    assert portal.sandbox.get("contacts", survivor)["id"] == survivor


def _deleted(portal: Portal) -> WebhookEvents:
    portal.sandbox.archive("contacts", portal.contacts[0])
    return [webhook_event("contact.deletion", portal.contacts[0]), _moved_away(portal, portal.contacts[0])]


def _is_deleted(portal: Portal) -> None:
    assert _states() == {portal.contacts[0]: "gone", portal.contacts[1]: "linked"}
    assert pulling.contact(1).first_name == "P0"


def _restored(portal: Portal) -> WebhookEvents:
    number = portal.contacts[0]
    portal.sandbox.archive("contacts", number)
    portal.sandbox.restore("contacts", number)
    portal.sandbox.update("contacts", number, {"city": "Ulm"})
    changed = webhook_event("contact.propertyChange", number, propertyName="city", propertyValue="Ulm")
    return [webhook_event("contact.deletion", number), webhook_event("contact.restore", number), changed]


def _is_back(portal: Portal) -> None:
    assert _states()[portal.contacts[0]] == "linked"
    assert pulling.contact(1).city == "Ulm"


def _moved(portal: Portal) -> WebhookEvents:
    number, (old, new) = portal.contacts[0], portal.firms
    portal.sandbox.update("contacts", number, {}, [new])
    return [
        _associated(number, old, is_removed=True),
        _associated(number, new, is_removed=False),
        webhook_event("company.associationChange", 0, associationType="COMPANY_TO_CONTACT")
        | {"fromObjectId": int(new), "toObjectId": int(number)},
    ]


def _is_with_the_other_firm(_: Portal) -> None:
    assert _company_of(1) == "Suedwind"


def _lost_its_company(portal: Portal) -> WebhookEvents:
    portal.sandbox.update("contacts", portal.contacts[0], {}, [])
    return [_moved_away(portal, portal.contacts[0])]


def _keeps_its_company(portal: Portal) -> None:
    assert _company_of(1) == "Nordlicht"
    assert _states()[portal.contacts[0]] == "linked"


def _new_with_its_company(portal: Portal) -> WebhookEvents:
    firm = str(portal.sandbox.create("companies", {"name": "Neu", "domain": "neu.de"})["id"])
    values = {"firstname": "Neue", "email": "neu@neu.de"}
    number = str(portal.sandbox.create("contacts", values, [firm])["id"])
    changed = webhook_event("contact.propertyChange", number, propertyName="email", propertyValue="x")
    return [webhook_event("company.creation", firm), webhook_event("contact.creation", number), changed]


def _both_came(_: Portal) -> None:
    [number] = [one.id for one in pulling.contacts() if one.first_name == "Neue"]
    assert _company_of(number) == "Neu"
    assert len(pulling.companies()) == 3


def _merged_twice(portal: Portal) -> WebhookEvents:
    """A into B, and B into C, which was made meanwhile; each time under an id of its own."""
    events = _merged(portal, new_id=True)
    third = str(portal.sandbox.create("contacts", {"firstname": "P2", "email": "p2@n.de"})["id"])
    first = str(events[0]["newObjectId"])
    last = str(portal.sandbox.merge("contacts", third, first)["id"])
    merged = webhook_event("contact.merge", third, primaryObjectId=int(third), newObjectId=int(last))
    gone = [webhook_event("contact.deletion", old) for old in (third, first)]
    return [*events, webhook_event("contact.creation", third), merged, *gone]


def _merged_and_deleted(portal: Portal) -> WebhookEvents:
    events = _merged(portal, new_id=True)
    survivor = str(events[0]["newObjectId"])
    portal.sandbox.archive("contacts", survivor)
    return [*events, webhook_event("contact.deletion", survivor)]


def _both_are_gone(_: Portal) -> None:
    assert set(_states().values()) == {"gone"}
    assert len(pulling.contacts()) == 2


def _merged_unheard_of(portal: Portal) -> WebhookEvents:
    """Two contacts that nobody here knew, merged before anything was told of them."""
    numbers = [
        str(
            portal.sandbox.create("contacts", {"firstname": "Neue", "email": address}, [portal.firms[0]])[
                "id"
            ]
        )
        for address in ("neu@n.de", "neue@n.de")
    ]
    events = _merged(portal._replace(contacts=(numbers[0], numbers[1])), new_id=True)
    return [*events, *(webhook_event("contact.creation", number) for number in numbers)]


def _came_once(portal: Portal) -> None:
    [number] = {*_states()} - {*portal.contacts}
    assert portal.sandbox.get("contacts", number)["id"] == number
    assert set(_states().values()) == {"linked"}
    assert [one.first_name for one in pulling.contacts()].count("Neue") == 1


def _made_and_deleted(portal: Portal) -> WebhookEvents:
    """And told of an unknown contact of a company, and of an unknown company of a contact."""
    values = {"firstname": "Kurz", "email": "kurz@n.de"}
    number = str(portal.sandbox.create("contacts", values, [portal.firms[0]])["id"])
    portal.sandbox.archive("contacts", number)
    changed = webhook_event("contact.propertyChange", number, propertyName="city", propertyValue="Ulm")
    of_it = [webhook_event(f"contact.{kind}", number) for kind in ("creation", "deletion", "restore")]
    unknown = [
        _associated("987654321", portal.firms[0], is_removed=False),
        _associated(portal.contacts[0], "987654321", is_removed=True),
    ]
    return [*of_it, changed, *unknown]


def _nothing_came(portal: Portal) -> None:
    assert _states() == dict.fromkeys(portal.contacts, "linked")
    assert len(pulling.contacts()) == 2
    _keeps_its_company(portal)


def _changed_and_deleted(portal: Portal) -> WebhookEvents:
    """Deleted, restored, changed and deleted once more."""
    events = _restored(portal)
    portal.sandbox.archive("contacts", portal.contacts[0])
    return [*events, webhook_event("contact.deletion", portal.contacts[0])]


def _is_deleted_again(portal: Portal) -> None:
    assert _states() == {portal.contacts[0]: "gone", portal.contacts[1]: "linked"}
    assert pulling.contact(1).city in (None, "")


def _companies_merged_twice(portal: Portal) -> WebhookEvents:
    """One company into the other, and that into a third that was made meanwhile."""
    third = str(portal.sandbox.create("companies", {"name": "Ostwind", "domain": "ostwind.de"})["id"])
    old, new = portal.firms
    first = str(portal.sandbox.merge("companies", new, old, new_id=True)["id"])
    last = str(portal.sandbox.merge("companies", third, first, new_id=True)["id"])
    return [
        webhook_event("company.merge", new, primaryObjectId=int(new), newObjectId=int(first)),
        webhook_event("company.merge", third, primaryObjectId=int(third), newObjectId=int(last)),
        *(webhook_event("company.deletion", one) for one in (old, new, third, first)),
        _associated(portal.contacts[0], last, is_removed=False),
    ]


def _contacts_belong_to_the_survivor(portal: Portal) -> None:
    states = {link.remote_id: link.state for link in pulling.links("companies")}
    [survivor] = [number for number, state in states.items() if state == "linked"]
    assert portal.sandbox.get("companies", survivor)["id"] == survivor
    [record_id] = [link.record_id for link in pulling.links("companies") if link.state == "linked"]
    assert pulling.contact(1).company_id == record_id


def _associated(contact: str, company: str, *, is_removed: bool) -> dict[str, Any]:
    ends = {"fromObjectId": int(contact), "toObjectId": int(company), "associationRemoved": is_removed}
    return webhook_event("contact.associationChange", 0, associationType="CONTACT_TO_COMPANY", **ends)


def _moved_away(portal: Portal, contact: str) -> dict[str, Any]:
    return _associated(contact, portal.firms[0], is_removed=True)


STORIES = {
    "merged into a new id": Story(lambda portal: _merged(portal, new_id=True), _winner_keeps_the_link),
    "merged, id kept": Story(lambda portal: _merged(portal, new_id=False), _winner_keeps_the_link),
    "deleted": Story(_deleted, _is_deleted),
    "restored": Story(_restored, _is_back),
    "primary company moved": Story(_moved, _is_with_the_other_firm),
    "company removed": Story(_lost_its_company, _keeps_its_company),
    "created": Story(_new_with_its_company, _both_came),
}

CHAINS = {
    "merged twice": Story(_merged_twice, _winner_keeps_the_link),
    "merged and deleted": Story(_merged_and_deleted, _both_are_gone),
    "merged before heard of": Story(_merged_unheard_of, _came_once),
    "deleted before heard of": Story(_made_and_deleted, _nothing_came),
    "restored and deleted": Story(_changed_and_deleted, _is_deleted_again),
    "companies merged twice": Story(_companies_merged_twice, _contacts_belong_to_the_survivor),
}
"""Several things that happen to the same objects, and each told for itself."""


@pytest.fixture
def portal(connection_id: int, sandbox: SandboxServer) -> Portal:
    sandbox.settings(search_delay_s=0)
    firms = tuple(
        str(sandbox.create("companies", {"name": name, "domain": f"{name}.de"})["id"])
        for name in ("Nordlicht", "Suedwind")
    )
    contacts = tuple(
        str(sandbox.create("contacts", {"firstname": f"P{n}", "email": f"p{n}@n.de"}, [firms[0]])["id"])
        for n in range(2)
    )
    pulling.pulled(connection_id)
    return Portal(connection_id, sandbox, (firms[0], firms[1]), (contacts[0], contacts[1]))


def _hear(portal: Portal, client: FlaskClient, events: WebhookEvents) -> None:
    assert deliver(client, events).status_code == 204
    bound_jobs().begin_refresh(portal.connection_id)
    found = [run for run in pulling.all_rows(Run) if run.kind == "refresh"]
    if found:
        assert pulling.worked_off(found[-1].id).state == "finished"


def _orders(events: WebhookEvents) -> Iterator[WebhookEvents]:
    """Three of the orders in which it may come, and all of it twice over."""
    chance = Random(len(events))  # noqa: S311 - the same orders every time
    orders = list(permutations(events))
    chosen = [list(order) for order in chance.sample(orders, min(3, len(orders)))]
    yield from chosen
    yield chosen[-1] + chosen[0]


@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize("name", list(STORIES))
def test_each_event_in_a_delivery_of_its_own_in_any_order(
    portal: Portal, hubspot: FlaskClient, name: str, order: int
) -> None:
    _tell_in_order(portal, hubspot, STORIES[name], order)


@pytest.mark.parametrize("order", [0, 3])
@pytest.mark.parametrize("name", list(CHAINS))
def test_each_event_of_a_chain_in_any_order(
    portal: Portal, hubspot: FlaskClient, name: str, order: int
) -> None:
    _tell_in_order(portal, hubspot, CHAINS[name], order)


def _tell_in_order(portal: Portal, client: FlaskClient, story: Story, order: int) -> None:
    orders = list(_orders(story.happens(portal)))
    for one in orders[order % len(orders)]:
        _hear(portal, client, [one])
    story.is_true(portal)


@pytest.mark.parametrize("kept", [0, 1])
@pytest.mark.parametrize("name", list(STORIES))
def test_with_half_of_it_lost_the_comparison_makes_it_good(
    portal: Portal, hubspot: FlaskClient, name: str, kept: int
) -> None:
    _tell_half(portal, hubspot, STORIES[name], kept)


@pytest.mark.parametrize("name", list(CHAINS))
def test_with_half_of_a_chain_lost_the_comparison_makes_it_good(
    portal: Portal, hubspot: FlaskClient, name: str
) -> None:
    _tell_half(portal, hubspot, CHAINS[name], kept=1)


def _tell_half(portal: Portal, client: FlaskClient, story: Story, kept: int) -> None:
    events = story.happens(portal)
    _hear(portal, client, events[kept::2])
    started = begin_reconcile.start(current_services(), trigger="button", user_id=None, is_full=True)
    assert pulling.worked_off(started.run_id).state == "finished"
    story.is_true(portal)
