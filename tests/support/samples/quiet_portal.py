"""A portal that tells nobody of its changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.support.applications.services import current_services, writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Connection, Run
from webapp.usecases.reconcile import begin as begin_reconcile


class Portal:
    """A portal with one company and its contacts, pulled."""

    def __init__(self, connection_id: int, sandbox: SandboxServer, contacts: int = 3) -> None:
        self.connection_id, self.sandbox = connection_id, sandbox
        sandbox.settings(search_delay_s=0)
        self.company = str(sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"])
        self.contacts = [
            str(self.add_contact(f"P{number}", email=f"p{number}@n.de", phone="1"))
            for number in range(contacts)
        ]
        pulling.pulled(connection_id)

    def add_contact(self, first_name: str, **more: str) -> str:
        """A contact of the company, made in HubSpot."""
        return str(self.sandbox.create("contacts", {"firstname": first_name, **more}, [self.company])["id"])

    def reconciled(self, *, is_full: bool = False) -> Run:
        """A look for missed changes, to its end."""
        started = begin_reconcile.start(current_services(), trigger="button", user_id=None, is_full=is_full)
        return pulling.worked_off(started.run_id)

    def last_look_was(self, ago: timedelta) -> None:
        """Let time pass."""
        with writing() as session:
            row = session.get_one(Connection, self.connection_id)
            row.reconciled_at = row.compared_at = datetime.now(UTC) - ago
