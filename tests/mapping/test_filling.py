"""A field that was mapped anew is filled on its own: nothing else of any record is touched (B28)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from msgspec.structs import replace

from tests.support.applications.services import current_services, reading, writing
from tests.support.invariants.both_sides import everything
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.records.fields import Field, ObjectType
from webapp.domain.runs.options import PullOptions, PushOptions
from webapp.errors import RefusedError
from webapp.models import Connection, Run
from webapp.store.records import custom_fields
from webapp.usecases.mapping import definitions
from webapp.usecases.mapping import save as save_mapping
from webapp.usecases.runs import lifecycle

ONE_FIELD: dict[ObjectType, list[str]] = {"companies": ["custom.revenue"]}


@pytest.fixture
def company(in_app: Flask, sandbox: SandboxServer) -> str:  # noqa: ARG001 - for what it brings about
    """A linked company whose revenue is mapped only now, with a change on either side that nobody synced."""
    number = str(sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de", "city": "Ulm"})["id"])
    connection_id = pulling.connected()
    pulling.pulled(connection_id)
    definitions.refresh(current_services(), connection_id)
    with writing() as session:
        custom_fields.add(session, "companies", Field("custom.revenue", "Revenue", "number", 40))
    with reading() as session:
        desired = save_mapping.requested_from(save_mapping.load(session, connection_id)["companies"])
    added = (*desired.fields, FieldMap("custom.revenue", "annualrevenue"))
    answer = save_mapping.save(
        current_services(), connection_id, {"companies": replace(desired, fields=added)}, 0
    )
    assert isinstance(answer, save_mapping.Saved), answer
    sandbox.update("companies", number, {"annualrevenue": "1200.5", "city": "Changed there"})
    change_company(1, street="Changed here")
    return number


def filled(kind: str, *, is_preview: bool = False) -> Run:
    started = lifecycle.start(
        current_services(),
        kind,
        connection_id=1,
        trigger="button",
        started_by_id=None,
        options=(PushOptions if kind == "push" else PullOptions)(fields=ONE_FIELD),
        is_preview=is_preview,
    )
    return pulling.worked_off(started.run_id)


def there(sandbox: SandboxServer, number: str) -> dict[str, Any]:
    properties: dict[str, Any] = sandbox.get("companies", number)["properties"]
    return properties


@pytest.mark.one_database
def test_a_pull_of_one_field_brings_it_to_what_is_linked(company: str, sandbox: SandboxServer) -> None:
    sandbox.create("companies", {"name": "Not linked yet", "annualrevenue": "5"})
    before = pulling.link_of(company, "companies")
    run = filled("pull")
    assert (run.state, run.counts) == ("finished", {"companies": {"updated": 1}})
    [record] = pulling.companies()
    assert record.custom == {"revenue": 1200.5}
    assert (record.city, record.street) == ("Ulm", "Changed here")
    [entry] = pulling.entries(run.id)
    assert (entry.name, entry.changes) == ("Nordlicht", [["custom.revenue", None, 1200.5]])
    after = pulling.link_of(company, "companies")
    assert after.local_seen == {**before.local_seen, "custom.revenue": 1200.5}
    assert after.remote_updated_at == before.remote_updated_at
    pulling.pulled(1)
    assert pulling.company(1).city == "Changed there"


def test_a_push_of_one_field_sends_it_to_what_is_linked(company: str, sandbox: SandboxServer) -> None:
    change_company(1, custom={"revenue": 7})
    make_company(name="Not linked yet", domain=None)
    make_contact(1, last_name="Not linked yet", email="x@n.de")
    writes = sandbox.counts()["writes"]
    run = filled("push")
    assert (run.state, run.counts) == ("finished", {"companies": {"updated": 1}})
    assert sandbox.counts()["writes"] - writes == 1
    held = there(sandbox, company)
    assert (held["annualrevenue"], held["city"], held.get("address")) == ("7", "Changed there", None)


@pytest.mark.one_database
@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("kind", ["pull", "push"])
def test_the_preview_of_a_field_tells_of_that_field_alone(sandbox: SandboxServer, kind: str) -> None:
    if kind == "push":
        change_company(1, custom={"revenue": 7})
    before = everything(sandbox)
    preview = filled(kind, is_preview=True)
    assert everything(sandbox) == before
    [entry] = pulling.entries(preview.id)
    assert [change[0] for change in entry.changes or ()] == ["custom.revenue"]
    assert filled(kind).counts == preview.counts


@pytest.mark.one_database
@pytest.mark.usefixtures("company")
def test_it_is_no_first_pull() -> None:
    with writing() as session:
        session.get_one(Connection, 1).first_pull_finished_at = None
    filled("pull")
    assert pulling.connection_of(1).first_pull_finished_at is None


@pytest.mark.one_database
@pytest.mark.usefixtures("company")
def test_a_pull_of_everything_and_one_of_a_field_are_not_taken_for_each_other() -> None:
    pulling.begun(1)
    with pytest.raises(RefusedError, match=r"^busy$"):
        lifecycle.start(
            current_services(),
            "pull",
            connection_id=1,
            trigger="button",
            started_by_id=None,
            options=PullOptions(fields=ONE_FIELD),
        )
