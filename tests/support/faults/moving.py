"""A contact that moves between companies on both sides, and what brings the two together again.

Call everything within an application context whose settings lead to the sandbox.
"""

from __future__ import annotations

import time
from typing import Any

from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import primary_of
from webapp.models import Run
from webapp.usecases.reconcile import begin as begin_reconcile


class MovingContact:
    """A contact of the first of three companies, on both sides."""

    def __init__(self, connection_id: int, sandbox: SandboxServer, client: FlaskClient) -> None:
        self.connection_id, self.sandbox, self.client = connection_id, sandbox, client
        self.firms = [
            str(sandbox.create("companies", {"name": name, "domain": f"{name}.de"})["id"])
            for name in ("one", "two", "three")
        ]
        values = {"firstname": "Eva", "email": "eva@one.de", "phone": "1"}
        self.contact = str(sandbox.create("contacts", values, [self.firms[0]])["id"])
        pulling.pulled(connection_id)

    def record_of(self, firm: int) -> int:
        return pulling.link_of(self.firms[firm], "companies").record_id

    def moves_there(self, firm: int) -> None:
        """A person gives the contact another company in HubSpot; a moment passes before and after."""
        time.sleep(0.02)
        self.sandbox.update("contacts", self.contact, {}, companies=[self.firms[firm]])
        time.sleep(0.02)

    def changes_there(self, **properties: str) -> None:
        """A person changes the contact in HubSpot, and a moment passes."""
        time.sleep(0.02)
        self.sandbox.update("contacts", self.contact, properties)
        time.sleep(0.02)

    def moves_here(self, firm: int) -> None:
        edit(company_id=str(self.record_of(firm)))

    def sent(self) -> Run:
        bound_jobs().begin_auto_push(self.connection_id)
        return pulling.worked_off(_latest("auto_push").id)

    def refreshed(self) -> Run:
        ends = {"fromObjectId": int(self.contact), "toObjectId": int(self.firms[0])}
        event = webhook_event("contact.associationChange", 0, associationType="CONTACT_TO_COMPANY", **ends)
        assert deliver(self.client, [event]).status_code == 204
        bound_jobs().begin_refresh(self.connection_id)
        return pulling.worked_off(_latest("refresh").id)

    def compared(self) -> Run:
        """The comparison of everything, as every night."""
        started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
        return pulling.worked_off(started.run_id)

    def merged(self, stays: str, goes: str) -> str:
        """A person merges two companies in HubSpot; the object that both live on as."""
        time.sleep(0.02)
        return str(self.sandbox.merge("companies", stays, goes)["id"])

    def both(self) -> tuple[int | None, str | None]:
        """The contact's company here, and in HubSpot."""
        return pulling.contacts()[0].company_id, primary_of(self.sandbox, self.contact)

    def pair(self, firm: int) -> tuple[int, str]:
        return self.record_of(firm), self.firms[firm]


def _latest(kind: str) -> Run:
    return [run for run in pulling.all_rows(Run) if run.kind == kind][-1]


def overwritten(*runs: Run) -> list[dict[str, Any]]:
    """The values that the logs of runs call lost."""
    details = [entry.detail or {} for run in runs for entry in pulling.entries(run.id)]
    return [one for detail in details for one in detail.get("overwritten", ())]
