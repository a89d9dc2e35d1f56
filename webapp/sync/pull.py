"""Pull: all companies, then all contacts, a page at a time, from the checkpoint on.

A slice reads the next page while the present one is written, and stops reading ahead when its time is up, so
that no page is ever read for nothing.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, to_builtins

from webapp.current import in_this_app
from webapp.domain.fields import OBJECT_TYPES, ObjectType
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import Page, RemoteObject
from webapp.store import connections, mappings, rules
from webapp.store.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.store.transactions import reading, writing
from webapp.sync.apply import Target, UnknownCompaniesError, apply_page
from webapp.sync.look import as_remote
from webapp.sync.publish import run_changed
from webapp.sync.slices import Slice


class Position(Struct, kw_only=True):
    """Where a pull goes on: the saved checkpoint.

    `started_at` is HubSpot's time when the pull began, from which on changes may have been missed. `is_end`
    says that the last page has been applied, so that a worker killed right then does not count it twice.
    """

    object_type: ObjectType = "companies"
    after: str | None = None
    started_at: str | None = None
    is_end: bool = False


class Reading(Struct):
    """A page that is being read, and where it stands."""

    position: Position
    page: Future[Page]


def work(piece: Slice, client: HubSpotClient) -> bool:
    """Pull until the slice's time is up. True when everything has been pulled."""
    position = Position(**piece.checkpoint) if piece.checkpoint else _begin(piece, client)
    targets = _targets(piece)
    # A client serves one thread at a time: from here on the one that reads ahead.
    list_page, batch_read = in_this_app(client.list_page), in_this_app(client.batch_read)
    with ThreadPoolExecutor(max_workers=1) as ahead:

        def read(where: Position) -> Reading:
            wanted = targets[where.object_type].mapping.properties
            return Reading(where, ahead.submit(list_page, where.object_type, wanted, where.after))

        def read_companies(ids: list[str]) -> list[RemoteObject]:
            wanted = targets["companies"].mapping.properties
            return ahead.submit(batch_read, "companies", ids, wanted).result().results

        for present, following in _pages(position, read, piece.is_over, piece.kinds[-1]):
            _apply_read_page(piece, read_companies, targets, present, following)
            position = following
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


def _pages(
    position: Position, read: Callable[[Position], Reading], is_over: Callable[[], bool], last: ObjectType
) -> Iterator[tuple[Reading, Position]]:
    """Each page with the position behind it; the next is being read while the caller handles this one."""
    ahead = None if position.is_end else read(position)
    while ahead is not None:
        present = ahead
        following = _behind(present.position, present.page.result(), last)
        ahead = None if following.is_end or is_over() else read(following)
        yield present, following


def _behind(position: Position, page: Page, last: ObjectType) -> Position:
    """The position after a page, however short it was; `last` is the object type that is read last."""
    if page.after is not None:
        return Position(object_type=position.object_type, after=page.after, started_at=position.started_at)
    if position.object_type != last:
        return Position(object_type="contacts", started_at=position.started_at)
    return Position(object_type=last, started_at=position.started_at, is_end=True)


def _apply_read_page(
    piece: Slice,
    read_companies: Callable[[list[str]], list[RemoteObject]],
    targets: dict[ObjectType, Target],
    present: Reading,
    following: Position,
) -> None:
    """Write a page; companies made in HubSpot after the companies were read go before their contacts."""
    target = targets[present.position.object_type]
    remotes = [as_remote(found) for found in present.page.result().results]
    behind = _checkpoint(piece, following)
    try:
        apply_page(target, remotes, behind, needs_companies=piece.fields is None)
    except UnknownCompaniesError as unknown:
        piece.give_back(behind.usage)
        if companies := [as_remote(found) for found in read_companies(unknown.ids)]:
            apply_page(targets["companies"], companies, _checkpoint(piece, present.position))
        apply_page(target, remotes, _checkpoint(piece, following))
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
