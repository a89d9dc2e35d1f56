"""What a create leaves in the log of its push where its object went: another stays, and what moved along."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

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
GAVE_WAY = "gave_way_unlinked"
"""The reason where ours was archived and the record could not be linked to the object that stays."""

_NAMES = ("first_name", "last_name", "email")


class End(NamedTuple):
    """The other end of an association of our object.

    `is_primary`: whether it becomes the primary one; `was_there`: whether the object that stays had it;
    `record_id`: of a contact of our company the record that it was linked to when that was written down.
    """

    id: str
    is_primary: bool
    was_there: bool
    record_id: int | None = None

    @property
    def is_written(self) -> bool:
        """Whether anything is written for it: what was there plainly before stays as it is."""
        return self.is_primary or not self.was_there


class Joined(Struct, kw_only=True):
    """A create whose object went.

    Attributes:
        survivor: the object that stays, as it is now; None where nothing could be done any more.
        broken_off: the object that was to stay, where an earlier look had begun and nobody can go on.
        own_id: our object, which was archived; empty where it was not.
        ends: what moved along.
        is_to_be_sent: whether the record holds what the object that stays does not.
        error: why it was not done; it is tried again.
    """

    subject: Subject
    survivor: FoundObject | None = None
    broken_off: str | None = None
    own_id: str = ""
    ends: list[End] = []
    is_to_be_sent: bool = False
    error: str | None = None

    @property
    def survivor_id(self) -> str | None:
        """The object that stays, or was to stay."""
        return self.survivor.id if self.survivor is not None else self.broken_off

    @property
    def has_written(self) -> bool:
        """Whether anything was written that the log has to tell of."""
        return self.error is None and (bool(self.own_id) or any(end.is_written for end in self.ends))


class Writing(Struct, frozen=True):
    """Under what verdicts are written."""

    session: Session
    run: Run
    mapping: Mapping
    now: datetime


def name_of(subject: Subject, kind: ObjectType) -> str:
    """The name under which the logs show a record."""
    return record_name(kind, subject.values or {})[:LONGEST_NAME]


def complete_log(writing: Writing, one: Joined, *, reason: str = JOINED) -> None:
    """Tell in the log of the push that made our object that another stays, and what moved along.

    The entries are of the kind that an undo of that push puts back: the link that it takes away was made now,
    and a contact whose primary company moved had the one from before that push.
    """
    session, kind = writing.session, writing.mapping.object_type
    query = select(Run).where(Run.id == one.subject.run_id).with_for_update()
    run = session.scalars(query.execution_options(populate_existing=True)).one_or_none() or writing.run
    entries = [entry_of(one, kind, reason)] if one.own_id else []
    after_seq = write_entries(session, run, writing.now, kind, entries)
    moved = (_moved_entries if kind == "companies" else _moved_along_entries)(writing, one)
    run.last_seq = write_entries(
        session, run, writing.now, "contacts", moved, after_seq=after_seq, is_association=True
    )
    run.counts = added_up(run.counts, kind, [entry.outcome for entry in entries])
    if moved:
        run.counts = added_up(run.counts, COUNTED_AS, [one.outcome for one in moved])
    session.flush()


def entry_of(one: Joined, kind: ObjectType, reason: str, **detail: Any) -> Entry:
    """The entry that tells of an object of ours that went, and which one stays."""
    return Entry(
        *(one.subject.record_id, one.survivor_id, name_of(one.subject, kind), outcomes.UPDATED, reason),
        detail={"archived": one.own_id, **detail},
    )


def _moved_entries(writing: Writing, one: Joined) -> list[Entry]:
    """The contacts of our company, which belong to the company that stays now.

    A contact that was unlinked since is told of as well, under the record that it was linked to before.
    """
    session, connection_id = writing.session, writing.run.connection_id
    ends = [end for end in one.ends if end.is_written]
    found = _linked(session, connection_id, [end.id for end in ends])
    named = {end.id: found[end.id].record_id if end.id in found else end.record_id for end in ends}
    ids = sorted({record_id for record_id in named.values() if record_id is not None})
    names, before = _names(session, ids), _before(session, one, ids)
    entries = []
    for end in sorted(ends, key=lambda end: (named[end.id] or 0, end.id)):
        record_id = named[end.id]
        if end.is_primary and end.id in found and one.survivor is not None:
            found[end.id].remote_seen = {**found[end.id].remote_seen, "company_id": one.survivor_id}
        prior = before.get(record_id or 0) if end.is_primary else None
        of = (record_id, end.id, names.get(record_id or 0, ""))
        entries.append(_moved(of, end, one.subject.record_id, (prior, one.survivor_id)))
    session.flush()
    return entries


def _linked(session: Session, connection_id: int, remote_ids: Sequence[str]) -> dict[str, Link]:
    query = select(Link).where(
        Link.connection_id == connection_id,
        Link.object_type == "contacts",
        among(session, Link.remote_id, sorted(remote_ids)),
    )
    return {link.remote_id: link for link in session.scalars(query.order_by(Link.id))}


def _names(session: Session, contact_ids: Sequence[int]) -> dict[int, str]:
    """What the log calls contacts; without those that are not here any more."""
    query = select(Contact.id, Contact.first_name, Contact.last_name, Contact.email)
    return {
        number: record_name("contacts", dict(zip(_NAMES, person, strict=True)))[:LONGEST_NAME]
        for number, *person in session.execute(query.where(among(session, Contact.id, contact_ids)))
    }


def _moved_along_entries(writing: Writing, one: Joined) -> list[Entry]:
    """The companies that the contact that stays has got from ours; a primary one only where it had none."""
    ends, connection_id = [end for end in one.ends if end.is_written], writing.run.connection_id
    here = creation_checks.linked_records(
        writing.session, connection_id, "companies", [end.id for end in ends]
    )
    of = (one.subject.record_id, one.survivor_id, name_of(one.subject, "contacts"))
    return [_moved(of, end, here.get(end.id), (None, end.id)) for end in ends]


def _moved(
    of: tuple[int | None, str | None, str],
    end: End,
    company_id: int | None,
    change: tuple[str | None, str | None],
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
