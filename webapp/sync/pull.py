"""Pull: all companies, then all contacts, page by page, from the checkpoint on.

A slice reads the next pages while those before are written, and stops reading ahead when its time is up, so
that no page is ever read for nothing.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import to_builtins

from webapp.current import in_this_app
from webapp.domain.fields import OBJECT_TYPES, ObjectType
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import Page, RemoteObject
from webapp.store import connections, mappings, rules
from webapp.store.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.store.transactions import is_anybody_waiting_to_write, reading, writing
from webapp.sync.apply import Target, UnknownCompaniesError, apply_page
from webapp.sync.look import as_remote
from webapp.sync.publish import run_changed
from webapp.sync.read_ahead import Pages, Position, ReadAhead
from webapp.sync.slices import Slice

# What has been read is still written, and takes this long at most where nothing else is slow.
_TO_WRITE_S = 0.25


def work(piece: Slice, client: HubSpotClient) -> bool:
    """Pull until the slice's time is up. True when everything has been pulled."""
    position = Position(**piece.checkpoint) if piece.checkpoint else _begin(piece, client)
    targets = _targets(piece)

    def list_page(where: Position) -> Page:
        wanted = targets[where.object_type].mapping.properties
        return client.list_page(where.object_type, wanted, where.after)

    with ReadAhead(
        in_this_app(list_page),
        piece.kinds[-1],
        is_over=lambda: piece.is_over(-_TO_WRITE_S),
        is_anybody_waiting=is_anybody_waiting_to_write,
    ) as ahead:

        def read_companies(ids: Sequence[str]) -> list[RemoteObject]:
            wanted = targets["companies"].mapping.properties
            return ahead.call(in_this_app(client.batch_read), "companies", ids, wanted).results

        for read in ahead.pages(position):
            _apply_read(piece, read_companies, targets, read)
            position = read.following
    if position.is_end:
        _finish(piece, position)
    return position.is_end


def _begin(piece: Slice, client: HubSpotClient) -> Position:
    """Learn how much there is, and HubSpot's time, before the first page."""
    kinds = piece.kinds
    totals = {kind: client.search(kind, [], limit=1).total for kind in kinds}
    position = Position(object_type=kinds[0], started_at=client.server_time().isoformat())
    with writing() as session:
        run = lock_run(session, piece.run_id, piece.fence)
        write_checkpoint(session, run, _checkpoint(piece, position), datetime.now(UTC), totals=totals)
    run_changed(piece.run_id)
    return position


def _targets(piece: Slice) -> dict[ObjectType, Target]:
    targets: dict[ObjectType, Target] = {}
    with reading() as session:
        for kind in OBJECT_TYPES:
            mapping = mappings.load(session, piece.connection_id, kind)
            if piece.fields is not None:
                if not piece.fields.get(kind):
                    continue
                mapping = mapping.narrowed(piece.fields[kind])
            rule = rules.load(session, piece.connection_id, kind, "in")
            targets[kind] = Target(
                piece.run_id, piece.fence, piece.connection_id, mapping, rule, is_preview=piece.is_preview
            )
    return targets


def _apply_read(
    piece: Slice,
    read_companies: Callable[[Sequence[str]], list[RemoteObject]],
    targets: dict[ObjectType, Target],
    read: Pages,
) -> None:
    """Write what was read; companies made in HubSpot after the companies were read go before contacts."""
    target = targets[read.position.object_type]
    remotes = [as_remote(found) for found in read.results]
    behind = _checkpoint(piece, read.following)
    try:
        apply_page(target, remotes, behind, needs_companies=piece.fields is None)
    except UnknownCompaniesError as unknown:
        piece.give_back(behind.usage)
        for ids in in_batches(unknown.ids):
            companies = [as_remote(found) for found in read_companies(ids)]
            if companies:
                apply_page(targets["companies"], companies, _checkpoint(piece, read.position))
        apply_page(target, remotes, _checkpoint(piece, read.following))
    run_changed(piece.run_id)


def _finish(piece: Slice, position: Position) -> None:
    """The first pull sets the watermark: HubSpot's time when it began. No preview does, nor some fields."""
    if piece.fields is not None or piece.is_preview:
        return
    started_at = datetime.fromisoformat(position.started_at) if position.started_at else datetime.now(UTC)
    with writing() as session:
        lock_run(session, piece.run_id, piece.fence)
        connections.note_first_pull(session, piece.connection_id, watermark=started_at, now=datetime.now(UTC))


def _checkpoint(piece: Slice, position: Position) -> Checkpoint:
    as_data: dict[str, Any] = to_builtins(position)
    return Checkpoint(as_data, piece.take_usage())
