"""Yesterday's backup is restored: nothing newer in HubSpot is overwritten, and nothing is made twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_contact
from tests.support.samples.quiet_portal import Portal
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, give_key, objects, pushed
from webapp.models import Run
from webapp.usecases.operating import backup, restore
from webapp.usecases.reconcile import begin as begin_reconcile


@pytest.fixture
def has_own_app() -> bool:
    return True


@pytest.fixture
def portal(in_app: Flask, sandbox: SandboxServer) -> Portal:  # noqa: ARG001 - for what it brings about
    return Portal(pulling.connected(), sandbox)


def test_after_a_restore_push_waits_until_everything_was_compared(portal: Portal, tmp_path: Path) -> None:
    give_key(portal.sandbox, portal.connection_id)
    services, file = current_services(), tmp_path / "yesterday.tar"
    backup.write(services, file, with_keys=False)
    # Since then: a contact was made here and pushed, and a number was changed on either side.
    make_contact(1, first_name="New", email="new@n.de")
    change_contact(2, phone="since")
    assert pushed(portal.connection_id).state == "finished"
    portal.sandbox.update("contacts", portal.contacts[0], {"phone": "newer"})
    before = {one["email"] for one in objects(portal.sandbox, "contacts", "email")}
    restore.restore(services, file, replaces=True, keeps=True)
    assert pulling.connection_of(portal.connection_id).restored_at is not None
    run = pushed(portal.connection_id)
    assert (run.state, run.waiting_for) == ("running", "comparison")
    begin_reconcile.begin_due(services)
    [reconcile] = [one for one in pulling.all_rows(Run) if one.kind == "reconcile"]
    assert reconcile.options["is_full"]
    assert pulling.worked_off(reconcile.id).state == "finished"
    assert pulling.wait_is_over(run.id).state == "finished"
    assert pulling.connection_of(portal.connection_id).restored_at is None
    assert (pulling.contact(1).phone, pulling.contact(2).phone) == ("newer", "since")
    found = objects(portal.sandbox, "contacts", "email", "phone")
    assert {one["email"] for one in found} == before
    assert len(found) == len(before)
    assert {one["phone"] for one in found if one["email"] == "p0@n.de"} == {"newer"}
