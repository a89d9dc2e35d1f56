"""Deleted for privacy: unlinked, never sent again, and on an administrator's yes no trace stays (B24)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services, reading
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import pushed, pushed_record
from webapp.models import LogEntry, PrivacyDeletion, RecordEdit, Run
from webapp.models.people.users import User
from webapp.store.webhooks import inbox
from webapp.usecases.privacy import erase

_ORDERS = list(permutations(["contact.deletion", "contact.privacyDeletion", "contact.propertyChange"]))

LogIn = Callable[[User], FlaskClient]


class Portal:
    """Two contacts of one company; the first is Eva."""

    def __init__(self, connection_id: int, sandbox: SandboxServer, client: FlaskClient) -> None:
        self.connection_id, self.sandbox, self.client = connection_id, sandbox, client
        firm = str(sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"])
        self.eva, self.max = (
            str(sandbox.create("contacts", {"firstname": name, "email": f"{name}@n.de"}, [firm])["id"])
            for name in ("Eva", "Max")
        )
        pulling.pulled(connection_id)

    def delivers(self, *events: str) -> None:
        """Each event in a delivery of its own, looked into at once."""
        for event in events:
            assert deliver(self.client, [webhook_event(event, self.eva)]).status_code == 204
            bound_jobs().begin_refresh(self.connection_id)
            found = [run for run in pulling.all_rows(Run) if run.kind == "refresh"]
            if found:
                pulling.worked_off(found[-1].id)


@pytest.fixture
def portal(connection_id: int, sandbox: SandboxServer, hubspot: FlaskClient) -> Portal:
    return Portal(connection_id, sandbox, hubspot)


@pytest.mark.parametrize(
    "events", [_ORDERS[0], *(pytest.param(order, marks=pytest.mark.one_database) for order in _ORDERS[1:])]
)
def test_in_whatever_order_it_is_told_the_link_is_refused(portal: Portal, events: tuple[str, ...]) -> None:
    portal.sandbox.erase("contacts", portal.eva)
    portal.delivers(*events)
    assert pulling.link_of(portal.eva).state == "refused"
    assert pulling.link_of(portal.max).state == "linked"
    assert [one.remote_id for one in pulling.all_rows(PrivacyDeletion)] == [portal.eva]
    assert pulling.contact(1).first_name == "Eva"


@pytest.mark.one_database
def test_no_push_of_any_kind_sends_the_person_again(portal: Portal) -> None:
    portal.sandbox.erase("contacts", portal.eva)
    portal.delivers("contact.privacyDeletion")
    before = portal.sandbox.counts()["changes"]
    edit(1, job_title="Chefin")
    runs = [pushed(portal.connection_id), pushed_record(portal.connection_id, "contacts", 1)]
    for run in runs:
        assert "privacy_deleted" in [reason for _, _, reason in pulling.outcomes(run.id)]
    assert portal.sandbox.counts()["changes"] == before
    assert portal.sandbox.counts()["contacts"] == 1


def _texts() -> str:
    """Everything that the log, the links, the edits and the inbox hold, as one text."""
    tables: list[Any] = [LogEntry, RecordEdit]
    rows = [vars(row) for table in tables for row in pulling.all_rows(table)]
    rows += [vars(link) for link in pulling.links()]
    return str(rows)


def test_on_a_yes_every_trace_but_the_record_goes(portal: Portal, administrator: User) -> None:
    edit(1, job_title="Chefin")
    portal.sandbox.erase("contacts", portal.eva)
    portal.delivers("contact.privacyDeletion")
    [deletion] = pulling.all_rows(PrivacyDeletion)
    assert "Eva@n.de" in _texts() or "eva@n.de" in _texts()
    assert erase.decide_deletion(current_services(), deletion.id, user_id=administrator.id, erases=True)
    assert "eva" not in _texts().lower()
    assert "Chefin" not in _texts()
    assert "Max" in _texts()
    assert pulling.contact(1).first_name == "Eva"
    assert not erase.decide_deletion(current_services(), deletion.id, user_id=administrator.id, erases=True)
    with reading() as session:
        assert inbox.summary(session, portal.connection_id, pulling.contact(1).updated_at).waiting == 0


@pytest.mark.one_database
@pytest.mark.parametrize("erases", [True, False])
def test_what_a_run_has_read_of_the_traces_it_does_not_write_behind_a_yes(
    portal: Portal, administrator: User, *, erases: bool
) -> None:
    portal.sandbox.erase("contacts", portal.eva)
    portal.delivers("contact.privacyDeletion")
    [deletion] = pulling.all_rows(PrivacyDeletion)
    run_id = pulling.begun(portal.connection_id)
    fence = pulling.run_of(run_id).fence
    assert erase.decide_deletion(current_services(), deletion.id, user_id=administrator.id, erases=erases)
    assert (pulling.run_of(run_id).fence > fence) == erases
    assert pulling.worked_off(run_id).state == "finished"


@pytest.mark.usefixtures("app")
def test_a_banner_asks_until_an_administrator_has_decided(
    portal: Portal, administrator: User, member: User, logged_in: LogIn
) -> None:
    portal.sandbox.erase("contacts", portal.eva)
    portal.delivers("contact.privacyDeletion")
    [deletion] = pulling.all_rows(PrivacyDeletion)
    address = f"/privacy-deletions/{deletion.id}/decision"
    assert "Erase these traces" not in logged_in(member).get("/integrations/hubspot").text
    assert logged_in(member).post(address).status_code == 403
    assert "Erase these traces" in logged_in(administrator).get("/integrations/hubspot").text
    assert logged_in(administrator).post(address).status_code == 303
    assert "for privacy" not in logged_in(administrator).get("/integrations/hubspot").text
