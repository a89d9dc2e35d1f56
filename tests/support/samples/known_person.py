"""A person whose every value is found nowhere else, taken through whatever keeps something of people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy import LargeBinary, select

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_contact, make_run
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import importing, previews, pulling, pushing
from tests.support.usecases.duplicates import list_pair
from tests.support.usecases.editing import edit
from webapp.domain.people.actor import MACHINE
from webapp.domain.rules.trial import Trial
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.domain.webhooks.events import read_events
from webapp.models import (
    Base,
    FailingRecord,
    HeldRecord,
    Mail,
    RuleTrial,
    Run,
    TypedForm,
)
from webapp.store.people import audit
from webapp.store.webhooks import inbox
from webapp.usecases.duplicates import merge_run
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


FILE = f"first_name,last_name,email,company_domain\nXaverine,Quastenflosser,{ADDRESS.upper()},birke.de\n"


class Worker(Protocol):
    """Whoever works off the runs that the person goes through."""

    def work(self, kind: str, *, is_preview: bool = False) -> None:
        """A whole bulk run or its preview."""

    def check(self, text: str) -> None:
        """The check of a file of contacts."""

    def keep_apart(self) -> None:
        """A run in which somebody says of every pair of contacts that is listed that it is not the same."""


class ThisProcess:
    """Works them off at once."""

    def __init__(self, connection_id: int, user_id: int) -> None:
        self._connection_id, self._user_id = connection_id, user_id

    def work(self, kind: str, *, is_preview: bool = False) -> None:
        """As the protocol says."""
        if is_preview:
            previews.previewed(self._connection_id, kind)
        elif kind == "pull":
            pulling.pulled(self._connection_id)
        else:
            pushing.pushed(self._connection_id)

    def check(self, text: str) -> None:
        """As the protocol says."""
        importing.checked("contacts", text)

    def keep_apart(self) -> None:
        """As the protocol says."""
        pulling.worked_off(begun_apart(self._user_id))


def begun_apart(user_id: int) -> int:
    """Somebody says of every pair of contacts that is listed that it is not the same; the run."""
    options = MergeDuplicatesOptions(object_type="contacts", verb="not_the_same")
    return merge_run.start(current_services(), options, user_id=user_id).run_id


class Known:
    """Where the person was met: their object, and the number of their record."""

    def __init__(
        self, connection_id: int, sandbox: SandboxServer, user_id: int, worker: Worker | None = None
    ) -> None:
        self.connection_id, self.sandbox, self.user_id = connection_id, sandbox, user_id
        self._worker = worker or ThisProcess(connection_id, user_id)
        self.firm = str(sandbox.create("companies", {"name": "Birkenwerk", "domain": "birke.de"})["id"])
        other = {"firstname": "Max", "lastname": "Bleibt", "email": "max@birke.de"}
        self.other_id = str(sandbox.create("contacts", other, [self.firm])["id"])
        self.remote_id = str(sandbox.create("contacts", dict(VALUES), [self.firm])["id"])
        self._worker.work("pull", is_preview=True)
        self._worker.work("pull")
        self.record_id = pulling.link_of(self.remote_id).record_id
        self.other_record_id = pulling.link_of(self.other_id).record_id

    def goes_through_everything(self) -> None:
        """Edits, pushes, previews, merges, files, events, questions, failures, mails and logs."""
        edit(self.record_id, job_title="Altmeisterin")
        self._worker.work("push")
        self._worker.work("push", is_preview=True)
        self._is_merged()
        self._is_kept_apart()
        self._worker.check(FILE)
        self._is_waited_for()
        self._is_mentioned()

    def _is_kept_apart(self) -> None:
        """The log tells it under the other record, whose number is lower."""
        list_pair("contacts", self.other_record_id, self.record_id)
        self._worker.keep_apart()

    def _is_merged(self) -> None:
        double = make_contact(
            pulling.contact(self.record_id).company_id,
            first_name="Xaverine",
            last_name="Fuchtelberg",
            email="x@fuchtelberg.example",
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
        run_id, other = pulling.all_rows(Run)[0].id, self.other_record_id
        of_type: dict[str, Any] = {"connection_id": self.connection_id, "object_type": "contacts"}
        row: dict[str, Any] = {**of_type, "run_id": run_id}
        with writing() as session:
            inbox.add(session, [(self.connection_id, one) for one in events], now)
            detail = {"candidates": [{**candidate, "properties": dict(VALUES)}]}
            session.add(HeldRecord(**row, record_id=other, reason="several", held_at=now, detail=detail))
            failed: dict[str, Any] = {
                "reason": "refused",
                "property": "",
                "direction": "out",
                "failed_at": now,
            }
            failed |= {"detail": {"message": f"{ADDRESS} is taken"}}
            session.add(FailingRecord(**row, key=str(other), name="Max", **failed))
            page = f"/contacts/{self.record_id}"
            where = {"token_hash": "0" * 64, "page": page, "action": page, "fields": b"sealed"}
            session.add(TypedForm(user_id=self.user_id, typed_at=now, **where))

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
            counted = msgspec.to_builtins(Trial(entering=1, entering_names=["Xaverine Quastenflosser"]))
            session.add(RuleTrial(connection_id=self.connection_id, counted=counted, is_done=True, **trial))
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
