"""The undo of a contact's company in HubSpot, after its companies were merged or deleted there (B24, B46)."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, primary_of, pushed
from tests.support.usecases.undoing import undo_of
from webapp.models import LogEntry

pytestmark = pytest.mark.one_database


class Moved(NamedTuple):
    """A contact that a push has moved from one company to another; their objects."""

    run_id: int
    contact: str
    former: str
    present: str
    third: str


@pytest.fixture
def moved(connection_id: int) -> Moved:
    for name in ("acme", "bora", "coda"):
        make_company(name=name, domain=f"{name}.de")
    make_contact(1, first_name="Eva", email="eva@acme.de")
    pushed(connection_id)
    change_contact(1, company_id=2)
    run = pushed(connection_id)
    [contact] = [one.remote_id for one in pulling.links("contacts")]
    return Moved(run.id, contact, *(one.remote_id for one in pulling.links("companies")))


def _association(run_id: int) -> LogEntry:
    [entry] = [one for one in pulling.entries(run_id) if one.object_type == "contacts"]
    return entry


@pytest.mark.parametrize("new_id", [True, False])
@pytest.mark.parametrize("is_preview", [True, False])
def test_the_former_company_lives_on_as_another_one(
    sandbox: SandboxServer, moved: Moved, *, is_preview: bool, new_id: bool
) -> None:
    survivor = sandbox.merge("companies", moved.third, moved.former, new_id=new_id)["id"]
    undo = undo_of(moved.run_id, is_preview=is_preview)
    entry = _association(undo.id)
    assert (entry.outcome, entry.changes) == (
        "updated",
        [["primary_company", moved.present, str(survivor)]],
    )
    assert primary_of(sandbox, moved.contact) == (moved.present if is_preview else str(survivor))


def test_an_undo_of_that_undo_goes_back_to_the_company_that_was_pushed(
    sandbox: SandboxServer, moved: Moved
) -> None:
    sandbox.merge("companies", moved.third, moved.former)
    undo_of(undo_of(moved.run_id).id)
    assert primary_of(sandbox, moved.contact) == moved.present


def test_that_the_pushed_company_was_merged_is_no_change_of_the_contacts(
    sandbox: SandboxServer, moved: Moved
) -> None:
    survivor = str(sandbox.merge("companies", moved.third, moved.present)["id"])
    assert primary_of(sandbox, moved.contact) == survivor
    undo_of(moved.run_id)
    assert primary_of(sandbox, moved.contact) == moved.former


def test_where_both_became_one_there_is_nothing_to_put_back(sandbox: SandboxServer, moved: Moved) -> None:
    survivor = str(sandbox.merge("companies", moved.present, moved.former)["id"])
    undo = undo_of(moved.run_id)
    assert undo.counts["associations"] == {"unchanged": 1}
    assert primary_of(sandbox, moved.contact) == survivor


def test_that_the_former_company_is_gone_is_said(sandbox: SandboxServer, moved: Moved) -> None:
    sandbox.archive("companies", moved.former)
    entry = _association(undo_of(moved.run_id).id)
    assert (entry.outcome, entry.reason) == ("skipped", "undo_company_gone")
    gone = {"field": "primary_company", "reason": "undo_company_gone", "value": moved.former}
    assert (entry.detail or {})["fields"] == [gone]
    assert primary_of(sandbox, moved.contact) == moved.present


def test_that_the_pushed_company_is_gone_keeps_no_contact_from_its_former_one(
    sandbox: SandboxServer, moved: Moved
) -> None:
    sandbox.archive("companies", moved.present)
    undo_of(moved.run_id)
    assert primary_of(sandbox, moved.contact) == moved.former
