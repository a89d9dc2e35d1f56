"""An object for which HubSpot fails again and again is found, and keeps no other (B45, B49)."""

from __future__ import annotations

import pytest

from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company, objects, pushed
from webapp.models import Run
from webapp.usecases.push import page as push_page

pytestmark = pytest.mark.one_database

_POISON = "select * from"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for HubSpot does not wait here."""
    monkeypatch.setattr(push_page, "_UNSETTLED_S", 0.0)
    pulling.hasty_retries(monkeypatch)


def _waited(run: Run, times: int) -> Run:
    """The run after so many waits for HubSpot."""
    for _ in range(times):
        assert (run.state, run.waiting_for) == ("running", "hubspot_unreachable")
        run = pulling.wait_is_over(run.id)
    return run


def _failed(run: Run) -> list[str | None]:
    return [one.reason for one in pulling.entries(run.id) if one.outcome == "failed"]


@pytest.mark.parametrize("path", ["*", "*/companies*"])
def test_a_pull_leaves_the_object_whose_page_hubspot_cannot_give(
    connection_id: int, sandbox: SandboxServer, path: str
) -> None:
    for number in range(30):
        name = _POISON if number == 12 else f"Firm {number}"
        sandbox.create("companies", {"name": name, "domain": f"n{number}.de"})
    sandbox.fault("status", status=500, times=None, answered=_POISON, path=path)
    run = _waited(pulling.worked_off(pulling.begun(connection_id)), 3)
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 29, "failed": 1})
    assert _failed(run) == ["unreadable_object"]
    sandbox.clear_faults()
    assert pulling.pulled(connection_id).counts["companies"]["created"] == 1


def test_a_push_sends_all_but_the_record_that_hubspot_cannot_take(
    with_key: int, sandbox: SandboxServer
) -> None:
    for number in range(20):
        make_company(name=f"Firm {number}", domain=f"n{number}.de")
    pushed(with_key)
    for number in range(1, 21):
        change_company(number, city=_POISON if number == 7 else "Ulm")
    sandbox.fault("status", status=500, times=None, sent=_POISON)
    run = _waited(pulling.worked_off(pulling.begun(with_key, "push")), 3)
    assert (run.state, run.counts["companies"]) == ("finished", {"updated": 19, "failed": 1})
    assert _failed(run) == ["not_done_by_hubspot"]
    sandbox.clear_faults()
    assert pushed(with_key).counts["companies"] == {"updated": 1, "unchanged": 19}


@pytest.mark.parametrize("effect", ["before", "after"])
def test_a_push_makes_all_contacts_but_the_one_that_hubspot_cannot_take(
    with_key: int, sandbox: SandboxServer, effect: str
) -> None:
    """Nor twice the one that it has made although it said otherwise."""
    sandbox.settings(search_delay_s=0)
    company = make_company(name="Acme", domain="acme.de")
    for number in range(9):
        first = _POISON if number == 4 else "Eva"
        make_contact(company.id, first_name=first, email=f"p{number}@acme.de")
    sandbox.fault(
        "status", status=500, times=None, sent=_POISON, path="*/contacts/batch/create", effect=effect
    )
    run = pulling.worked_off(pulling.begun(with_key, "push"))
    while run.state == "running" and run.attempts < 4:
        run = pulling.wait_is_over(run.id)
    assert run.state == "finished"
    if effect == "before":
        assert run.counts["contacts"] == {"created": 8, "failed": 1}
        sandbox.clear_faults()
        assert pushed(with_key).counts["contacts"] == {"created": 1, "unchanged": 8}
    else:
        assert run.counts["contacts"] == {"created": 9}
    assert len(objects(sandbox, "contacts")) == 9


def test_what_is_down_altogether_is_waited_for(connection_id: int, sandbox: SandboxServer) -> None:
    for number in range(30):
        sandbox.create("companies", {"name": f"Firm {number}", "domain": f"n{number}.de"})
    sandbox.fault("status", status=500, times=None, path="*")
    run = _waited(pulling.worked_off(pulling.begun(connection_id)), 5)
    assert (run.state, run.waiting_for, _failed(run)) == ("running", "hubspot_unreachable", [])
    sandbox.clear_faults()
    assert pulling.wait_is_over(run.id).counts["companies"] == {"created": 30}
