"""Writes down what a push is about to do in HubSpot, ahead of the calls, in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.connection.own_keys import has_prefix, new_key
from webapp.domain.push.associations import Announced
from webapp.domain.push.facts import Local
from webapp.domain.push.plan import Create, Sendable, Update, company_inside
from webapp.domain.push.result import Result
from webapp.domain.records.fields import ObjectType
from webapp.errors import OutdatedReadError
from webapp.models import AnnouncedCreate, AnnouncedUpdate
from webapp.store.database.bulk import replace_rows, update_rows
from webapp.store.database.lists import among
from webapp.store.links import generations
from webapp.store.push import announced_associations, announced_writes, creation_checks
from webapp.store.push.apply import Batch
from webapp.store.records import installation
from webapp.store.records.records import TABLES


def refuse_outdated_reads(
    session: Session, batch: Batch, found: Sequence[Sendable | Result], generation: int
) -> None:
    """Refuse to write on the ground of reads that a write of ours has overtaken, or is about to.

    Args:
        session: The session, in whose transaction the write is announced.
        batch: The batch of the run that is about to write.
        found: The records, with what was read of their objects.
        generation: The portal's counter of our writes, taken before the objects were read.

    Raises:
        OutdatedReadError: A later write of ours went to one of them, or another run is writing to one.
    """
    record_ids = [one.local.id for one in found]
    linked = [one.local.link.remote_id for one in found if one.local.link is not None]
    met = [one.remote.id for one in found if one.remote is not None]
    of_type = (batch.connection_id, batch.object_type)
    has_newer = generations.has_written_since(
        session, *of_type, record_ids=record_ids, remote_ids=[*linked, *met], since=generation
    )
    of_properties = announced_writes.in_flight(
        session, *of_type, record_ids, but_of_run=batch.run_id, kinds=announced_writes.PROPERTIES
    )
    if has_newer or of_properties:
        raise OutdatedReadError


def refuse_deleted_records(session: Session, batch: Batch, found: Sequence[Sendable | Result]) -> None:
    """Refuse to make anything for a record that was deleted here since it was read.

    On PostgreSQL the records stay locked until the commit: a deletion has to wait, and then finds the
    announcement. Deletions and pushes both lock the portal's counter of writes before any record, so that
    they cannot wait for each other in a circle.

    Raises:
        OutdatedReadError: One of them is not here.
    """
    table: Any = TABLES[batch.object_type]
    ids = sorted({one.local.id for one in found})
    query = select(table.id).where(among(session, table.id, ids)).order_by(table.id)
    if set(session.scalars(query.with_for_update(read=True, key_share=True))) != set(ids):
        raise OutdatedReadError


def announce(session: Session, batch: Batch, plans: Sequence[Sendable]) -> dict[int, str]:
    """Write down what is about to be made and changed, and outdate what was read before.

    A create is then repeated only after a search for what it may have made, and what HubSpot held before a
    change stays known even if the worker that was to write the log has died.

    Returns:
        By record, the uuids that objects are made with.
    """
    updates = [plan for plan in plans if isinstance(plan, Update)]
    _raise_generation_of(session, batch, updates)
    creates = [plan for plan in plans if isinstance(plan, Create)]
    uuids = _announce_creates(session, batch, creates)
    _announce_companies(session, batch, creates)
    table: Any = AnnouncedUpdate.__table__
    columns = ("connection_id", "object_type", "record_id", "run_id", "fence", "remote_id", "changes")
    rows = [
        (
            *(batch.connection_id, batch.object_type, plan.local.id, batch.run_id, batch.fence),
            *(plan.remote.id, [*plan.regained, *plan.changes]),
        )
        for plan in updates
    ]
    replace_rows(session, table, columns, columns[:3], rows)
    return uuids


def _announce_companies(session: Session, batch: Batch, creates: Sequence[Create]) -> None:
    """Write down with which companies objects are made, in the same call."""
    inside = [
        Announced(
            id=0,
            run_id=batch.run_id,
            contact_id=plan.local.id,
            contact_remote_id=None,
            company_id=company_id,
            company_remote_id=company,
            before=None,
            was_associated=False,
            announced_at=batch.now,
        )
        for plan in creates
        if (company := company_inside(plan, batch.object_type)) is not None
        and isinstance(company_id := plan.local.values.get("company_id"), int)
    ]
    announced_associations.announce(
        session, batch.connection_id, (batch.run_id, batch.fence), inside, batch.now
    )


def _raise_generation_of(session: Session, batch: Batch, updates: Sequence[Update]) -> None:
    """Count a write to these objects, so that nothing that was read of them before is applied any more."""
    of_type = (batch.connection_id, batch.object_type)
    generation = generations.raise_for(session, *of_type, [plan.local.id for plan in updates])
    if generation is not None:
        unlinked = [
            plan.remote.id
            for plan in updates
            if plan.local.link is None or plan.local.link.remote_id != plan.remote.id
        ]
        generations.record_unlinked(session, *of_type, unlinked, generation=generation, now=batch.now)


def _announce_creates(session: Session, batch: Batch, plans: Sequence[Create]) -> dict[int, str]:
    """Write down what is about to be made; the uuids that the objects get as their keys, by record.

    What another run announced and was not found is this run's to make, and to log.
    """
    locals_ = [plan.local for plan in plans]
    prefix = installation.key_prefix(session) if locals_ else ""
    # Where no create was announced, no object in HubSpot has the uuid: one without our prefix is replaced.
    to_rekey = [one for one in locals_ if one.announced_at is None and not has_prefix(one.uuid, prefix)]
    kept = _kept_uuids(session, batch.object_type, to_rekey, prefix)
    uuids = {local.id: local.uuid for local in locals_} | kept
    table: Any = AnnouncedCreate.__table__
    columns = (
        *("connection_id", "object_type", "record_id", "key", "run_id", "fence", "changes", "announced_at"),
    )
    rows = [
        (
            *(batch.connection_id, batch.object_type, plan.local.id, uuids[plan.local.id], batch.run_id),
            *(batch.fence, list(plan.changes), plan.local.announced_at or batch.now),
        )
        for plan in plans
    ]
    replace_rows(session, table, columns, columns[:3], rows)
    to_check = _made_on_a_search(batch, locals_)
    creation_checks.add(
        session, batch.connection_id, batch.object_type, to_check, run_id=batch.run_id, now=batch.now
    )
    return uuids


def _made_on_a_search(batch: Batch, locals_: Sequence[Local]) -> list[int]:
    """The records whose creation is to be checked, since only a search says that they are not in HubSpot.

    A contact with an address needs no check: HubSpot takes an address only once.
    """
    is_contact = batch.object_type == "contacts"
    return [local.id for local in locals_ if not (is_contact and local.key)]


def _kept_uuids(
    session: Session, object_type: ObjectType, locals_: Sequence[Local], prefix: str
) -> dict[int, str]:
    """Keep new uuids of ours; where another push has given a record one meanwhile, that one counts."""
    if not locals_:
        return {}
    table: Any = TABLES[object_type]
    read = {local.id: "" if local.is_unnamed else local.uuid for local in locals_}
    of_these = select(table.id, table.uuid).where(among(session, table.id, list(read)))
    rows = session.execute(of_these.with_for_update())
    given = {record_id: uuid for record_id, uuid in rows if uuid and uuid != read[record_id]}
    made = {record_id: new_key(prefix) for record_id in read if record_id not in given}
    update_rows(session, table.__table__, ("uuid",), [(uuid, record_id) for record_id, uuid in made.items()])
    return made | given
