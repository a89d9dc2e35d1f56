"""What a create leaves in the log of its push where its object went: another stays, and what moved along."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.push.associations import PLAIN, PRIMARY
from webapp.domain.push.facts import FoundObject
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.models import Contact, Link, LogEntry, Run
from webapp.store.database.lists import among, unindexed
from webapp.store.push import creation_checks
from webapp.store.push.announced_associations import COUNTED_AS
from webapp.store.push.creation_checks import Subject
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import LONGEST_NAME, Entry

JOINED = "joined_meanwhile"


class End(NamedTuple):
    """The other end of an association of our object.

    `is_primary`: whether it becomes the primary one; `was_there`: whether the object that stays had it.
    """

    id: str
    is_primary: bool
    was_there: bool

    @property
    def is_written(self) -> bool:
        """Whether anything is written for it: what was there plainly before stays as it is."""
        return self.is_primary or not self.was_there


class Joined(Struct, kw_only=True):
    """A create whose object went.

    Attributes:
        survivor: the object that stays, as it is now; None where nothing could be done any more.
        own_id: our object.
        ends: what moved along.
        is_to_be_sent: whether the record holds what the object that stays does not.
        error: why it was not done; it is tried again.
    """

    subject: Subject
    survivor: FoundObject | None = None
    own_id: str = ""
    ends: list[End] = []
    is_to_be_sent: bool = False
    error: str | None = None


class Writing(Struct, frozen=True):
    """Under what verdicts are written."""

    session: Session
    run: Run
    mapping: Mapping
    now: datetime


def name_of(subject: Subject, kind: ObjectType) -> str:
    """The name under which the logs show a record."""
    return record_name(kind, subject.values or {})[:LONGEST_NAME]


def complete_log(writing: Writing, one: Joined) -> None:
    """Tell in the log of the push that made our object that another stays, and what moved along.

    The entries are of the kind that an undo of that push puts back: the link that it takes away was made now,
    and a contact whose primary company moved had the one from before that push.
    """
    session, kind = writing.session, writing.mapping.object_type
    query = select(Run).where(Run.id == one.subject.run_id).with_for_update()
    run = session.scalars(query.execution_options(populate_existing=True)).one_or_none() or writing.run
    survivor_id = one.survivor.id if one.survivor is not None else None
    entry = Entry(
        *(one.subject.record_id, survivor_id, name_of(one.subject, kind), outcomes.UPDATED, JOINED),
        detail={"archived": one.own_id},
    )
    after_seq = write_entries(session, run, writing.now, kind, [entry])
    moved = (_moved_entries if kind == "companies" else _moved_along_entries)(writing, one, survivor_id)
    run.last_seq = write_entries(
        session, run, writing.now, "contacts", moved, after_seq=after_seq, is_association=True
    )
    run.counts = added_up(run.counts, kind, [entry.outcome])
    if moved:
        run.counts = added_up(run.counts, COUNTED_AS, [one.outcome for one in moved])
    session.flush()


def _moved_entries(writing: Writing, one: Joined, survivor_id: str | None) -> list[Entry]:
    """The contacts of our company, which belong to the company that stays now."""
    session, connection_id = writing.session, writing.run.connection_id
    ends = {end.id: end for end in one.ends if end.is_written}
    query = (
        select(Link, Contact)
        .join(Contact, Contact.id == Link.record_id)
        .where(
            Link.connection_id == connection_id,
            Link.object_type == "contacts",
            among(session, Link.remote_id, sorted(ends)),
        )
    )
    found = sorted(session.execute(query).all(), key=lambda row: row.Link.record_id)
    before = _before(session, one, [link.record_id for link, _ in found])
    entries = []
    for link, contact in found:
        end = ends[link.remote_id]
        named = {name: getattr(contact, name) for name in ("first_name", "last_name", "email")}
        of = (link.record_id, link.remote_id, record_name("contacts", named)[:LONGEST_NAME])
        if end.is_primary:
            link.remote_seen = {**link.remote_seen, "company_id": survivor_id}
        prior = before.get(link.record_id) if end.is_primary else None
        entries.append(_moved(of, end, one.subject.record_id, (prior, survivor_id)))
    session.flush()
    return entries


def _moved_along_entries(writing: Writing, one: Joined, survivor_id: str | None) -> list[Entry]:
    """The companies that the contact that stays has got from ours; a primary one only where it had none."""
    ends, connection_id = [end for end in one.ends if end.is_written], writing.run.connection_id
    here = creation_checks.linked_records(
        writing.session, connection_id, "companies", [end.id for end in ends]
    )
    of = (one.subject.record_id, survivor_id, name_of(one.subject, "contacts"))
    return [_moved(of, end, here.get(end.id), (None, end.id)) for end in ends]


def _moved(
    of: tuple[int, str | None, str], end: End, company_id: int | None, change: tuple[str | None, str | None]
) -> Entry:
    """The entry of a contact that has got a company: as its primary one, or plainly beside that."""
    name, reason = (PRIMARY, "associated") if end.is_primary else (PLAIN, "associated_plainly")
    return Entry(
        *(*of, outcomes.UPDATED, reason),
        changes=[(name, *change)],
        detail={"company_id": company_id, "was_associated": end.was_there},
    )


def _before(session: Session, one: Joined, record_ids: Sequence[int]) -> dict[int, str | None]:
    """The primary companies that contacts had before the push gave them ours."""
    query = select(LogEntry).where(
        LogEntry.object_type == "contacts",
        unindexed(LogEntry.run_id) == one.subject.run_id,
        LogEntry.reason == "associated",
        among(session, LogEntry.record_id, list(record_ids)),
    )
    return {
        entry.record_id: prior
        for entry in session.scalars(query)
        if entry.record_id is not None
        for name, prior, text in entry.changes or ()
        if name == PRIMARY and text == one.own_id
    }
