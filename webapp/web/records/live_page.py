"""The values of a record's page, and the stream that keeps it up to date while it is open."""

from collections.abc import Sequence
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from webapp.domain.links.state import SyncState
from webapp.domain.push.outgoing import clearable
from webapp.domain.records.fields import ObjectType
from webapp.store.connection import connections
from webapp.store.held import records as held_records
from webapp.store.links import facts as link_facts
from webapp.store.mapping import mappings
from webapp.store.push import outbox
from webapp.store.records import records
from webapp.store.records.records import Record
from webapp.store.runs import log
from webapp.text.translated import gettext as _
from webapp.usecases.links import states as link_states
from webapp.web.live.watch import ANYTHING, Frame, Watch
from webapp.web.runs.names import names_of
from webapp.web.services import services

LOG_LENGTH = 8


def context(session: Session, object_type: ObjectType, record: Record) -> dict[str, Any]:
    """All that the parts of the page need which may change while it is open."""
    connection = connections.current(session)
    connection_id = connection.id if connection else None
    entries = records.log_of(session, object_type, record.id, LOG_LENGTH)
    link = records.link_of(session, connection_id, object_type, record.id)
    found: dict[str, Any] = {
        "object_type": object_type,
        "record": record,
        "values": records.values_of(object_type, record),
        "connection": connection,
        "link": link,
        "log": entries,
        **named_in(session, entries),
        "state": state(session, connection, object_type, record),
        "seen": _seen(session, connection_id, object_type, record, link),
        "company": None,
        "clearable": clearable_there(session, object_type, record, link),
        "merge_into": _merged_into(session, object_type, link, entries),
    }
    if isinstance(record, records.Contact):
        if record.company_id:
            found["company"] = records.get(session, "companies", record.company_id)
        found["further_emails"] = records.further_emails(session, record.id)
    return found


def named_in(session: Session, entries: Sequence[records.LogEntry]) -> dict[str, Any]:
    """The names of companies and runs that the record's log speaks of."""
    return {
        "companies_named": log.companies_named(session, entries),
        "run_names": names_of(session, [entry.run_id for entry in entries]),
    }


def state(
    session: Session, connection: connections.Connection | None, object_type: ObjectType, record: Record
) -> SyncState | None:
    """How the record stands; None without a connection."""
    return link_states.state_of(session, connection.id, object_type, record) if connection else None


def clearable_there(
    session: Session, object_type: ObjectType, record: Record, link: records.Link | None
) -> dict[str, str]:
    """Fields that are blank here and had a value in HubSpot after the last sync."""
    if link is None or link.state != "linked":
        return {}
    mapping = mappings.load(session, link.connection_id, object_type)
    return clearable(records.values_of(object_type, record), link.remote_seen, mapping)


def _merged_into(
    session: Session, object_type: ObjectType, link: records.Link | None, entries: Sequence[records.LogEntry]
) -> int | None:
    """The record whose object this record's object was merged into, according to the log."""
    if link is None or link.state != "held":
        return None
    survivors = [entry.detail["survivor"] for entry in entries if entry.detail and "survivor" in entry.detail]
    found = link_facts.of_objects(session, link.connection_id, object_type, survivors)
    return next((one.record_id for one in found.values()), None)


class RecordNow:
    """A record's page at one moment, for all who have it open.

    Args:
        seen: What identifies its state; nothing of a record that is not there any more.
        html: What the page shows then.
    """

    def __init__(self, seen: str, html: str) -> None:
        self.seen = seen
        self._html = html
        self._made: dict[str, Frame] = {}

    def frame(self, message: str) -> Frame:
        """A change of an open page, with the text that is read out."""
        if message not in self._made:
            spoken = Markup('<p id="record-spoken" hx-swap-oob="innerHTML">{}</p>').format(message)
            self._made[message] = Frame("changed", f"{self._html}\n{spoken}")
        return self._made[message]


class RecordStream(Watch):
    """One viewer's stream of one record: what the page shows, and what it should show instead."""

    def __init__(self, object_type: ObjectType, record_id: int, seen: str) -> None:
        super().__init__(("record", object_type, record_id), ANYTHING)
        self._object_type = object_type
        self._record_id = record_id
        self._seen = seen

    def read(self, before: RecordNow | None) -> RecordNow:
        """The record; the page is rendered only where it has changed. The database is closed afterwards."""
        with services().database.reading() as session:
            record = records.get(session, self._object_type, self._record_id)
            if record is None:
                about = {"object_type": self._object_type, "record_id": self._record_id}
                return RecordNow("", render_template("records/_gone.html", **about))
            connection = connections.current(session)
            connection_id = connection.id if connection else None
            link = records.link_of(session, connection_id, self._object_type, record.id)
            seen = _seen(session, connection_id, self._object_type, record, link)
            if before is not None and before.seen == seen:
                return before
            found = context(session, self._object_type, record)
            return RecordNow(found["seen"], render_template("records/_changed.html", **found))

    def frames(self, now: RecordNow) -> list[Frame]:
        """The page's parts, if anything has changed for this viewer."""
        if not now.seen:
            return [now.frame(_("This record is not here any more.")), Frame("over", is_last=True)]
        if now.seen == self._seen:
            return []
        is_new_text = now.seen.partition("-")[0] != self._seen.partition("-")[0]
        self._seen = now.seen
        return [now.frame(_("The values on this page have changed.") if is_new_text else "")]


def _seen(
    session: Session,
    connection_id: int | None,
    object_type: ObjectType,
    record: Record,
    link: records.Link | None,
) -> str:
    """An identifier of the page's state: the record's version, how it is linked, and what of it waits."""
    known: list[object] = [record.version]
    if link is not None:
        moments = [at.timestamp() if at else 0 for at in (link.pulled_at, link.pushed_at)]
        known += [link.state, link.remote_id, link.last_run_id, *moments]
    if connection_id is not None:
        held = held_records.get(session, connection_id, object_type, record.id)
        # A push marks the link first; that nothing waits to be sent any more follows at its end.
        is_unsent = bool(outbox.unsent_of(session, connection_id, object_type, [record.id]))
        known += [held.reason if held else "", is_unsent]
    return "-".join(map(str, known))
