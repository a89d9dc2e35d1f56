"""Writes the verdicts of creation checks, in the caller's transaction."""

from datetime import datetime
from typing import Any

from msgspec import Struct, field
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.domain.links.base import Base
from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.incoming import display_name, read_incoming
from webapp.domain.push.creation_checks import Alike, PossibleDuplicate
from webapp.domain.push.outgoing import base_after
from webapp.domain.push.refusals.refusal import Refusal, refusal_detail
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.models import Link, RemoteObject
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.links import waiting
from webapp.store.push import creation_checks, outbox
from webapp.store.push.creation_checks import Subject
from webapp.store.push.joined import GAVE_WAY, JOINED, Joined, Writing, complete_log, entry_of, name_of
from webapp.store.runs.checkpoint import Checkpoint, write_checkpoint
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import Entry

IN_DOUBT = "made_meanwhile"
MERGED = "merged_in_hubspot"
_REMOTE_COLUMNS = (
    *("connection_id", "object_type", "remote_id", "display_name", "email_key", "domain_key", "phone_key"),
    *("name_key", "properties", "state", "reason", "detail", "remote_updated_at", "read_at", "run_id"),
)


class Verdicts(Struct, kw_only=True):
    """The verdicts of a look at some creates.

    Attributes:
        kept: those with nothing in doubt.
        later: those to look at again, and when; None gives them up.
        in_doubt: those about which a person decides, with our object.
        refused: those about which HubSpot could not be asked.
        joined: those of which another object stays.
    """

    kept: list[Subject] = field(default_factory=list)
    later: list[tuple[Subject, datetime | None]] = field(default_factory=list)
    in_doubt: list[tuple[Subject, str, PossibleDuplicate]] = field(default_factory=list)
    refused: list[tuple[Subject, Refusal]] = field(default_factory=list)
    joined: list[Joined] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of any."""
        return not (self.kept or self.later or self.in_doubt or self.refused or self.joined)


def write(writing: Writing, found: Verdicts, checkpoint: Checkpoint) -> None:
    """Write links, held objects, both logs and the counts; `lock_run` gives the run."""
    session, run, kind = writing.session, writing.run, writing.mapping.object_type
    done = [one for one in found.joined if one.survivor is not None and one.error is None]
    creation_checks.outdate(session, run.connection_id, kind, [one.subject for one in done], writing.now)
    joined = [_end(writing, one) for one in found.joined if one.has_written]
    for subject, _, doubt in found.in_doubt:
        _hold(writing, subject, doubt)
    entries = [
        *joined,
        *(_doubtful_entry(kind, *one) for one in found.in_doubt),
        *(_refused_entry(subject, refusal, kind) for subject, refusal in found.refused),
    ]
    last_seq = write_entries(session, run, writing.now, kind, entries)
    ended = [outcomes.UNCHANGED for _ in found.kept] + [one.outcome for one in entries]
    counts = added_up(run.counts, kind, ended)
    _end_checks(session, found)
    write_checkpoint(session, run, checkpoint, writing.now, counts=counts, last_seq=last_seq)


def _end_checks(session: Session, found: Verdicts) -> None:
    given_up = [subject for subject, not_before in found.later if not_before is None]
    ended = [
        *(found.kept + given_up),
        *(one[0] for one in found.in_doubt),
        *(one[0] for one in found.refused),
        *(one.subject for one in found.joined if one.error is None),
    ]
    creation_checks.forget(session, [one.id for one in ended])
    for subject, not_before in found.later:
        if not_before is not None:
            creation_checks.postpone(session, subject, not_before)


def _end(writing: Writing, one: Joined) -> Entry:
    """Link the record, tell it in the log of the push that made our object; the entry of the check's own log.

    Where the object that stays is another record's by now, ours is held, like one that HubSpot has merged.
    """
    kind, completes = writing.mapping.object_type, {"completes_run": one.subject.run_id}
    if _link(writing, one):
        complete_log(writing, one)
        return entry_of(one, kind, JOINED, **completes)
    complete_log(writing, one, reason=GAVE_WAY)
    entry = entry_of(one, kind, GAVE_WAY, **completes)
    if one.survivor is not None and _hold_link(writing, one):
        detail = {**(entry.detail or {}), "survivor": one.survivor_id}
        return entry._replace(outcome=outcomes.HELD, reason=MERGED, detail=detail)
    return entry


def _link(writing: Writing, one: Joined) -> bool:
    """Link the record to the object that stays; False where another record has that by now, or it changed."""
    session, run, subject = writing.session, writing.run, one.subject
    survivor, kind = one.survivor, writing.mapping.object_type
    if survivor is None or subject.link is None:
        return False
    owners = creation_checks.linked_records(session, run.connection_id, kind, [survivor.id])
    if owners.get(survivor.id, subject.record_id) != subject.record_id:
        return False
    values = subject.values or {}
    agreed = base_after(values, survivor.properties, (), writing.mapping, None)
    kept = _with_company(agreed, subject.link)
    is_linked = _change_link(
        writing,
        one,
        remote_id=survivor.id,
        state="linked",
        local_seen=kept.local_seen,
        remote_seen=kept.remote_seen,
        remote_updated_at=survivor.updated_at,
        linked_at=writing.now,
        pushed_at=writing.now,
        last_outcome=outcomes.UPDATED,
        last_reason=JOINED,
    )
    if not is_linked:
        return False
    _forget_unlinked(session, run.connection_id, kind, survivor.id)
    if kind == "companies":
        waiting.company_linked(session, run.connection_id, [survivor.id], writing.now)
        outbox.add_contacts_of(session, [subject.record_id], writing.now)
    if one.is_to_be_sent:
        outbox.add(session, kind, [subject.record_id], writing.now)
    # What was typed since the record was read may have gone to our object alone.
    outbox.add_edited(session, run.connection_id, kind, [subject.record_id], writing.now)
    return True


def _hold_link(writing: Writing, one: Joined) -> bool:
    return _change_link(writing, one, state="held", last_outcome=outcomes.HELD, last_reason=MERGED)


def _change_link(writing: Writing, one: Joined, **values: Any) -> bool:
    """Change the record's link to our object. False where it has another one, or its new object is not free.

    Another run may link another record to the object that stays at this very moment.
    """
    session = writing.session
    statement = (
        update(Link)
        .where(
            Link.connection_id == writing.run.connection_id,
            Link.object_type == writing.mapping.object_type,
            Link.record_id == one.subject.record_id,
            Link.remote_id == one.own_id,
        )
        .values(last_run_id=writing.run.id, **values)
        .returning(Link.id)
    )
    try:
        with session.begin_nested():
            found = session.scalars(statement.execution_options(synchronize_session=False)).all()
    except IntegrityError:
        return False
    return bool(found)


def _with_company(base: Base, link: LinkFacts) -> Base:
    """A contact's company moved along, so that both sides hold it as before."""
    ours, there = (
        {name: value for name, value in seen.items() if name == "company_id"}
        for seen in (link.local_seen, link.remote_seen)
    )
    return Base({**base.local_seen, **ours}, {**base.remote_seen, **there})


