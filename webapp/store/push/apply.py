"""Writes what became of what a push announced, in the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.domain.links.base import Base
from webapp.domain.links.facts import LinkFacts
from webapp.domain.push.result import Result
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.models import HeldRecord, Link, RemoteObject, Run
from webapp.store.database.bulk import insert_rows, replace_rows, update_rows
from webapp.store.database.lists import among
from webapp.store.duplicates import held_apart, pairs
from webapp.store.links import generations, questions, waiting
from webapp.store.links.linked_flags import mark_linked
from webapp.store.links.links import stamp
from webapp.store.push import announced_associations, announced_writes, outbox
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
    """The identity under which a push's results are written: run, fence, type and time."""

    connection_id: int
    run_id: int
    fence: int
    object_type: ObjectType
    now: datetime


def write_results(
    session: Session, run: Run, batch: Batch, results: Sequence[Result], checkpoint: Checkpoint
) -> None:
    """Write results: links, what was announced or held, edits, log, counts; `lock_run` gives `run`."""
    in_order = sorted(results, key=lambda result: result.local.id)
    sent = [result.local.id for result in in_order if result.is_write]
    generation = generations.raise_generation(session, batch.connection_id) if sent else 0
    _write_links(session, batch, in_order, generation)
    taken = _take_announced(session, batch, in_order)
    _keep_apart(session, batch, in_order)
    _write_held(session, batch, in_order)
    _forget_unlinked(session, batch, in_order)
    _look_again(session, batch, in_order)
    read = {one.local.id: one.local.unsent_version for one in in_order if one.local.unsent_version}
    outbox.mark_pushed(session, batch.connection_id, batch.object_type, batch.run_id, read)
    later = [one.local.id for one in in_order if one.may_pass]
    outbox.keep_for_later(session, run, batch.object_type, later, batch.now)
    log_results(session, run, batch, _unlogged(in_order, taken), checkpoint)


def log_results(
    session: Session, run: Run, batch: Batch, results: Sequence[Result], checkpoint: Checkpoint
) -> None:
    """Write the log entries of results, what they add to the counts, and the checkpoint behind them."""
    entries = [entry for result in results for entry in _entries(result, batch.object_type)]
    last_seq = write_entries(session, run, batch.now, batch.object_type, entries)
    # As the log has it, where what an earlier call has changed stands apart.
    counts = added_up(run.counts, batch.object_type, [entry.outcome for entry in entries])
    write_checkpoint(session, run, checkpoint, batch.now, counts=counts, last_seq=last_seq)


def _write_links(session: Session, batch: Batch, results: Sequence[Result], generation: int) -> None:
    """Write what the links remember; a new one begins with the generation in which its object was written."""
    table: Any = Link.__table__
    created, updated, written, stamped, unchanged = [], [], [], [], []
    outdated = {result.local.id for result in results if result.is_write}
    for result in results:
        link = result.local.link
        last = (batch.run_id, result.outcome, result.reason)
        if link is not None and _is_as_before(result, link):
            unchanged.append(link.id)
        elif result.link_state == "linked" and result.base is not None and result.remote is not None:
            row = (
                *(result.remote.id, "linked", result.base.local_seen, result.base.remote_seen),
                *(result.remote.updated_at, batch.now, *last),
            )
            if link is None:
                new = (batch.connection_id, batch.object_type, result.local.id, batch.now)
                created.append((*new, generation if result.is_write else 0, *row))
            elif result.is_write:
                written.append((*row, generation, link.id))
            else:
                updated.append((*row, link.id))
            outdated.discard(result.local.id)
        elif link is not None:
            stamped.append((result.link_state or link.state, *last, link.id))
    shared = ("connection_id", "object_type", "record_id", "linked_at", "generation")
    insert_rows(session, table, (*shared, *_LINK_COLUMNS), created)
    mark_linked(session, batch.object_type, [record_id for _, _, record_id, *_ in created])
    update_rows(session, table, _LINK_COLUMNS, updated)
    update_rows(session, table, (*_LINK_COLUMNS, "generation"), written)
    generations.stamp(session, batch.connection_id, batch.object_type, outdated, generation)
    update_rows(session, table, ("state", "last_run_id", "last_outcome", "last_reason"), stamped)
    stamp(
        session,
        unchanged,
        pushed_at=batch.now,
        last_run_id=batch.run_id,
        last_outcome=outcomes.UNCHANGED,
        last_reason=None,
    )


def _is_as_before(result: Result, link: LinkFacts) -> bool:
    """Whether a link has nothing to remember but that it was looked at."""
    return (
        result.outcome == outcomes.UNCHANGED
        and result.reason is None
        and link.state == "linked"
        and result.base == Base(link.local_seen, link.remote_seen)
        and result.remote is not None
        and result.remote.updated_at == link.remote_updated_at
    )


