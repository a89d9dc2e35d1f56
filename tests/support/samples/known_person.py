"""A person whose every value is found nowhere else, taken through whatever keeps something of people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import LargeBinary, select

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_contact, make_run
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import importing, pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.previews import previewed
from tests.support.usecases.pushing import pushed
from webapp.domain.people.actor import MACHINE
from webapp.domain.webhooks.events import read_events
from webapp.models import (
    Base,
    FailingRecord,
    HeldRecord,
    Mail,
    RuleTrial,
)
from webapp.store.people import audit
from webapp.store.webhooks import inbox
from webapp.usecases.records import merging

ADDRESS = "xaverine@quastenflosser.example"
VALUES = {
    "firstname": "Xaverine",
    "lastname": "Quastenflosser",
    "email": ADDRESS,
    "phone": "+49 30 7731904",
    "mobilephone": "+49 171 8842217",
    "jobtitle": "Obersteuerrat",
    "address": "Zwirbelgasse 77",
    "city": "Knörpelhausen",
}
SIGNS = (
    *("xaverine", "quastenflosser", "7731904", "8842217", "obersteuerrat", "zwirbelgasse", "knörpelhausen"),
    *("altmeisterin", "fuchtelberg"),
)
"""Texts by which their traces are found."""


class Known:
    """Where the person was met: their object, and the number of their record."""

    def __init__(self, connection_id: int, sandbox: SandboxServer, user_id: int) -> None:
        self.connection_id, self.sandbox, self.user_id = connection_id, sandbox, user_id
        self.firm = str(sandbox.create("companies", {"name": "Birkenwerk", "domain": "birke.de"})["id"])
        self.remote_id = str(sandbox.create("contacts", dict(VALUES), [self.firm])["id"])
        other = {"firstname": "Max", "lastname": "Bleibt", "email": "max@birke.de"}
        self.other_id = str(sandbox.create("contacts", other, [self.firm])["id"])
        previewed(connection_id)
        pulling.pulled(connection_id)
        self.record_id = pulling.link_of(self.remote_id).record_id

    def goes_through_everything(self) -> None:
        """Edits, pushes, previews, merges, files, events, questions, failures, mails and logs."""
        edit(self.record_id, job_title="Altmeisterin")
        pushed(self.connection_id)
        previewed(self.connection_id, "push")
        self._is_merged()
        importing.checked(
            "contacts",
            f"first_name,last_name,email,company_domain\nXaverine,Quastenflosser,{ADDRESS.upper()},birke.de\n",
        )
        self._is_waited_for()
        self._is_mentioned()

    def _is_merged(self) -> None:
        double = make_contact(
            1, first_name="Xaverine", last_name="Fuchtelberg", email="x@fuchtelberg.example"
        )
        both = self.record_id, double.id
        versions = pulling.contact(self.record_id).version, pulling.contact(double.id).version
        merging.merge(current_services(), "contacts", *both, versions, user_id=self.user_id)

    def _is_waited_for(self) -> None:
        changed = webhook_event(
            "contact.propertyChange", self.remote_id, propertyName="lastname", propertyValue="Quastenflosser"
        )
        events = read_events([changed]).events
        now = datetime.now(UTC)
        candidate = {"remote_id": self.remote_id, "name": "Xaverine Quastenflosser", "evidence": ["email"]}
        row: dict[str, Any] = {"connection_id": self.connection_id, "object_type": "contacts", "run_id": 1}
        with writing() as session:
            inbox.add(session, [(self.connection_id, one) for one in events], now)
            detail = {"candidates": [{**candidate, "properties": dict(VALUES)}]}
            session.add(HeldRecord(**row, record_id=2, reason="several", held_at=now, detail=detail))
            failed = {"reason": "refused", "property": "", "direction": "out", "failed_at": now}
            session.add(
                FailingRecord(**row, key="2", name="Max", detail={"message": f"{ADDRESS} is taken"}, **failed)
            )

    def _is_mentioned(self) -> None:
        sample = {
            "object_type": "contacts",
            "record_id": self.record_id,
            "name": "Xaverine Quastenflosser",
            "changes": [["job_title", "Obersteuerrat", "Altmeisterin"]],
        }
        run = make_run(
            self.connection_id,
            question={"changed": 1, "links": 1, "samples": [sample]},
            error_text=f"HubSpot refused {ADDRESS}.",
        )
        now = datetime.now(UTC)
        trial = {"object_type": "contacts", "direction": "in", "rule": {}, "created_at": now}
        with writing() as session:
            params = {"text": f"{ADDRESS} waits"}
            mail = {"recipient": "ada@example.com", "state": "sent", "created_at": now}
            session.add(Mail(run_id=run.id, params=params, **mail))
            counted = {"examples": [{"record_id": self.record_id, "name": "Xaverine Quastenflosser"}]}
            session.add(RuleTrial(connection_id=self.connection_id, counted=counted, **trial))
            audit.add(session, MACHINE, "exported", what=f"contacts like {ADDRESS}")


def kept_texts() -> dict[str, str]:
    """By table everything that its rows hold, in lower case, files and all."""
    found = {}
    with reading() as session:
        for table in Base.metadata.sorted_tables:
            secrets = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
            rows = [
                " ".join(
                    value.decode(errors="replace") if name in secrets and value else str(value)
                    for name, value in row.items()
                )
                for row in session.execute(select(table)).mappings()
            ]
            found[table.name] = "\n".join(rows).lower()
    return found


def signs_in(text: str) -> list[str]:
    """The person's values that a text holds."""
    return [sign for sign in SIGNS if sign in text.lower()]


def traces() -> dict[str, list[str]]:
    """The tables that hold something of the person, with what they hold."""
    return {name: found for name, text in kept_texts().items() if (found := signs_in(text))}
