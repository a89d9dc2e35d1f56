"""An object that is proved to be gone, and written to by us before that is applied: it is not gone (B47)."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import update

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import connected_with_key, pushed
from webapp.domain.runs.options import PullRecordOptions
from webapp.domain.webhooks.events import read_events
from webapp.models import InboxEvent, Run
from webapp.store.webhooks import inbox
from webapp.usecases.pull import record as pull_record
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.reconcile import looking
from webapp.usecases.runs import of_record
from webapp.usecases.webhooks import refresh


class Linked:
    """A portal with a contact that is linked."""

    def __init__(self, connection_id: int, sandbox: SandboxServer) -> None:
        self.connection_id, self.sandbox = connection_id, sandbox
        firm = str(sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"])
        eva = {"firstname": "Eva", "lastname": "Roth", "email": "eva@n.de"}
        self.remote_id = str(sandbox.create("contacts", eva, [firm])["id"])
        pulling.pulled(connection_id)
        self.record_id = pulling.link_of(self.remote_id).record_id

    def brought_back(self) -> None:
        """Restored in HubSpot; then an edit of ours is sent to it."""
        self.sandbox.restore("contacts", self.remote_id)
        edit(self.record_id, city="Ulm")
        pushed(self.connection_id)
        assert self.sandbox.get("contacts", self.remote_id)["properties"]["city"] == "Ulm"


@pytest.fixture
def linked(in_app: object, sandbox: SandboxServer) -> Linked:
    del in_app
    return Linked(connected_with_key(sandbox), sandbox)


def _by_an_event(linked: Linked) -> int:
    deleted = webhook_event("contact.deletion", linked.remote_id)
    with writing() as session:
        events = [(linked.connection_id, one) for one in read_events([deleted]).events]
        inbox.add(session, events, pulling.contact(linked.record_id).updated_at)
    bound_jobs().begin_refresh(linked.connection_id)
    return pulling.all_rows(Run, kind="refresh")[-1].id


def _by_a_comparison(_linked: Linked) -> int:
    return begin_reconcile.start(current_services(), trigger="button", user_id=None, is_full=True).run_id


def _by_its_button(linked: Linked) -> int:
    options = PullRecordOptions(object_type="contacts", record_id=linked.record_id)
    return of_record.start(current_services(), options, user_id=None).run_id


@pytest.mark.parametrize(
    ("begin", "module", "name"),
    [
        (_by_an_event, refresh, "_close_missing"),
        (_by_a_comparison, looking, "_mark_gone"),
        (_by_its_button, pull_record, "_mark_gone"),
    ],
)
def test_restored_and_written_to_meanwhile_it_stays_linked(
    *,
    linked: Linked,
    monkeypatch: pytest.MonkeyPatch,
    begin: Callable[[Linked], int],
    module: ModuleType,
    name: str,
) -> None:
    """Somebody deletes it in HubSpot, and brings it back while a run that has not found it goes on."""
    real, meanwhile = getattr(module, name), [linked.brought_back]

    def close(lease: Any, context: Any, proved: Any, *more: Any) -> Any:
        while proved and meanwhile:
            meanwhile.pop()()
        return real(lease, context, proved, *more)

    monkeypatch.setattr(module, name, close)
    linked.sandbox.archive("contacts", linked.remote_id)
    run = pulling.worked_off(begin(linked))
    if run.not_before:
        run = pulling.wait_is_over(run.id)
    with writing() as session:
        session.execute(update(InboxEvent).values(not_before=None))
    if looked := pulling.looked_again(linked.connection_id):
        assert looked.id == run.id
    assert (meanwhile, pulling.run_of(run.id).state) == ([], "finished")
    assert pulling.link_of(linked.remote_id).state == "linked"
    assert "gone_in_hubspot" not in [entry.reason for entry in pulling.entries(run.id)]
    assert pulling.all_rows(InboxEvent) == []
