"""A read that HubSpot answered before a write of ours changes nothing behind it, and links nothing (B47)."""

from __future__ import annotations

import pytest

from tests.support.applications.services import current_services
from tests.support.faults.kills import PowerCutError, killed_after
from tests.support.faults.overtaking import answered_before
from tests.support.samples import shop
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, objects, pushed, pushed_record
from tests.support.usecases.undoing import undo_of
from webapp.models import Run
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle
from webapp.usecases.undo import remote as undo_remote

READ = "*/objects/*contacts/batch/read"
LIST = "*/objects/*contacts"


def _reconciled() -> None:
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
    pulling.worked_off(started.run_id)


def test_a_reconcile_beside_the_undo_of_a_push_links_nothing_again(
    connection_id: int, sandbox: SandboxServer
) -> None:
    shop.fill(3, 12)
    pulling.pulled(connection_id)
    run = pushed(connection_id)
    with answered_before(sandbox, _reconciled, method="POST", path=READ):
        undo_of(run.id, archives=True)
    assert pulling.links() == []
    assert objects(sandbox, "contacts") == []
    again = pushed(connection_id)
    assert again.counts["contacts"] == {"created": 12}


def test_a_pull_that_read_before_a_push_does_not_bring_the_former_value_back(
    connection_id: int, sandbox: SandboxServer
) -> None:
    shop.fill(1, 3)
    pushed(connection_id)
    with answered_before(sandbox, lambda: pulling.pulled(connection_id), method="GET", path=LIST):
        change_contact(2, city="Ulm")
        pushed_record(connection_id, "contacts", 2)
    assert {one.id: one.city for one in pulling.contacts()}[2] == "Ulm"
    assert [one.get("city") for one in objects(sandbox, "contacts", "city")][1] == "Ulm"
    [link] = [one for one in pulling.links("contacts") if one.record_id == 2]
    assert (link.local_seen["city"], link.remote_seen["city"]) == ("Ulm", "Ulm")
    assert pulling.pulled(connection_id).counts["contacts"] == {"unchanged": 3}


def test_what_a_pull_has_read_too_early_it_reads_again(connection_id: int, sandbox: SandboxServer) -> None:
    """It is not left for a later run."""
    shop.fill(1, 3)
    pushed(connection_id)
    [link] = [one for one in pulling.links("contacts") if one.record_id == 2]
    with answered_before(sandbox, lambda: pulling.pulled(connection_id), method="GET", path=LIST):
        change_contact(2, city="Ulm")
        pushed_record(connection_id, "contacts", 2)
        sandbox.update("contacts", link.remote_id, {"jobtitle": "Editor"})
    assert {one.id: (one.city, one.job_title) for one in pulling.contacts()}[2] == ("Ulm", "Editor")
    pull = next(run for run in reversed(pulling.all_rows(Run)) if run.kind == "pull")
    assert pull.counts["contacts"] == {"unchanged": 2, "updated": 1}


def test_a_push_that_read_before_another_one_wrote_reads_again(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """Else its log would tell of a value before that HubSpot did not hold any more."""
    shop.fill(1, 3)
    pushed(connection_id)
    change_contact(2, city="Ulm")
    with answered_before(sandbox, lambda: pushed(connection_id), method="POST", path=READ):
        change_contact(2, city="Kiel")
        other = pushed_record(connection_id, "contacts", 2)
    assert [one.changes for one in pulling.entries(other.id)] == [[["city", None, "Kiel"]]]
    late = next(run for run in reversed(pulling.all_rows(Run)) if run.kind == "push")
    assert (late.state, pulling.entries(late.id)) == ("finished", [])
    assert objects(sandbox, "contacts", "city")[1]["city"] == "Kiel"


def test_a_read_that_began_while_a_push_was_sending_leaves_the_field_to_the_push(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """The push has announced and not written down yet; nobody can tell which value the read has."""
    shop.fill(1, 3)
    pushed(connection_id)
    change_contact(2, city="Ulm")

    def push() -> None:
        pushed_record(connection_id, "contacts", 2)

    with answered_before(sandbox, push, method="POST", path="*/objects/*contacts/batch/update"):
        pulling.pulled(connection_id)
        assert {one.id: one.city for one in pulling.contacts()}[2] == "Ulm"
    [link] = [one for one in pulling.links("contacts") if one.record_id == 2]
    assert (link.local_seen["city"], link.remote_seen["city"]) == ("Ulm", "Ulm")


def test_a_push_that_read_before_an_undo_wrote_reads_again_though_the_undo_was_killed(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """Nothing says any more that the undo is sending, and its log lacks what it put back."""
    shop.fill(1, 3)
    pushed(connection_id)
    change_contact(2, city="Ulm")
    run = pushed(connection_id)
    change_contact(2, city="Kiel")

    def push() -> None:
        pushed_record(connection_id, "contacts", 2)

    with answered_before(sandbox, push, method="POST", path=READ):
        with killed_after(undo_remote, "put_back", 1), pytest.raises(PowerCutError):
            undo_of(run.id)
        [undo] = [one for one in pulling.all_rows(Run) if one.kind == "undo"]
        lifecycle.cancel(current_services(), undo.id)
    late = next(one for one in reversed(pulling.all_rows(Run)) if one.kind == "push_record")
    assert [one.changes for one in pulling.entries(late.id)] == [[["city", None, "Kiel"]]]
    assert [one.changes for one in pulling.entries(undo.id)] == [[["city", "Ulm", ""]]]
