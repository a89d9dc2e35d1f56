"""Pull: all companies, then all contacts, page by page, from the checkpoint on.

A slice reads the next pages while those before are written, and stops reading ahead when its time is up, so
that no page is ever read for nothing.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import to_builtins

from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import Page, RemoteObject
from webapp.store.connection import connections
from webapp.store.mapping import mappings
from webapp.store.rules import rules
from webapp.store.runs.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.usecases.pull.apply import Target, UnknownCompaniesError, apply_page
from webapp.usecases.pull.look import as_remote
from webapp.usecases.pull.read_ahead import Pages, Position, ReadAhead
from webapp.usecases.runs.publish import run_changed
from webapp.usecases.runs.slices import Lease

# What has been read is still written, and takes this long at most where nothing else is slow.
_TO_WRITE_S = 0.25


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Pull until the slice's time is up. True when everything has been pulled."""
    position = Position(**lease.checkpoint) if lease.checkpoint else _begin(lease, client)
    targets = _targets(lease)

    def list_page(where: Position) -> Page:
        wanted = targets[where.object_type].mapping.properties
        return client.list_page(where.object_type, wanted, where.after)

    with ReadAhead(
        list_page,
        lease.kinds[-1],
        is_over=lambda: lease.is_over(-_TO_WRITE_S),
        is_anybody_waiting=lease.services.database.is_anybody_waiting_to_write,
    ) as ahead:

        def read_companies(ids: Sequence[str]) -> list[RemoteObject]:
            wanted = targets["companies"].mapping.properties
            return ahead.call(client.batch_read, "companies", ids, wanted).results

        for read in ahead.pages(position):
            _apply_read(lease, read_companies, targets, read)
            position = read.following
    if position.is_end:
        _finish(lease, position)
    return position.is_end


def _begin(lease: Lease, client: HubSpotClient) -> Position:
    """Learn how much there is, and HubSpot's time, before the first page."""
    kinds = lease.kinds
    totals = {kind: client.search(kind, [], limit=1).total for kind in kinds}
    position = Position(object_type=kinds[0], started_at=client.server_time().isoformat())
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        write_checkpoint(session, run, _checkpoint(lease, position), datetime.now(UTC), totals=totals)
    run_changed(lease.services, lease.run_id)
    return position


def _targets(lease: Lease) -> dict[ObjectType, Target]:
    targets: dict[ObjectType, Target] = {}
    with lease.services.database.reading() as session:
        for kind in OBJECT_TYPES:
            mapping = mappings.load(session, lease.connection_id, kind)
            if lease.fields is not None:
                if not lease.fields.get(kind):
                    continue
                mapping = mapping.narrowed(lease.fields[kind])
            rule = rules.load(session, lease.connection_id, kind, "in")
            targets[kind] = Target(
                lease.services,
                lease.run_id,
                lease.fence,
                lease.connection_id,
                mapping=mapping,
                rule=rule,
                is_preview=lease.is_preview,
            )
    return targets


def _apply_read(
    lease: Lease,
    read_companies: Callable[[Sequence[str]], list[RemoteObject]],
    targets: dict[ObjectType, Target],
    read: Pages,
) -> None:
    """Write what was read; companies made in HubSpot after the companies were read go before contacts."""
    target = targets[read.position.object_type]
    remotes = [as_remote(found) for found in read.results]
    behind = _checkpoint(lease, read.following)
    try:
        apply_page(target, remotes, behind, needs_companies=lease.fields is None)
    except UnknownCompaniesError as unknown:
        lease.give_back(behind.usage)
        for ids in in_batches(unknown.ids):
            companies = [as_remote(found) for found in read_companies(ids)]
            if companies:
                apply_page(targets["companies"], companies, _checkpoint(lease, read.position))
        apply_page(target, remotes, _checkpoint(lease, read.following))
    run_changed(lease.services, lease.run_id)


def _finish(lease: Lease, position: Position) -> None:
    """The first pull sets the watermark: HubSpot's time when it began. No preview does, nor some fields."""
    if lease.fields is not None or lease.is_preview:
        return
    started_at = datetime.fromisoformat(position.started_at) if position.started_at else datetime.now(UTC)
    with lease.services.database.writing() as session:
        lock_run(session, lease.run_id, lease.fence)
        connections.note_first_pull(session, lease.connection_id, watermark=started_at, now=datetime.now(UTC))


def _checkpoint(lease: Lease, position: Position) -> Checkpoint:
    as_data: dict[str, Any] = to_builtins(position)
    return Checkpoint(as_data, lease.take_usage())
