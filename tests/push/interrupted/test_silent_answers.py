"""HubSpot's answer to a write is silent about what was written: the log tells it all the same (B46)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company, change_contact, objects, pushed
from tests.support.usecases.undoing import portal_now, undo_of
from webapp.hubspot.client import HubSpotClient
from webapp.models import AnnouncedUpdate

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("kind", ["companies", "contacts"])
def test_an_update_that_the_answer_does_not_have_is_in_the_log_and_can_be_undone(
    with_key: int, sandbox: SandboxServer, kind: str
) -> None:
    company = make_company(name="Acme", domain="acme.de", city="Kiel")
    contact = make_contact(company.id, first_name="Eva", email="eva@acme.de", city="Kiel")
    pushed(with_key)
    before = portal_now(sandbox)
    change_company(company.id, city="Ulm")
    change_contact(contact.id, city="Ulm")
    sandbox.fault("odd", path=f"*/{kind}/batch/update", oddity="empty_page")
    run = pushed(with_key)
    assert [one["hits"] for one in sandbox.faults()] == [1]
    logged = [(one.object_type, one.outcome, one.changes) for one in pulling.entries(run.id)]
    assert logged == [(one, "updated", [["city", "Kiel", "Ulm"]]) for one in ("companies", "contacts")]
    assert not pulling.all_rows(AnnouncedUpdate)
    undo_of(run.id)
    assert portal_now(sandbox) == before


def test_what_hubspot_refused_is_no_write_of_ours_when_somebody_else_makes_it(
    with_key: int, sandbox: SandboxServer
) -> None:
    """Else an undo of the push would take a person's value away in HubSpot."""
    sandbox.create("contacts", {"firstname": "Bo", "email": "bo@acme.de"})
    company = make_company(name="Acme", domain="acme.de")
    eva = make_contact(company.id, first_name="Eva", email="eva@acme.de")
    pushed(with_key)
    change_contact(eva.id, email="bo@acme.de", city="Ulm")
    run = pushed(with_key)
    assert run.counts["contacts"] == {"held": 1}
    assert not pulling.all_rows(AnnouncedUpdate)
    [link] = pulling.links("contacts")
    sandbox.update("contacts", link.remote_id, {"city": "Ulm"})
    pulling.pulled(with_key)
    assert [one.outcome for one in pulling.entries(run.id)] == ["held"]
    undo_of(run.id)
    assert sandbox.get("contacts", link.remote_id)["properties"]["city"] == "Ulm"


def test_of_two_objects_that_become_one_before_the_call_one_record_is_sent(
    with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B33: the other one is held before anything of it is written, never the last writer winning."""
    firms = [make_company(name=f"Firm {number}", domain=f"n{number}.de") for number in range(2)]
    pushed(with_key)
    there = [link.remote_id for link in pulling.links("companies")]
    for number, firm in enumerate(firms):
        change_company(firm.id, city=f"Ulm {number}")
    real = HubSpotClient.batch_update

    def merged_first(*given: Any) -> Any:
        monkeypatch.undo()
        sandbox.merge("companies", *there)
        return real(*given)

    monkeypatch.setattr(HubSpotClient, "batch_update", merged_first)
    run = pushed(with_key)
    [survivor] = objects(sandbox, "companies", "city")
    assert survivor["city"] == "Ulm 0"
    assert [(one.record_id, one.outcome, one.reason) for one in pulling.entries(run.id)] == [
        (firms[1].id, "held", "merged_in_hubspot"),
        (firms[0].id, "updated", "relinked"),
    ]


@pytest.mark.parametrize("arrives", [True, False])
def test_an_update_of_which_two_answers_are_silent_is_looked_up(
    with_key: int, sandbox: SandboxServer, *, arrives: bool
) -> None:
    """The first did not arrive; only a look tells whether the second did."""
    company = make_company(name="Acme", domain="acme.de", city="Kiel")
    pushed(with_key)
    before = portal_now(sandbox)
    change_company(company.id, city="Ulm")
    sandbox.fault("part", path="*/batch/update", effect="before")
    sandbox.fault("part", path="*/batch/update", effect="after" if arrives else "before")
    run = pushed(with_key)
    assert [one["hits"] for one in sandbox.faults()] == [1, 1]
    assert not pulling.all_rows(AnnouncedUpdate)
    logged = [(one.outcome, one.changes) for one in pulling.entries(run.id)]
    assert logged == ([("updated", [["city", "Kiel", "Ulm"]])] if arrives else [("failed", None)])
    undo_of(run.id)
    assert portal_now(sandbox) == before
