"""The tables that hold a person's own rows, and how an erasure treats these rows."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, false, func, null, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.links.facts import ERASED_NAME
from webapp.domain.privacy.person import Person
from webapp.domain.undo.local import ERASED
from webapp.models import (
    AnnouncedAssociation,
    AnnouncedCreate,
    AnnouncedUpdate,
    Contact,
    ContactAddress,
    ContactText,
    CreationCheck,
    FailingRecord,
    HeldCandidate,
    HeldRecord,
    InboxEvent,
    KeptApart,
    Link,
    LogEntry,
    MergedRecord,
    OutboxRecord,
    PlannedAddress,
    PlannedRecord,
    PossibleDuplicate,
    RecordEdit,
    RemoteObject,
    ScanKey,
    TypedForm,
)

Rows = Callable[[Person], ColumnElement[bool]]

OF_LOG: dict[str, Any] = {"name": ERASED_NAME, "changes": null(), "detail": {ERASED: True}}
"""What stays of an entry of the log: which run it was, and how it ended."""


class Place(Struct, frozen=True):
    """One of them.

    Attributes:
        name: its name for texts; several places may share one.
        table: its table.
        rows: which rows are the person's.
        left: what their columns hold afterwards; None where the rows go.
    """

    name: str
    table: Any
    rows: Rows
    left: dict[str, Any] | None = None


def _of_records(column: Any, *conditions: ColumnElement[bool]) -> Rows:
    return lambda person: and_(column.in_(person.record_ids), *conditions)


_UNERASED = LogEntry.object_type == "contacts", LogEntry.name != ERASED_NAME


def _by_record(table: Any) -> Rows:
    return _of_records(table.record_id, table.object_type == "contacts")


def _by_object(table: Any) -> Rows:
    def rows(person: Person) -> ColumnElement[bool]:
        pairs = (
            and_(table.connection_id == number, table.remote_id == one) for number, one in person.objects
        )
        return and_(table.object_type == "contacts", or_(false(), *pairs))

    return rows


def _either(*some: Rows) -> Rows:
    return lambda person: or_(*(rows(person) for rows in some))


def _by_either(table: Any) -> Rows:
    return _either(_by_record(table), _by_object(table))


def _seen(person: Person) -> ColumnElement[bool]:
    by_address = and_(RemoteObject.object_type == "contacts", RemoteObject.email_key.in_(person.addresses))
    return or_(_by_object(RemoteObject)(person), by_address)


def _planned(person: Person) -> ColumnElement[bool]:
    named = (
        PlannedRecord.record_id.in_(person.record_ids),
        PlannedRecord.remote_id.in_(person.remote_ids),
        PlannedRecord.email_key.in_(person.addresses),
    )
    return and_(PlannedRecord.object_type == "contacts", or_(*named))


def _planned_address(person: Person) -> ColumnElement[bool]:
    return or_(
        PlannedAddress.record_id.in_(person.record_ids), PlannedAddress.email_key.in_(person.addresses)
    )


def _typed(person: Person) -> ColumnElement[bool]:
    pages = [f"/contacts/{number}" for number in person.record_ids]
    is_below = [TypedForm.page.contains(f"{page}/", autoescape=True) for page in pages]
    return or_(false(), *is_below, *(TypedForm.page.endswith(page, autoescape=True) for page in pages))


def _pair(person: Person) -> ColumnElement[bool]:
    ends = or_(
        PossibleDuplicate.lower_id.in_(person.record_ids), PossibleDuplicate.higher_id.in_(person.record_ids)
    )
    return and_(PossibleDuplicate.object_type == "contacts", ends)


def _merged(person: Person) -> ColumnElement[bool]:
    ends = or_(MergedRecord.winner_id.in_(person.record_ids), MergedRecord.loser_id.in_(person.record_ids))
    return and_(MergedRecord.object_type == "contacts", ends)


PLACES: tuple[Place, ...] = (
    Place("record", Contact, _of_records(Contact.id)),
    Place("record", ContactAddress, _of_records(ContactAddress.contact_id)),
    Place("record", ContactText, _of_records(ContactText.id)),
    Place("links", Link, _by_either(Link)),
    Place("objects", RemoteObject, _seen),
    Place("log", LogEntry, _of_records(LogEntry.record_id, *_UNERASED), OF_LOG),
    Place("edits", RecordEdit, _by_record(RecordEdit)),
    Place("merges", MergedRecord, _merged, {"kept": null()}),
    Place("waiting", HeldRecord, _by_record(HeldRecord)),
    Place("waiting", HeldCandidate, _by_either(HeldCandidate)),
    Place("waiting", FailingRecord, _by_either(FailingRecord)),
    Place("waiting", KeptApart, _by_either(KeptApart)),
    Place("waiting", TypedForm, _typed),
    Place("sending", OutboxRecord, _by_record(OutboxRecord)),
    Place("sending", CreationCheck, _by_record(CreationCheck)),
    Place("sending", AnnouncedCreate, _by_record(AnnouncedCreate)),
    Place("sending", AnnouncedUpdate, _by_record(AnnouncedUpdate)),
    Place("sending", AnnouncedAssociation, _by_record(AnnouncedAssociation)),
    Place("events", InboxEvent, _by_object(InboxEvent)),
    Place("duplicates", PossibleDuplicate, _pair),
    Place("duplicates", ScanKey, _by_record(ScanKey)),
    Place("previews", PlannedRecord, _planned),
    Place("previews", PlannedAddress, _planned_address),
)


def counts(session: Session, person: Person) -> dict[str, int]:
    """How many rows are the person's, by place."""
    found: dict[str, int] = {}
    for place in PLACES:
        query = select(func.count()).select_from(place.table).where(place.rows(person))
        found[place.name] = found.get(place.name, 0) + (session.scalar(query) or 0)
    return {name: count for name, count in found.items() if count}


def empty(session: Session, person: Person) -> None:
    """Take away what is the person's, or what it says; the record goes by its own deletion before."""
    for place in PLACES:
        rows = place.rows(person)
        statement: Any = (
            delete(place.table).where(rows)
            if place.left is None
            else update(place.table).where(rows).values(place.left)
        )
        session.execute(statement.execution_options(synchronize_session=False))
