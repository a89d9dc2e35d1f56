"""Writes what a push announces, and what became of it, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.domain.links.base import Base
from webapp.domain.links.facts import LinkFacts
from webapp.domain.push.step import Local, Step
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.models import AnnouncedCreate, AnnouncedUpdate, HeldRecord, Link, RemoteObject, Run
from webapp.store.database.bulk import insert_missing_rows, insert_rows, replace_rows, update_rows
from webapp.store.database.lists import among
from webapp.store.links.linked import note_linked
from webapp.store.links.links import stamp
from webapp.store.push import outbox
from webapp.store.records.records import TABLES
from webapp.store.runs.checkpoint import Checkpoint, write_checkpoint
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import LONGEST_NAME, Entry

_LINK_COLUMNS = (
    *("remote_id", "state", "local_seen", "remote_seen", "remote_updated_at"),
    *("pushed_at", "last_run_id", "last_outcome", "last_reason"),
)
_HELD_COLUMNS = (
    "connection_id",
    "object_type",
    "record_id",
    "reason",
    "detail",
    "decision",
    "held_at",
    "run_id",
)


class Batch(Struct, frozen=True):
    """What a batch of steps is written under."""

    connection_id: int
    run_id: int
    object_type: ObjectType
    now: datetime


def announce(session: Session, batch: Batch, steps: Sequence[Step]) -> None:
    """Say what is about to be made and changed.

    So a lost answer is looked into before a create is repeated, and what HubSpot held before a change stays
    known even if nobody is left to write the log.
    """
    _announce_creates(session, batch, [step.local for step in steps if step.verb == "create"])
    table: Any = AnnouncedUpdate.__table__
    columns = ("connection_id", "object_type", "record_id", "changes")
    rows = [
        (batch.connection_id, batch.object_type, step.local.id, [*step.regained, *step.changes])
        for step in steps
        if step.verb == "update"
    ]
    replace_rows(session, table, columns, columns[:3], rows)


def _announce_creates(session: Session, batch: Batch, locals_: Sequence[Local]) -> None:
    _give_uuids(session, batch.object_type, [local for local in locals_ if local.is_unnamed])
    table: Any = AnnouncedCreate.__table__
    columns = ("connection_id", "object_type", "record_id", "key", "run_id", "announced_at")
    rows = [
        (batch.connection_id, batch.object_type, local.id, local.uuid, batch.run_id, batch.now)
        for local in locals_
    ]
    insert_missing_rows(session, table, columns, rows)


def _give_uuids(session: Session, object_type: ObjectType, locals_: Sequence[Local]) -> None:
    """Keep the uuids that were made up; where another push has given one meanwhile, that one is taken."""
    if not locals_:
        return
    table: Any = TABLES[object_type]
    of_these = select(table.id, table.uuid).where(among(session, table.id, [one.id for one in locals_]))
    given = {record_id: uuid for record_id, uuid in session.execute(of_these.with_for_update()) if uuid}
    unnamed = [(one.uuid, one.id) for one in locals_ if one.id not in given]
    update_rows(session, table.__table__, ("uuid",), unnamed)
    for local in locals_:
        local.uuid = given.get(local.id, local.uuid)


def write_steps(
    session: Session, run: Run, batch: Batch, steps: Sequence[Step], checkpoint: Checkpoint
) -> None:
    """Write settled steps: links, what was announced or held, edits, log, counts; `lock_run` gives `run`."""
    in_order = sorted(steps, key=lambda step: step.local.id)
    _write_links(session, batch, in_order)
    _forget_announced(session, batch, in_order)
    _write_held(session, batch, in_order)
    _forget_unlinked(session, batch, in_order)
    read = {one.id: one.unsent_version for one in (step.local for step in in_order) if one.unsent_version}
    outbox.note_pushed(session, batch.connection_id, batch.object_type, batch.run_id, read)
    tell_steps(session, run, batch, in_order, checkpoint)


def tell_steps(
    session: Session, run: Run, batch: Batch, steps: Sequence[Step], checkpoint: Checkpoint
) -> None:
    """Write what the log says of steps, what they add to the counts, and the checkpoint behind them."""
    entries = [_entry(step, batch.object_type) for step in steps]
    last_seq = write_entries(session, run, batch.now, batch.object_type, entries)
    counts = added_up(run.counts, batch.object_type, [step.outcome for step in steps])
    write_checkpoint(session, run, checkpoint, batch.now, counts=counts, last_seq=last_seq)


def _write_links(session: Session, batch: Batch, steps: Sequence[Step]) -> None:
    table: Any = Link.__table__
    created, updated, stamped, unchanged = [], [], [], []
    for step in steps:
        link = step.local.link
        last = (batch.run_id, step.outcome, step.reason)
        if link is not None and _is_as_before(step, link):
            unchanged.append(link.id)
        elif step.link_state == "linked" and step.base is not None and step.theirs is not None:
            row = (
                *(step.theirs.id, "linked", step.base.local_seen, step.base.remote_seen),
                *(step.theirs.updated_at, batch.now, *last),
            )
            if link is None:
                created.append((batch.connection_id, batch.object_type, step.local.id, batch.now, *row))
            else:
                updated.append((*row, link.id))
        elif link is not None:
            stamped.append((step.link_state or link.state, *last, link.id))
    shared = ("connection_id", "object_type", "record_id", "linked_at")
    insert_rows(session, table, (*shared, *_LINK_COLUMNS), created)
    note_linked(session, batch.object_type, [record_id for _, _, record_id, *_ in created])
    update_rows(session, table, _LINK_COLUMNS, updated)
    update_rows(session, table, ("state", "last_run_id", "last_outcome", "last_reason"), stamped)
    stamp(
        session,
        unchanged,
        pushed_at=batch.now,
        last_run_id=batch.run_id,
        last_outcome=outcomes.UNCHANGED,
        last_reason=None,
    )


def _is_as_before(step: Step, link: LinkFacts) -> bool:
    """Whether a link has nothing to remember but that it was looked at."""
    return (
        step.outcome == outcomes.UNCHANGED
        and step.reason is None
        and link.state == "linked"
        and step.base == Base(link.local_seen, link.remote_seen)
        and step.theirs is not None
        and step.theirs.updated_at == link.remote_updated_at
    )


def _forget_announced(session: Session, batch: Batch, steps: Sequence[Step]) -> None:
    """What was announced is settled: it exists and is linked, or HubSpot refused it."""
    ids = [
        step.local.id
        for step in steps
        if step.local.announced_at and (step.outcome == outcomes.FAILED or step.link_state == "linked")
    ]
    _forget(session, batch, AnnouncedCreate, ids)
    told = [step.local.id for step in steps if step.changes or step.regained or step.local.unlogged]
    _forget(session, batch, AnnouncedUpdate, told)


def _forget(session: Session, batch: Batch, table: Any, record_ids: list[int]) -> None:
    if record_ids:
        session.execute(
            delete(table)
            .where(
                table.connection_id == batch.connection_id,
                table.object_type == batch.object_type,
                among(session, table.record_id, record_ids),
            )
            .execution_options(synchronize_session=False)
        )


def _write_held(session: Session, batch: Batch, steps: Sequence[Step]) -> None:
    """Who waits for a person, and who does not any more."""
    table: Any = HeldRecord.__table__
    held = [step for step in steps if step.outcome == outcomes.HELD]
    rows = [
        (
            *(batch.connection_id, batch.object_type, step.local.id, step.reason, step.detail, None),
            *(batch.now, batch.run_id),
        )
        for step in held
    ]
    replace_rows(session, table, _HELD_COLUMNS, _HELD_COLUMNS[:3], rows)
    settled = [step.local.id for step in steps if step.link_state == "linked"]
    if settled:
        session.execute(
            delete(HeldRecord)
            .where(
                HeldRecord.connection_id == batch.connection_id,
                HeldRecord.object_type == batch.object_type,
                among(session, HeldRecord.record_id, settled),
            )
            .execution_options(synchronize_session=False)
        )


def _forget_unlinked(session: Session, batch: Batch, steps: Sequence[Step]) -> None:
    """Objects that are linked now are no longer among those left unlinked."""
    linked = [step.theirs.id for step in steps if step.theirs and step.local.link is None]
    if linked:
        session.execute(
            delete(RemoteObject)
            .where(
                RemoteObject.connection_id == batch.connection_id,
                RemoteObject.object_type == batch.object_type,
                among(session, RemoteObject.remote_id, linked),
            )
            .execution_options(synchronize_session=False)
        )


def _entry(step: Step, object_type: ObjectType) -> Entry:
    name = record_name(object_type, step.local.values)[:LONGEST_NAME]
    return Entry(
        *(step.local.id, step.remote_id or None, name, step.outcome, step.reason),
        *([*step.regained, *step.changes] or None, step.detail),
    )
