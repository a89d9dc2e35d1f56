"""Edits in the portal come here by themselves: real deliveries, real web and worker (B19 to B21)."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from tests.support.applications.served import ServedApp
from tests.support.clocks.patience import PATIENCE_S
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import CLIENT_SECRET, SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from webapp.hubspot.signature import signature_v3
from webapp.models import InboxEvent, OutboxRecord

pytestmark = [pytest.mark.long, pytest.mark.one_database]

_FIELDS = {"firstname": "first_name", "lastname": "last_name", "phone": "phone", "jobtitle": "job_title"}


@pytest.fixture
def served_with_webhooks(in_app: Flask, sandbox: SandboxServer, served_app: ServedApp) -> Iterator[ServedApp]:  # noqa: ARG001 - for what it brings about
    """The application at work, pulled once, and told by the portal from now on."""
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    for number in range(8):
        sandbox.create("contacts", {"firstname": f"P{number}", "email": f"p{number}@n.de"}, [firm])
    run_id = pulling.begun(pulling.connected())
    sandbox.wait_until(lambda: pulling.run_of(run_id).state == "finished")
    sandbox.settings(webhook_url=f"{served_app.url}/webhooks/hubspot", webhook_delay_s=0, webhook_retry_s=0.1)
    yield served_app
    sandbox.settings(webhook_url=None)


def _comes_to_rest(sandbox: SandboxServer) -> None:
    """Everything was delivered, and looked into."""
    sandbox.wait_until(lambda: sandbox.webhooks()["is_idle"] and not pulling.all_rows(InboxEvent))


def _here() -> dict[str, dict[str, Any]]:
    # In this order: a contact is linked in the moment in which it comes, and one may come in between.
    contacts = pulling.contacts()
    objects = {link.record_id: link.remote_id for link in pulling.links("contacts")}
    return {objects[one.id]: {field: getattr(one, field) for field in _FIELDS.values()} for one in contacts}


def _there(sandbox: SandboxServer, numbers: list[str]) -> dict[str, dict[str, Any]]:
    found = {number: sandbox.get("contacts", number)["properties"] for number in numbers}
    return {
        number: {field: values.get(name) for name, field in _FIELDS.items()}
        for number, values in found.items()
    }


def test_edits_on_either_side_are_seen_on_the_other(
    served_with_webhooks: ServedApp, sandbox: SandboxServer
) -> None:
    link = pulling.links("contacts")[0]
    sandbox.update("contacts", link.remote_id, {"jobtitle": "Edited there"})
    sandbox.wait_until(lambda: _here()[link.remote_id]["job_title"] == "Edited there")

    edit(link.record_id, phone="+49 228 5")
    sandbox.wait_until(
        lambda: sandbox.get("contacts", link.remote_id)["properties"].get("phone") == "+49 228 5"
    )

    _sent_while_half_a_body_has_arrived(served_with_webhooks, sandbox, link.remote_id)
    _many_edits_come_to_rest_in_agreement_and_nothing_is_written_after(sandbox)
    _after_many_edits_doubled_and_out_of_order_both_sides_agree(sandbox)


def _sent_while_half_a_body_has_arrived(app: ServedApp, sandbox: SandboxServer, number: str) -> None:
    """A body that comes slowly holds nobody up: another delivery is taken, and then the rest of the first."""
    host, port = app.url.removeprefix("http://").split(":")
    body = json.dumps([webhook_event("contact.propertyChange", number, propertyName="phone")]).encode()
    timestamp = str(int(time.time() * 1000))
    address = f"{app.url}/webhooks/hubspot"
    head = (
        f"POST /webhooks/hubspot HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {len(body)}\r\n"
        f"X-HubSpot-Signature-v3: {signature_v3(CLIENT_SECRET, 'POST', address, body, timestamp)}\r\n"
        f"X-HubSpot-Request-Timestamp: {timestamp}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as slow:
        slow.sendall(head.encode() + body[:20])
        sandbox.update("contacts", number, {"phone": "+49 228 77"})
        sandbox.wait_until(lambda: _here()[number]["phone"] == "+49 228 77")
        slow.sendall(body[20:])
        assert slow.recv(100).startswith(b"HTTP/1.1 204")


def _many_edits_come_to_rest_in_agreement_and_nothing_is_written_after(sandbox: SandboxServer) -> None:
    """Each side edits fields of its own; echoes must not keep the two going."""
    sandbox.settings(webhook_shuffle=True, webhook_duplicates=0.3)
    chance = Random(7)  # noqa: S311 - the same story every time
    links = pulling.links("contacts")
    for step in range(60):
        link = chance.choice(links)
        if step % 2:
            sandbox.update("contacts", link.remote_id, {"jobtitle": f"Job {step}"})
        else:
            edit(link.record_id, phone=f"+49 228 {step}")
    sandbox.wait_until(lambda: not pulling.all_rows(OutboxRecord))
    _comes_to_rest(sandbox)
    assert _here() == _there(sandbox, [link.remote_id for link in links])
    writes = sandbox.counts()["changes"]
    _comes_to_rest(sandbox)
    assert sandbox.counts()["changes"] == writes


def _after_many_edits_doubled_and_out_of_order_both_sides_agree(sandbox: SandboxServer) -> None:
    sandbox.settings(webhook_shuffle=True, webhook_duplicates=0.5, webhook_batch_size=3)
    chance = Random(5)  # noqa: S311 - the same story every time
    numbers = [link.remote_id for link in pulling.links("contacts")]
    for step in range(150):
        changes = {chance.choice(list(_FIELDS)): f"value {step}"}
        sandbox.update("contacts", chance.choice(numbers), changes)
    _comes_to_rest(sandbox)
    assert _here() == _there(sandbox, numbers)


@pytest.mark.every_database
def test_a_worker_killed_in_the_middle_loses_nothing(
    served_with_webhooks: ServedApp, sandbox: SandboxServer
) -> None:
    numbers = [link.remote_id for link in pulling.links("contacts")]
    for step in range(30):
        sandbox.update("contacts", numbers[step % len(numbers)], {"jobtitle": f"Job {step}"})
    served_with_webhooks.kill_worker()
    sandbox.wait_until(lambda: sandbox.webhooks()["is_idle"])
    served_with_webhooks.start_worker()
    _comes_to_rest(sandbox)
    assert _here() == _there(sandbox, numbers)


def test_redis_emptied_between_the_answer_and_the_work_loses_nothing(
    served_with_webhooks: ServedApp, sandbox: SandboxServer, redis_url: str
) -> None:
    numbers = [link.remote_id for link in pulling.links("contacts")]
    served_with_webhooks.kill_worker()
    for number in numbers:
        sandbox.update("contacts", number, {"jobtitle": "Told before"})
    sandbox.wait_until(lambda: sandbox.webhooks()["is_idle"])
    with Redis.from_url(redis_url) as client:
        client.flushall()
    served_with_webhooks.start_worker()
    _comes_to_rest(sandbox)
    assert {one["job_title"] for one in _here().values()} == {"Told before"}


@pytest.mark.every_database
def test_after_an_hour_without_power_both_sides_agree_by_themselves(
    served_with_webhooks: ServedApp, sandbox: SandboxServer
) -> None:
    """No worker runs and no notice arrives; people go on working on both sides."""
    links = pulling.links("contacts")
    served_with_webhooks.kill_worker()
    sandbox.settings(webhook_url=None, search_delay_s=0)
    for link in links[::2]:
        sandbox.update("contacts", link.remote_id, {"jobtitle": "Edited there"})
        edit(link.record_id, first_name="Edited here")
    sandbox.update("contacts", links[1].remote_id, {"lastname": "There first"})
    edit(links[1].record_id, last_name="Here later")
    firm = str(sandbox.create("companies", {"name": "Suedwind", "domain": "s.de"})["id"])
    new = str(sandbox.create("contacts", {"firstname": "New", "email": "new@s.de"}, [firm])["id"])
    sandbox.settings(webhook_url=f"{served_with_webhooks.url}/webhooks/hubspot")
    pulling.forget_looks(links[0].connection_id)
    served_with_webhooks.start_worker()
    numbers = [*(link.remote_id for link in links), new]
    sandbox.wait_until(lambda: not pulling.all_rows(OutboxRecord) and _here() == _there(sandbox, numbers))
    assert _here()[links[1].remote_id]["last_name"] == "Here later"
    assert _here()[links[0].remote_id]["job_title"] == "Edited there"


@pytest.mark.usefixtures("served_with_webhooks")
@pytest.mark.every_database
def test_hundreds_of_edits_with_every_disorder_on_come_to_rest_in_agreement(sandbox: SandboxServer) -> None:
    """Both sides edit the same fields of the same people; HubSpot rewrites, delays, doubles and shuffles."""
    sandbox.settings(
        webhook_shuffle=True,
        webhook_duplicates=0.3,
        webhook_properties_first=True,
        webhook_delay_s=0.05,
        webhook_batch_size=7,
        format_phones=True,
        short_pages=True,
        empty_values="absent",
        search_delay_s=1,
    )
    chance = Random(11)  # noqa: S311 - the same story every time
    links = pulling.links("contacts")
    for step in range(400):
        link, name = chance.choice(links), chance.choice(list(_FIELDS))
        value = f"+49 228 {500_000 + step}" if name == "phone" else f"Value {step}"
        if step % 2:
            sandbox.update("contacts", link.remote_id, {name: value})
        else:
            edit(link.record_id, **{_FIELDS[name]: value})
    numbers = [link.remote_id for link in links]
    sandbox.wait_until(lambda: not pulling.all_rows(OutboxRecord))
    _comes_to_rest(sandbox)
    assert _plain(_here()) == _plain(_there(sandbox, numbers))
    writes = sandbox.counts()["writes"]
    for _ in range(3):
        _comes_to_rest(sandbox)
    assert sandbox.counts()["writes"] == writes


def _plain(side: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Phone numbers without their punctuation, which HubSpot takes away."""
    return {
        number: {**values, "phone": (values["phone"] or "").replace(" ", "")}
        for number, values in side.items()
    }
