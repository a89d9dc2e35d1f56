"""Notices as HubSpot sends them: what fires, in what form, and how hard it tries."""

from __future__ import annotations

from typing import Any

from tests.support.servers.sandbox_server import CLIENT_SECRET, SandboxServer
from tests.support.servers.webhook_receiver import Receiver
from webapp.hubspot.signature import signature_v1, signature_v3


def _delivered(sandbox: SandboxServer) -> dict[str, Any]:
    sandbox.wait_until(lambda: sandbox.webhooks()["is_idle"])
    return sandbox.webhooks()


def _kinds(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["subscriptionType"], one.get("objectId"), one.get("propertyName")) for one in events]


def test_a_new_record_tells_its_creation_and_each_subscribed_property(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    number = int(sandbox.create("contacts", {"firstname": "Ana", "email": "a@x.de", "fax": "1"})["id"])
    _delivered(sandbox)
    creation, *properties = receiver.events
    assert (creation["subscriptionType"], creation["objectId"], creation["changeFlag"]) == (
        *("contact.creation", number),
        "CREATED",
    )
    assert sorted(one["propertyName"] for one in properties) == ["email", "firstname"]
    assert {(one["changeSource"], one["sourceId"]) for one in receiver.events} == {("CRM_UI", "userId:9")}


def test_a_record_can_tell_its_properties_first(sandbox: SandboxServer, receiver: Receiver) -> None:
    sandbox.settings(webhook_properties_first=True)
    sandbox.create("contacts", {"firstname": "Ana"})
    _delivered(sandbox)
    assert [one["subscriptionType"] for one in receiver.events][-1] == "contact.creation"


def test_what_an_app_writes_carries_its_number(sandbox: SandboxServer, receiver: Receiver) -> None:
    number = sandbox.create("contacts", {"firstname": "Ana"})["id"]
    sandbox.api("PATCH", f"/crm/v3/objects/contacts/{number}", json={"properties": {"firstname": "Eva"}})
    _delivered(sandbox)
    # Ten requests at once arrive in any order.
    [event] = [one for one in receiver.events if one.get("propertyValue") == "Eva"]
    assert (event["changeSource"], event["sourceId"]) == ("INTEGRATION", "3333")


def test_a_value_that_is_already_there_fires_nothing(sandbox: SandboxServer, receiver: Receiver) -> None:
    number = sandbox.create("contacts", {"firstname": "Ana"})["id"]
    _delivered(sandbox)
    before = len(receiver.events)
    sandbox.update("contacts", number, {"firstname": "Ana"})
    sandbox.update("contacts", number, {"fax": "7"})
    _delivered(sandbox)
    assert len(receiver.events) == before


def test_deletion_merge_and_association_are_told(sandbox: SandboxServer, receiver: Receiver) -> None:
    company = int(sandbox.create("companies", {"name": "N", "domain": "n.de"})["id"])
    one = int(sandbox.create("contacts", {"firstname": "A"}, [str(company)])["id"])
    two = int(sandbox.create("contacts", {"firstname": "B"})["id"])
    _delivered(sandbox)
    moved = [item for item in receiver.events if item["subscriptionType"].endswith("associationChange")]
    assert {(item["associationType"], item["fromObjectId"], item["toObjectId"]) for item in moved} == {
        ("CONTACT_TO_COMPANY", one, company),
        ("COMPANY_TO_CONTACT", company, one),
    }
    assert all("objectId" not in item for item in moved)
    kept = int(sandbox.merge("contacts", str(one), str(two))["id"])
    _delivered(sandbox)
    [merge] = [item for item in receiver.events if item["subscriptionType"] == "contact.merge"]
    assert (merge["primaryObjectId"], merge["mergedObjectIds"], merge["newObjectId"]) == (one, [two], kept)
    assert {number for kind, number, _ in _kinds(receiver.events) if kind == "contact.deletion"} == {one, two}
    sandbox.archive("companies", str(company))
    _delivered(sandbox)
    assert ("company.deletion", company, None) in _kinds(receiver.events)


def test_a_delivery_is_signed_in_both_ways_over_its_raw_bytes(
    sandbox: SandboxServer, receiver: Receiver
) -> None:
    sandbox.create("contacts", {"firstname": "Zoë"})
    _delivered(sandbox)
    headers, body = receiver.requests[0]
    time = headers["x-hubspot-request-timestamp"]
    expected = signature_v3(CLIENT_SECRET, "POST", receiver.url, body, time)
    assert headers["x-hubspot-signature-v3"] == expected
    assert headers["x-hubspot-signature"] == signature_v1(CLIENT_SECRET, body)


def test_what_is_refused_is_sent_again_until_it_is_taken(sandbox: SandboxServer, receiver: Receiver) -> None:
    receiver.statuses += [500, 401]
    sandbox.create("contacts", {"firstname": "Ana"})
    state = _delivered(sandbox)
    assert {one["attemptNumber"] for one in receiver.events} == {2}
    assert (state["answered 500"], state["answered 401"], state["answered 204"]) == (1, 1, 1)


def test_after_ten_attempts_it_is_given_up(sandbox: SandboxServer, receiver: Receiver) -> None:
    sandbox.settings(webhook_retry_s=0.001)
    receiver.statuses += [503] * 10
    sandbox.create("contacts", {"firstname": "Ana"})
    state = _delivered(sandbox)
    assert state["given_up"] == 2
    assert not receiver.events


def test_up_to_a_hundred_go_together(sandbox: SandboxServer, receiver: Receiver) -> None:
    inputs = [{"properties": {"firstname": f"N{n}"}, "objectWriteTraceId": str(n)} for n in range(60)]
    sandbox.api("POST", "/crm/v3/objects/contacts/batch/create", json={"inputs": inputs})
    _delivered(sandbox)
    sizes = [len(delivery) for delivery in receiver.deliveries]
    # Where the lists are cut depends on when they are looked for.
    assert (sum(sizes), max(sizes) <= 100, len(sizes) < 20) == (120, True, True)


def test_events_can_be_lost_doubled_and_shuffled(sandbox: SandboxServer, receiver: Receiver) -> None:
    sandbox.settings(webhook_loss=1)
    sandbox.create("contacts", {"firstname": "Ana"})
    assert _delivered(sandbox)["lost"] == 2
    assert not receiver.events
    sandbox.settings(webhook_loss=0, webhook_duplicates=1, webhook_shuffle=True)
    sandbox.create("contacts", {"firstname": "Eva"})
    _delivered(sandbox)
    assert len(receiver.events) == 4


def test_the_test_button_sends_fixed_data(sandbox: SandboxServer, receiver: Receiver) -> None:
    sandbox.press_test_button()
    _delivered(sandbox)
    [one] = receiver.events
    assert (one["eventId"], one["objectId"], one["propertyValue"]) == (100, 123, "sample-value")
    assert one["changeSource"] == "CRM"