def _take_announced(session: Session, batch: Batch, results: Sequence[Result]) -> set[int]:
    """What was announced has come to its end; the records that no log has yet."""
    of_type, run_id = (batch.connection_id, batch.object_type), batch.run_id
    creates = [result.local.id for result in results if _ends_create(result)]
    updates = [result.local.id for result in results if _ends_update(result)]
    made = announced_writes.take(session, "create", *of_type, run_id=run_id, record_ids=creates)
    changed = announced_writes.take(session, "update", *of_type, run_id=run_id, record_ids=updates)
    if batch.object_type == "contacts":
        created = [one.local.id for one in results if one.local.announced_at and _ends_company(one)]
        announced_associations.forget_created(session, batch.connection_id, created)
    return {
        result.local.id
        for result in results
        if result.local.id in (made if result.outcome == outcomes.CREATED else changed)
    }


def _ends_company(result: Result) -> bool:
    """Whether it is known of an object that was to be made with its company that it was, or was not.

    It is not where the object was found again after a lost answer, or was linked by another run.
    """
    is_found_again = result.outcome == outcomes.CREATED and not result.has_company
    return not is_found_again and result.outcome != outcomes.SKIPPED


def _unlogged(results: Sequence[Result], taken: Collection[int]) -> list[Result]:
    """The results less what somebody who met the object has written to this log already."""
    left = []
    for result in results:
        if not result.is_write or result.local.id in taken:
            left.append(result)
        elif result.outcome not in (outcomes.CREATED, outcomes.UPDATED):
            left.append(structs.replace(result, regained=()))
    return left


def _ends_create(result: Result) -> bool:
    """Whether a create that was announced exists, or HubSpot has refused it."""
    if result.local.announced_at is None or result.is_unsettled:
        return False
    is_answered = result.is_refused or result.outcome in (outcomes.FAILED, outcomes.CREATED)
    return is_answered or result.link_state == "linked"


def _ends_update(result: Result) -> bool:
    """Whether an update that was announced has ended: HubSpot answered it, or its effect was seen."""
    if result.is_unsettled:
        return False
    is_answered = result.is_refused or result.base is not None or result.outcome == outcomes.FAILED
    return is_answered or bool(result.logged_changes) or result.link_state == "gone"


def _keep_apart(session: Session, batch: Batch, results: Sequence[Result]) -> None:
    """Remember that records made by a person's decision are none of the objects that were in question."""
    made = [
        result.local.id
        for result in results
        if result.outcome == outcomes.CREATED and (result.local.decision or {}).get("verb") == "create"
    ]
    if made:
        of_type = batch.connection_id, batch.object_type
        beside = held_apart.keep_made_beside(session, *of_type, made, batch.now)
        pairs.keep_held_apart(session, *of_type, beside)


def _write_held(session: Session, batch: Batch, results: Sequence[Result]) -> None:
    """Store which records wait for a person, and delete those that no longer do."""
    table: Any = HeldRecord.__table__
    held = [result for result in results if result.outcome == outcomes.HELD]
    rows = [
        (
            *(batch.connection_id, batch.object_type, result.local.id, result.reason, result.detail, None),
            *(batch.now, batch.run_id),
        )
        for result in held
    ]
    replace_rows(session, table, _HELD_COLUMNS, _HELD_COLUMNS[:3], rows)
    linked_ids = [result.local.id for result in results if result.link_state == "linked"]
    if linked_ids:
        session.execute(
            delete(HeldRecord)
            .where(
                HeldRecord.connection_id == batch.connection_id,
                HeldRecord.object_type == batch.object_type,
                among(session, HeldRecord.record_id, linked_ids),
            )
            .execution_options(synchronize_session=False)
        )


def _forget_unlinked(session: Session, batch: Batch, results: Sequence[Result]) -> None:
    """Objects that are linked now are no longer among those left unlinked."""
    linked = [result.remote.id for result in results if result.remote and not result.local.is_linked]
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


def _look_again(session: Session, batch: Batch, results: Sequence[Result]) -> None:
    """What rested on records that are linked now is looked at again: contacts that waited, held objects."""
    came = [one for one in results if one.link_state == "linked" and not one.local.is_linked]
    questions.ask_again(session, batch.object_type, [one.local.id for one in came], batch.now)
    if batch.object_type == "companies":
        ids = [one.remote.id for one in came if one.remote is not None]
        waiting.company_linked(session, batch.connection_id, ids, batch.now)
        relinked = [one for one in results if one.link_state == "linked" and one.reason == "relinked"]
        outbox.add_contacts_of(session, [one.local.id for one in (*came, *relinked)], batch.now)


def _entries(result: Result, object_type: ObjectType) -> list[Entry]:
    """The log entries of a result; what an earlier call has changed stands apart where this one did not."""
    is_change = result.outcome in (outcomes.CREATED, outcomes.UPDATED)
    name = record_name(object_type, result.local.values)[:LONGEST_NAME]
    changes = result.logged_changes if is_change else []
    entry = Entry(
        *(result.local.id, result.remote_id, name, result.outcome, result.reason),
        *(changes or None, result.detail),
    )
    if is_change or not result.logged_changes:
        return [entry]
    earlier = Entry(result.local.id, result.remote_id, name, outcomes.UPDATED, None, result.logged_changes)
    return [earlier, entry]
