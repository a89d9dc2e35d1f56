"""An undo that is cancelled, or killed and cancelled, between a call and its log: the log tells it (B46)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.faults.kills import PowerCutError, finished_in_the_end, killed_after
from tests.support.faults.search_lag import associate_plainly, checked, person_makes_acme
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import announced, change_contact, pushed
from tests.support.usecases.undoing import portal_now, undo_of
from webapp.models import Run
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle
from webapp.usecases.undo import remote as undoing

pytestmark = pytest.mark.every_database

Push = Callable[[int, SandboxServer], Run]


def _made(connection_id: int, _sandbox: SandboxServer) -> Run:
    company = make_company(name="Acme", domain="acme.de")
    for name in ("eva", "max"):
        make_contact(company.id, email=f"{name}@acme.de")
    return pushed(connection_id)


def _changed_and_moved(connection_id: int, sandbox: SandboxServer) -> Run:
    """Values, and primary companies; one of the contacts has the new company beside the old one already."""
    companies = [make_company(name=name, domain=f"{name}.de") for name in ("acme", "bolt")]
    contacts = [make_contact(companies[0].id, email=f"{name}@acme.de") for name in ("eva", "max")]
    pushed(connection_id)
    bolt = pulling.links("companies")[1].remote_id
    associate_plainly(sandbox, (pulling.links("contacts")[0].remote_id, bolt))
    for one in contacts:
        change_contact(one.id, city="Ulm", company_id=companies[1].id)
    return pushed(connection_id)


def _joined(connection_id: int, sandbox: SandboxServer) -> Run:
    """A company that gives way to another, beside the contacts' primary one."""
    sandbox.settings(search_delay_s=3600)
    person_makes_acme(sandbox)
    other = make_company(name="Other", domain="other.de")
    for name in ("eva", "max"):
        make_contact(other.id, email=f"{name}@other.de")
    pushed(connection_id)
    contacts = [one.remote_id for one in pulling.links("contacts")]
    acme = make_company(name="Acme", domain="acme.de")
    push = pushed(connection_id)
    [ours] = [one.remote_id for one in pulling.links("companies") if one.record_id == acme.id]
    associate_plainly(sandbox, *((one, ours) for one in contacts))
    checked(sandbox)
    return push


def _reconciled(_push: Run) -> None:
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
    assert pulling.worked_off(started.run_id).state == "finished"


def _reverted_again(push: Run) -> None:
    with killed_after(undoing, "_undo_batch", 1), pytest.raises(PowerCutError):
        undo_of(push.id, archives=True)
    assert lifecycle.cancel(current_services(), _last_undo().id)


FINDERS = {"reconcile": _reconciled, "another undo": _reverted_again}


def _last_undo() -> Run:
    return pulling.all_rows(Run, kind="undo")[-1]


def _logged(undo: Run) -> set[tuple[str, str | None]]:
    """The objects that an undo has changed in HubSpot, as its log says; a link that went is none."""
    return {
        (one.object_type, one.remote_id)
        for one in pulling.entries(undo.id)
        if one.outcome == "updated" and (one.changes or one.reason == "undone_archived")
    }


def _differing(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> set[tuple[str, str | None]]:
    """The objects that differ, or are not there any more."""
    found: set[tuple[str, str | None]] = set()
    for kind, objects in before.items():
        now = {one["id"]: one for one in after[kind]}
        found |= {(kind, one["id"]) for one in objects if now.get(one["id"]) != one}
    return found


def _archived_companies(differing: set[tuple[str, str | None]], logged: set[tuple[str, str | None]]) -> bool:
    """A contact loses its company along with the company's object, which the company's entry tells."""
    return any(kind == "companies" for kind, _ in differing) and differing > logged


@pytest.mark.parametrize("finder", FINDERS)
@pytest.mark.parametrize("push_of", [_made, _changed_and_moved, _joined])
def test_what_it_has_written_is_told_whichever_call_it_was(
    connection_id: int, sandbox: SandboxServer, push_of: Push, finder: str
) -> None:
    pulling.pulled(connection_id)
    push = push_of(connection_id, sandbox)
    struck = 0
    for stretch in range(1, 9):
        before = portal_now(sandbox)
        with killed_after(undoing, "_send", stretch):
            try:
                undo_of(push.id, archives=True)
                break
            except PowerCutError:
                undo = _last_undo()
        assert lifecycle.cancel(current_services(), undo.id)
        already = _logged(undo)
        differing = _differing(before, portal_now(sandbox))
        struck += bool(differing - already)
        FINDERS[finder](push)
        logged = _logged(undo)
        assert logged == differing or _archived_companies(differing, logged), stretch
        assert pulling.run_of(undo.id).last_seq == len(pulling.entries(undo.id))
    assert struck
    assert not announced()


_WRITES = ("batch/archive", "batch/create", "batch/update", "batch/labels/archive")
_LOST: tuple[dict[str, Any], ...] = (
    {"kind": "cut_after"},
    {"kind": "status", "status": 502, "effect": "after"},
    {"kind": "malformed", "effect": "after"},
)


@pytest.mark.one_database
@pytest.mark.parametrize("push_of", [_made, _changed_and_moved, _joined])
def test_a_lost_answer_changes_nothing_of_what_it_does_and_logs(
    connection_id: int,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    push_of: Push,
) -> None:
    """Each kind of write loses each of its first answers in another way."""
    pulling.hasty_retries(monkeypatch)
    pulling.pulled(connection_id)
    push = push_of(connection_id, sandbox)
    before = portal_now(sandbox)
    for write, (after, fault) in product(_WRITES, enumerate(_LOST)):
        sandbox.fault(method="POST", path=f"*/{write}", after=after, **fault)
    undo = finished_in_the_end(undo_of(push.id, archives=True))
    sandbox.clear_faults()
    differing, logged = _differing(before, portal_now(sandbox)), _logged(undo)
    assert logged == differing or _archived_companies(differing, logged)
    twice = Counter((one.object_type, one.remote_id, one.reason) for one in pulling.entries(undo.id))
    assert set(twice.values()) == {1}
    again = undo_of(push.id, archives=True)
    assert not _logged(again)
    assert not announced()