def _forget_unlinked(session: Session, connection_id: int, kind: ObjectType, remote_id: str) -> None:
    session.execute(
        delete(RemoteObject)
        .where(
            RemoteObject.connection_id == connection_id,
            RemoteObject.object_type == kind,
            RemoteObject.remote_id == remote_id,
        )
        .execution_options(synchronize_session=False)
    )


def _hold(writing: Writing, subject: Subject, doubt: PossibleDuplicate) -> None:
    """Show the others in the Held list beside the record; what is there already stays as it is."""
    kind, run = writing.mapping.object_type, writing.run
    rows = []
    for one in doubt.alike:
        if one.owner is not None:
            continue
        incoming = read_incoming(one.remote.properties, writing.mapping)
        columns = incoming.columns
        candidate = {"record_id": subject.record_id, "evidence": list(one.evidence), "points": one.points}
        rows.append(
            (
                *(run.connection_id, kind, one.remote.id),
                display_name(kind, one.remote.id, one.remote.properties),
                *(columns.get(name) for name in ("email_key", "domain_key", "phone_key", "name_key")),
                *(incoming.raw, "held", IN_DOUBT, {"candidates": [candidate], "work": list(doubt.work)}),
                *(one.remote.updated_at, writing.now, run.id),
            )
        )
    table: Any = RemoteObject.__table__
    insert_missing_rows(writing.session, table, _REMOTE_COLUMNS, rows)


def _doubtful_entry(kind: ObjectType, subject: Subject, own_id: str, doubt: PossibleDuplicate) -> Entry:
    shown = [_shown(one, kind) for one in doubt.alike]
    return Entry(
        *(subject.record_id, own_id, name_of(subject, kind), outcomes.HELD, IN_DOUBT),
        detail={"candidates": shown, "work": list(doubt.work)},
    )


def _shown(one: Alike, kind: ObjectType) -> dict[str, Any]:
    shown = {
        "remote_id": one.remote.id,
        "name": display_name(kind, one.remote.id, one.remote.properties),
        "evidence": list(one.evidence),
        "points": one.points,
    }
    return shown | ({"record_id": one.owner} if one.owner is not None else {})


def _refused_entry(subject: Subject, refusal: Refusal, kind: ObjectType) -> Entry:
    remote_id = subject.link.remote_id if subject.link is not None else None
    return Entry(
        *(subject.record_id, remote_id, name_of(subject, kind), outcomes.FAILED, refusal.reason),
        detail=refusal_detail(refusal, {}),
    )
