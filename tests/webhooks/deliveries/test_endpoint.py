"""What is believed, what is refused, and what is stored before the answer (B19, B42)."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.support.applications.services import change_services, reading, writing
from tests.support.samples.factories import make_connection
from tests.support.samples.webhook_events import ADDRESS, PORTAL, SECRET, deliver, webhook_event
from tests.support.usecases import pulling
from webapp.app import services_of
from webapp.hubspot.signature import signature_v3
from webapp.installation import embedded_redis
from webapp.installation.embedded_redis import Patience
from webapp.models import Connection, InboxEvent, WebhookEventCount
from webapp.store.webhooks import inbox

pytestmark = pytest.mark.one_database


@pytest.fixture
def connection_id(in_app: Flask) -> int:
    """A connection on which nothing was pulled yet: what is delivered is stored, and not looked into here."""
    assert in_app
    return make_connection(str(PORTAL)).id


def _inbox() -> list[tuple[str, str, str]]:
    return [(one.kind, one.object_type, one.remote_id) for one in pulling.all_rows(InboxEvent)]


def _counts() -> dict[str, int]:
    return {one.name: one.count for one in pulling.all_rows(WebhookEventCount)}


@pytest.mark.every_database
def test_a_signed_delivery_is_stored_before_the_answer(connection_id: int, hubspot: FlaskClient) -> None:
    answer = deliver(
        hubspot, [webhook_event("contact.propertyChange", 51, propertyName="phone", propertyValue="1")]
    )
    assert (answer.status_code, answer.data) == (204, b"")
    [row] = pulling.all_rows(InboxEvent)
    assert (row.connection_id, row.kind, row.property, row.value) == (connection_id, "changed", "phone", "1")
    assert _counts() == {"deliveries": 1, "accepted": 1}


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize(
    "changed",
    [{"secret": "another"}, {"age_s": 301}, {"age_s": -310}, {"signature": "x"}, {"signature": ""}],
    ids=["forged", "replayed later", "from the future", "nonsense", "empty"],
)
def test_what_is_not_proved_is_refused_and_not_stored(hubspot: FlaskClient, changed: dict[str, Any]) -> None:
    answer = deliver(hubspot, [webhook_event("contact.creation", 51)], **changed)
    assert answer.status_code == 401
    assert not _inbox()


@pytest.mark.usefixtures("connection_id")
def test_without_a_signature_nothing_is_taken(hubspot: FlaskClient) -> None:
    assert hubspot.post("/webhooks/hubspot", json=[webhook_event("contact.creation", 51)]).status_code == 401
    assert not _inbox()


@pytest.mark.usefixtures("connection_id")
def test_without_a_secret_of_ours_what_anybody_can_sign_is_refused(app: Flask, hubspot: FlaskClient) -> None:
    settings = services_of(app).settings
    change_services(app, settings=replace(settings, hubspot_client_secret="", webhook_accept_v1=True))
    items = [webhook_event("contact.creation", 51)]
    answer = deliver(hubspot, items, secret="")
    assert (answer.status_code, "HUBSPOT_CLIENT_SECRET" in answer.get_json()["message"]) == (401, True)
    older = {"X-HubSpot-Signature": sha256(json.dumps(items).encode()).hexdigest()}
    assert hubspot.post("/webhooks/hubspot", data=json.dumps(items), headers=older).status_code == 401
    assert not _inbox()


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize("body", [b"{}", b"", b"[1,", b"\xff\xfe", b"null", b"[" * 100_000])
def test_what_is_no_list_is_refused_with_a_reason(hubspot: FlaskClient, body: bytes) -> None:
    answer = deliver(hubspot, body)
    assert answer.status_code == 400
    assert "JSON array" in answer.get_json()["message"]


@pytest.mark.usefixtures("connection_id")
def test_a_body_that_is_too_large_is_refused(hubspot: FlaskClient) -> None:
    assert deliver(hubspot, b"[" + b" " * (1024 * 1024) + b"]").status_code == 413


@pytest.mark.usefixtures("connection_id")
@pytest.mark.every_database
def test_other_accounts_and_apps_are_accepted_and_counted(hubspot: FlaskClient) -> None:
    """HubSpot would repeat a refused delivery for a day."""
    items = [
        webhook_event("contact.creation", 51, portalId=999),
        webhook_event("contact.creation", 52, appId=4444),
    ]
    assert deliver(hubspot, [*items, webhook_event("contact.creation", 53)]).status_code == 204
    assert _inbox() == [("created", "contacts", "53")]
    assert _counts() == {"deliveries": 1, "accepted": 1, "ignored": 2}


@pytest.mark.usefixtures("connection_id")
def test_hubspots_test_button_is_recognised(hubspot: FlaskClient) -> None:
    item = webhook_event(
        "contact.propertyChange", 123, eventId=100, changeSource="CRM", propertyValue="sample-value"
    )
    assert deliver(hubspot, [item]).status_code == 204
    assert not _inbox()
    assert _counts()["tests"] == 1


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize(
    "item",
    [
        *[None, 1, "x", [], {}],
        webhook_event("contact.creation", 51, objectId="abc"),
        webhook_event("contact.creation", 51, objectId=True),
        webhook_event("contact.creation", 51, objectId=10**30),
        webhook_event("deal.creation", 51),
        webhook_event("contact.unheardOf", 51),
        webhook_event("contact.creation", 51, portalId=None),
        webhook_event(
            "contact.associationChange", 51, associationType="CONTACT_TO_DEAL", fromObjectId=1, toObjectId=2
        ),
    ],
    # Named here: a notice holds the time, and every process of a test run has to call it the same.
    ids=[
        *["null", "number", "text", "list", "empty"],
        *["id is text", "id is true", "id too long", "other object", "unheard of", "no portal", "deal"],
    ],
)
def test_an_item_that_makes_no_sense_harms_no_other(hubspot: FlaskClient, item: Any) -> None:
    assert deliver(hubspot, [item, webhook_event("company.deletion", 7)]).status_code == 204
    assert _inbox() == [("deleted", "companies", "7")]


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize("odd", [{"occurredAt": "soon"}, {"occurredAt": 10**30}, {"occurredAt": -1}])
@pytest.mark.every_database
def test_odd_times_and_texts_are_stored_all_the_same(hubspot: FlaskClient, odd: dict[str, Any]) -> None:
    item = webhook_event(
        "contact.propertyChange", 5, propertyName="x\0y", propertyValue="a\0b" + "z" * 5000, **odd
    )
    assert deliver(hubspot, [item, item]).status_code == 204
    assert len(_inbox()) == 2


@pytest.mark.usefixtures("connection_id")
def test_every_kind_of_event_leads_to_the_object_to_look_at(hubspot: FlaskClient) -> None:
    moved = {"fromObjectId": 51, "toObjectId": 7, "associationType": "CONTACT_TO_COMPANY"}
    back = {"fromObjectId": 7, "toObjectId": 51, "associationType": "COMPANY_TO_CONTACT"}
    items = [
        webhook_event("contact.restore", 1),
        webhook_event("contact.privacyDeletion", 2),
        webhook_event("contact.merge", 3, primaryObjectId=3, mergedObjectIds=[4], newObjectId=9),
        webhook_event("company.merge", 3, primaryObjectId=3, mergedObjectIds=[4]),
        webhook_event("contact.associationChange", 0, **moved),
        webhook_event("company.associationChange", 0, **back),
        webhook_event("object.creation", 8, objectTypeId="0-2"),
        {**webhook_event("x", 6), "subscriptionType": None, "eventType": "company.creation"},
    ]
    assert deliver(hubspot, items).status_code == 204
    assert _inbox() == [
        ("restored", "contacts", "1"),
        ("privacy_deleted", "contacts", "2"),
        ("merged", "contacts", "9"),
        ("merged", "companies", "3"),
        ("associated", "contacts", "51"),
        ("associated", "contacts", "51"),
        ("created", "companies", "8"),
        ("created", "companies", "6"),
    ]


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize("count", [100, 500])
@pytest.mark.every_database
def test_many_events_at_once_are_stored(hubspot: FlaskClient, count: int) -> None:
    assert (
        deliver(hubspot, [webhook_event("contact.creation", n) for n in range(1, count + 1)]).status_code
        == 204
    )
    assert len(_inbox()) == count


@pytest.mark.usefixtures("connection_id")
def test_the_content_type_does_not_matter_and_the_query_is_signed_too(hubspot: FlaskClient) -> None:
    items = [webhook_event("contact.creation", 51)]
    assert deliver(hubspot, items, content_type="text/plain").status_code == 204
    address = "http://localhost:8000/webhooks/hubspot?tenant=a%3Ab&x=1%202"
    assert deliver(hubspot, items, address=address).status_code == 204
    assert len(_inbox()) == 2


@pytest.mark.usefixtures("connection_id")
def test_a_queue_that_is_down_loses_nothing(hubspot: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:

    class Away:
        def set(self, *_: object, **__: object) -> None:
            raise RedisConnectionError("gone")

    app = hubspot.application
    monkeypatch.setitem(
        app.extensions, "twinbook.services", replace(services_of(app), redis=cast("Any", Away()))
    )
    assert deliver(hubspot, [webhook_event("contact.creation", 51)]).status_code == 204
    assert _inbox() == [("created", "contacts", "51")]


@pytest.mark.usefixtures("connection_id")
def test_a_queue_that_hangs_keeps_one_delivery_waiting_and_not_each(
    hubspot: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HubSpot gives up on an answer after five seconds."""
    monkeypatch.setattr(embedded_redis, "SILENT_S", 3600.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        silent.setblocking(False)
        with Redis.from_url(url, socket_timeout=0.05, retry=Patience()) as redis:
            change_services(hubspot.application, redis=redis)
            for number in (1, 2, 3):
                assert deliver(hubspot, [webhook_event("contact.creation", number)]).status_code == 204
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert len(_inbox()) == 3


def test_a_disconnected_portal_is_not_ours_any_more(connection_id: int, hubspot: FlaskClient) -> None:
    with writing() as session:
        session.get_one(Connection, connection_id).state = "disconnected"
    assert deliver(hubspot, [webhook_event("contact.creation", 51)]).status_code == 204
    assert not _inbox()
    assert json.dumps(_counts()) == '{"deliveries": 1, "ignored": 1}'


@pytest.mark.every_database
def test_the_same_delivery_twice_is_one_look(connection_id: int, hubspot: FlaskClient) -> None:
    """HubSpot repeats what it holds for unanswered; the second is taken and changes nothing."""
    items = [webhook_event("contact.propertyChange", 51, propertyName="phone", propertyValue="2")]
    assert [deliver(hubspot, items).status_code for _ in range(2)] == [204, 204]
    with reading() as session:
        looks = inbox.pending(session, connection_id, "contacts", datetime.now(UTC), 100)
    assert [(one.remote_id, len(one.events)) for one in looks] == [("51", 2)]


@pytest.mark.usefixtures("connection_id")
def test_behind_a_proxy_the_public_address_is_the_signed_one(hubspot: FlaskClient) -> None:
    """Host, scheme and port as they reach us are the proxy's; HubSpot signed what it was told."""
    body = json.dumps([webhook_event("contact.creation", 51)]).encode()
    timestamp = str(int(time.time() * 1000))
    headers = {
        "X-HubSpot-Signature-v3": signature_v3(SECRET, "POST", ADDRESS, body, timestamp),
        "X-HubSpot-Request-Timestamp": timestamp,
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-Proto": "https",
    }
    answer = hubspot.post("/webhooks/hubspot", data=body, headers=headers, base_url="http://10.0.0.7:5000")
    assert answer.status_code == 204
