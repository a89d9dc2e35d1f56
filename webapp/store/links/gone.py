"""Marks links whose object HubSpot has proved to be gone, with the log, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.domain.links.facts import DELETED_HERE, PERSON_ERASED
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.models import Link, RemoteObject, Run
from webapp.store.database.lists import among
from webapp.store.links import questions, tombstones, waiting
from webapp.store.links.links import stamp
from webapp.store.records.records import TABLES
from webapp.store.runs.checkpoint import Checkpoint
from webapp.store.runs.entries import log_page
from webapp.store.runs.entry import LONGEST_NAME, Entry


def mark(
    session: Session,
    run: Run,
    object_type: ObjectType,
    remote_ids: Sequence[str],
    *,
    checkpoint: Checkpoint,
    now: datetime,
) -> None:
    """The records keep their data and their link, which says "gone" from now on.

    Nobody is asked any more about objects that were not linked, nor does anybody wait for them.
    """
    link_ids = log(session, run, object_type, remote_ids, checkpoint=checkpoint, now=now)
    stamp(
        session,
        link_ids,
        state="gone",
        last_run_id=run.id,
        last_outcome=outcomes.SKIPPED,
        last_reason="gone_in_hubspot",
    )
    forget_unlinked(session, run.connection_id, object_type, remote_ids, now)


def forget_unlinked(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str], now: datetime
) -> None:
    """Forget objects that are not there any more, with the questions that they asked about records here.

    Contacts that waited for such a company are looked at: they may have another one by now.
    """
    questions.write(session, connection_id, object_type, {}, closed=remote_ids)
    session.execute(
        delete(RemoteObject)
        .where(
            RemoteObject.connection_id == connection_id,
            RemoteObject.object_type == object_type,
            # A tombstone stays: what HubSpot restores must not come back here either.
            RemoteObject.reason.not_in((DELETED_HERE, PERSON_ERASED)),
            among(session, RemoteObject.remote_id, remote_ids),
        )
        .execution_options(synchronize_session=False)
    )
    if object_type == "companies":
        waiting.company_gone(session, connection_id, remote_ids, now)


def forget_merged(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    merged: Sequence[str],
    linked: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Forget objects that HubSpot has merged into others, with their questions.

    Args:
        session: The transaction.
        connection_id: Whose objects.
        object_type: Of which type.
        merged: Those that went into an object without a record here.
        linked: Those that are a linked record's now. With their tombstones: nothing is left to bring back.
        now: The present time.
    """
    of_type = (RemoteObject.connection_id == connection_id, RemoteObject.object_type == object_type)
    query = select(RemoteObject.remote_id, RemoteObject.reason).where(
        *of_type, among(session, RemoteObject.remote_id, sorted({*merged, *linked}))
    )
    # Objects bear the ids of those that went into them for ever; mostly nothing is kept of these.
    found = {row.remote_id: row.reason for row in session.execute(query)}
    if not found:
        return
    forget_unlinked(session, connection_id, object_type, sorted(found), now)
    buried = [one for one in linked if found.get(one) == DELETED_HERE]
    tombstones.forget(session, connection_id, object_type, buried)


def log(
    session: Session,
    run: Run,
    object_type: ObjectType,
    remote_ids: Sequence[str],
    *,
    checkpoint: Checkpoint,
    now: datetime,
) -> list[int]:
    """Log it alone, as a preview does; returns the links whose records are concerned."""
    table: Any = TABLES[object_type]
    query = (
        select(Link.id, Link.remote_id, table)
        .join(table, table.id == Link.record_id)
        .where(
            Link.connection_id == run.connection_id,
            Link.object_type == object_type,
            Link.state == "linked",
            among(session, Link.remote_id, remote_ids),
        )
        .order_by(Link.id)
    )
    found = session.execute(query).all()
    entries = [
        Entry(
            *(record.id, remote_id, record_name(object_type, vars(record))[:LONGEST_NAME]),
            *(outcomes.SKIPPED, "gone_in_hubspot"),
        )
        for _, remote_id, record in found
    ]
    log_page(session, run, now, object_type, entries, checkpoint=checkpoint)
    return [link_id for link_id, _, _ in found]
