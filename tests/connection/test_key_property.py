"""The unique property at HubSpot: every state it can be in, and how it comes about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.servers.sandbox_server import TOKEN, SandboxServer
from tests.support.usecases import pulling
from webapp.models import User
from webapp.usecases.push.own_key import key_property

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
READY = {"companies": "ready", "contacts": "ready"}


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - for what it brings about
    return pulling.connected()


def _make(sandbox: SandboxServer, kind: str, name: str, **more: Any) -> None:
    group = {"companies": "companyinformation", "contacts": "contactinformation"}[kind]
    body = {"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": group, **more}
    answer = sandbox.api("POST", f"/crm/v3/properties/{kind}", json=body)
    assert answer.status_code == 201, answer.text


def _definition(sandbox: SandboxServer, kind: str) -> dict[str, Any]:
    answer: dict[str, Any] = sandbox.api("GET", f"/crm/v3/properties/{kind}/twinbook_id").json()
    return answer


def test_it_is_made_unique_on_both_types_when_that_is_wanted(
    connection_id: int, sandbox: SandboxServer
) -> None:
    assert key_property.configure(current_services(), connection_id, may_create=False) == dict.fromkeys(
        READY, "missing"
    )
    assert key_property.configure(current_services(), connection_id, may_create=True) == READY
    assert pulling.connection_of(connection_id).key_properties == READY
    assert all(_definition(sandbox, kind)["hasUniqueValue"] for kind in READY)
    assert key_property.configure(current_services(), connection_id, may_create=True) == READY


def test_one_made_by_hand_without_unique_values_is_not_relied_on(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _make(sandbox, "companies", "twinbook_id")
    states = key_property.configure(current_services(), connection_id, may_create=True)
    assert states == {"companies": "not_unique", "contacts": "ready"}


def test_one_made_by_hand_with_unique_values_is_ready(connection_id: int, sandbox: SandboxServer) -> None:
    for kind in READY:
        _make(sandbox, kind, "twinbook_id", hasUniqueValue=True)
    assert key_property.configure(current_services(), connection_id, may_create=False) == READY


@pytest.mark.parametrize(
    "change",
    [{"modificationMetadata": {"readOnlyValue": True}}, {"type": "number", "fieldType": "number"}],
    ids=["read-only", "number"],
)
def test_one_that_takes_no_text_is_not_relied_on(
    connection_id: int, sandbox: SandboxServer, change: dict[str, Any]
) -> None:
    assert key_property.configure(current_services(), connection_id, may_create=True) == READY
    sandbox.redefine("contacts", "twinbook_id", **change)
    states = key_property.configure(current_services(), connection_id, may_create=True)
    assert states == {"companies": "ready", "contacts": "unfit"}


def test_ten_unique_properties_leave_no_room(connection_id: int, sandbox: SandboxServer) -> None:
    for number in range(10):
        _make(sandbox, "contacts", f"mine_{number}", hasUniqueValue=True)
    states = key_property.configure(current_services(), connection_id, may_create=True)
    assert states == {"companies": "ready", "contacts": "slots_full"}


@pytest.mark.usefixtures("in_app")
def test_without_the_scope_it_says_so(sandbox: SandboxServer) -> None:
    sandbox.settings(withheld_scopes=["crm.schemas.companies.write", "crm.schemas.contacts.write"])
    connection_id = pulling.connected()
    assert key_property.configure(current_services(), connection_id, may_create=True) == dict.fromkeys(
        READY, "no_scope"
    )


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 429},
        {"kind": "status", "status": 502},
        {"kind": "cut_before"},
    ],
    ids=["429", "502", "cut before"],
)
def test_trouble_while_it_is_made_leaves_something_to_press_again(
    connection_id: int, sandbox: SandboxServer, fault: dict[str, Any]
) -> None:
    sandbox.fault(method="POST", path="*/properties/*", **fault)
    key_property.configure(current_services(), connection_id, may_create=True)
    current_services().redis.flushall()  # the wait that a 429 asks of all workers
    assert key_property.configure(current_services(), connection_id, may_create=True) == READY


def test_a_lost_answer_made_it_all_the_same(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.fault("cut_after", method="POST", path="*/properties/companies*")
    key_property.configure(current_services(), connection_id, may_create=True)
    assert key_property.configure(current_services(), connection_id, may_create=True) == READY


@pytest.mark.usefixtures("in_app", "sandbox")
@pytest.mark.parametrize("is_chosen", [True, False])
def test_connecting_with_a_token_makes_it_if_the_box_is_ticked(
    logged_in: LogIn, administrator: User, *, is_chosen: bool
) -> None:
    pages = logged_in(administrator)
    pages.post(
        "/integrations/hubspot/connection",
        data={"token": TOKEN, **({"create_key": "yes"} if is_chosen else {})},
    )
    states = pulling.connection_of(1).key_properties
    assert states == (READY if is_chosen else dict.fromkeys(READY, "missing"))
    text = pages.get("/integrations/hubspot").text
    assert "Duplicate protection" in text
    assert ("Create it by hand" in text) is not is_chosen
    if not is_chosen:
        pages.post("/integrations/hubspot/key", data={"create": "yes"})
        assert pulling.connection_of(1).key_properties == READY
