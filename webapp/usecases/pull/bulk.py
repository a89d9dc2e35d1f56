"""Pull: all companies, then all contacts, page by page, from the checkpoint on.

A slice reads the next pages while those before are written. When its time is up it stops reading ahead,
unless nobody else waits for the worker.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog
from msgspec import to_builtins

from webapp.domain.pull.facts import Remote
from webapp.domain.pull.plan import Linking, When
from webapp.domain.pull.reading.parts import count_differs
from webapp.domain.reconcile.schedule import watermark_from
from webapp.domain.records.fields import ObjectType
from webapp.hubspot.client import HubSpotClient
from webapp.store.pull.context import Context
from webapp.store.runs import runs
from webapp.store.runs.checkpoint import lock_run, write_checkpoint
from webapp.usecases.mapping import definitions
from webapp.usecases.pull.concluding import behind_page, concluded
from webapp.usecases.pull.context import contexts_of
from webapp.usecases.pull.look import as_remotes, as_unreadable, generation_now
from webapp.usecases.pull.reading.listing import reading_ahead
from webapp.usecases.pull.reading.position import Position
from webapp.usecases.pull.with_companies import apply_with_companies, by_looking
from webapp.usecases.push.sending.client_pool import ClientPool
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.overtime import Overtime
from webapp.usecases.runs.publish import run_changed

# What has been read is still written, and takes this long at most where nothing else is slow.
TO_WRITE_S = 0.25

_log = structlog.get_logger()


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Pull until the slice's time is up. True when everything has been pulled."""
    position = lease.position(Position) if lease.checkpoint else _begin(lease, client)
    contexts = contexts_of(lease, linking=Linking(When.ADDRESSED_AT_ONCE))
    generation = generation_now(lease.services, lease.connection_id)
    totals = _totals(lease)
    with reading_ahead(
        lease,
        client,
        position,
        properties={kind: contexts[kind].mapping.properties for kind in lease.kinds},
        count=lambda kind: totals.get(kind, 0),
        is_over=Overtime(lease, before_s=TO_WRITE_S).is_over,
        has_waiting_writer=lease.services.database.has_waiting_writer,
    ) as ahead:
        look = by_looking(lease, client, contexts)

        def read_objects(kind: ObjectType, ids: Sequence[str]) -> Sequence[Remote]:
            return ahead.call(look, kind, ids)

        position = concluded(lease, contexts, position, read_objects)
        for read in ahead.pages(position) if position.concluding is None else ():
            kind = read.position.object_type
            position = behind_page(kind, read.following)
            apply_with_companies(
                lease,
                contexts,
                kind,
                [*as_remotes(read.results, generation), *as_unreadable(read.unreadable)],
                to_builtins(position),
                read_objects=read_objects,
            )
            run_changed(lease.services, lease.run_id)
            lease.keep_measured()
            position = concluded(lease, contexts, position, read_objects)
            if position.concluding is not None:
                break
    if is_done := position.is_end and position.concluding is None:
        _warn_of_counts(lease, totals)
        _finish(lease, contexts[lease.kinds[-1]], position)
    return is_done


def _begin(lease: Lease, client: HubSpotClient) -> Position:
    """Learn how much there is, and HubSpot's time, before the first page."""
    definitions.refresh(lease.services, lease.connection_id, client=client)
    kinds = lease.kinds
    totals = _counted(lease, client)
    started_at = watermark_from(client.server_time(), datetime.now(UTC))
    position = Position(object_type=kinds[0], started_at=started_at.isoformat())
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        write_checkpoint(session, run, lease.checkpoint_at(position), datetime.now(UTC), totals=totals)
    run_changed(lease.services, lease.run_id)
    return position


def _counted(lease: Lease, client: HubSpotClient) -> dict[ObjectType, int]:
    """How many objects HubSpot's search knows, which lags; all types at once."""

    def count(kind: ObjectType) -> Callable[[HubSpotClient], int]:
        return lambda by: by.search(kind, [], limit=1).total

    with ClientPool(lease, client) as pool:
        return dict(zip(lease.kinds, pool.map([count(kind) for kind in lease.kinds]), strict=True))


def _totals(lease: Lease) -> dict[str, int]:
    with lease.services.database.reading() as session:
        run = runs.get(session, lease.run_id)
    return run.totals if run is not None else {}


def _warn_of_counts(lease: Lease, totals: dict[str, int]) -> None:
    """A search lags, and objects come and go: that it has counted others is a hint for whoever reads logs."""
    with lease.services.database.reading() as session:
        run = runs.get(session, lease.run_id)
    for kind in lease.kinds:
        read = sum((run.counts.get(kind) or {}).values()) if run is not None else 0
        if count_differs(totals.get(kind, 0), read):
            _log.warning(
                "pull_counts_differ",
                run_id=lease.run_id,
                object_type=kind,
                counted=totals.get(kind, 0),
                read=read,
            )


def _finish(lease: Lease, context: Context, position: Position) -> None:
    """The first pull sets the watermark: HubSpot's time when it began. A pull of some fields does not."""
    if lease.fields is not None:
        return
    started_at = datetime.fromisoformat(position.started_at) if position.started_at else datetime.now(UTC)
    with lease.services.database.writing() as session:
        lock_run(session, lease.run_id, lease.fence)
        context.sink.record_all_pulled(
            session,
            lease.connection_id,
            run_id=lease.run_id,
            watermark=started_at,
            now=datetime.now(UTC),
        )
