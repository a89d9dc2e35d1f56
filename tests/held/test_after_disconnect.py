"""Decisions about the objects of a portal that was disconnected."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services
from tests.support.samples.factories import make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import RemoteObject, Run
from webapp.usecases.connection import connect
from webapp.usecases.held import decisions


@pytest.fixture
def held(connection_id: int, sandbox: SandboxServer) -> RemoteObject:
    """A contact that looks like one here."""
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    make_contact(first_name="Anna", last_name="Kern", email="office@other.de", phone="+49 30 1234560")
    values = {"firstname": "Anna", "lastname": "Kern", "email": "anna@n.de", "phone": "+49 30 1234560"}
    sandbox.create("contacts", values, [firm])
    pulling.pulled(connection_id)
    [found] = pulling.left_out("contacts")
    return found


@pytest.mark.one_database
def test_a_decision_taken_after_a_disconnect_is_refused_in_words(
    held: RemoteObject, pages: FlaskClient
) -> None:
    connect.disconnect(current_services(), held.connection_id)
    answer = pages.post(f"/held/{held.id}/resolution", data={"verb": "apart"})
    assert answer.status_code == 409
    assert "HubSpot is not connected" in answer.text
    assert pulling.left_out_of(held.remote_id).decision is None
    # What needs no portal is decided all the same.
    assert pages.post(f"/held/{held.id}/resolution", data={"verb": "skip"}).status_code == 303


@pytest.mark.one_database
def test_many_decisions_taken_after_a_disconnect_are_left(
    held: RemoteObject, administrators_pages: FlaskClient
) -> None:
    connect.disconnect(current_services(), held.connection_id)
    form = {"verb": "apart", "which": "chosen", "id": [str(held.id)]}
    answer = administrators_pages.post("/held/resolutions", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert pulling.left_out_of(held.remote_id).decision is None


@pytest.mark.one_database
def test_a_decision_that_waited_when_the_portal_was_disconnected_ends_cleanly(held: RemoteObject) -> None:
    runs = len(pulling.all_rows(Run))
    decisions.resolve(current_services(), held.id, "apart", None, None)
    connect.disconnect(current_services(), held.connection_id)
    bound_jobs().carry_out_decision(held.id)
    assert len(pulling.all_rows(Run)) == runs
    assert len(pulling.contacts()) == 1
