"""The pull of one record: its object as it is now, with a company that nobody has seen yet."""

from __future__ import annotations

import pytest

from tests.support.applications.services import current_services
from tests.support.invariants.both_sides import everything
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.runs.options import PullRecordOptions
from webapp.models import Run
from webapp.usecases.runs import of_record

pytestmark = pytest.mark.one_database


def _pulled(*, is_preview: bool = False) -> Run:
    started = of_record.start(
        current_services(),
        PullRecordOptions(object_type="contacts", record_id=1),
        user_id=None,
        is_preview=is_preview,
    )
    return pulling.worked_off(started.run_id)


def _pull_then_move(connection_id: int, sandbox: SandboxServer) -> None:
    """A pulled contact goes to a company that is new in HubSpot."""
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    contact = sandbox.create("contacts", {"email": "ana@acme.de", "firstname": "Ana"}, [firm])["id"]
    pulling.pulled(connection_id)
    new = sandbox.create("companies", {"name": "Neu", "domain": "neu.de"})["id"]
    sandbox.update("contacts", contact, {}, [new])


@pytest.mark.every_database
def test_a_company_that_nobody_has_seen_comes_along_and_every_call_is_counted(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _pull_then_move(connection_id, sandbox)
    calls = sandbox.counts()["calls"]
    run = _pulled()
    assert run.counts == {"companies": {"created": 1}, "contacts": {"updated": 1}}
    assert pulling.company(pulling.contact(1).company_id or 0).name == "Neu"
    assert run.api_calls == sandbox.counts()["calls"] - calls


def test_its_preview_says_the_same_and_touches_nothing(connection_id: int, sandbox: SandboxServer) -> None:
    _pull_then_move(connection_id, sandbox)
    before = everything(sandbox)
    preview = _pulled(is_preview=True)
    assert preview.counts == {"companies": {"created": 1}, "contacts": {"updated": 1}}
    assert everything(sandbox) == before
    assert _pulled().counts == preview.counts


def test_a_preview_says_that_an_object_is_gone_and_marks_nothing(
    connection_id: int, sandbox: SandboxServer
) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    contact = sandbox.create("contacts", {"email": "ana@acme.de", "firstname": "Ana"}, [firm])["id"]
    pulling.pulled(connection_id)
    sandbox.archive("contacts", contact)
    preview = _pulled(is_preview=True)
    assert [entry.reason for entry in pulling.entries(preview.id)] == ["gone_in_hubspot"]
    assert [link.state for link in pulling.links("contacts")] == ["linked"]
    run = _pulled()
    assert [entry.reason for entry in pulling.entries(run.id)] == ["gone_in_hubspot"]
    assert [link.state for link in pulling.links("contacts")] == ["gone"]
