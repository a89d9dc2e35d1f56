"""Pull of one linked record: its object as it is now."""

from datetime import UTC, datetime

from webapp.domain.fields import ObjectType
from webapp.hubspot.client import HubSpotClient
from webapp.store import gone, mappings, records, rules
from webapp.store.checkpoint import Checkpoint, lock_run
from webapp.store.transactions import reading, writing
from webapp.sync.apply import Target, UnknownCompaniesError, apply_page
from webapp.sync.look import look_at
from webapp.sync.slices import Slice


def work(piece: Slice, client: HubSpotClient) -> bool:
    """Read the record's object and apply it, or mark it as gone. True: there is nothing more to do."""
    kind: ObjectType = piece.options["object_type"]
    with reading() as session:
        link = records.link_of(session, piece.connection_id, kind, piece.options["record_id"])
    if link is None:
        return True
    target = _target(piece, kind)
    look = look_at(client, piece.connection_id, target.mapping, [link.remote_id])
    if look.not_there:
        _mark_gone(piece, kind, look.not_there)
        return True
    try:
        apply_page(target, look.found, _checkpoint(piece), needs_companies=True)
    except UnknownCompaniesError as unknown:
        companies = _target(piece, "companies")
        found = look_at(client, piece.connection_id, companies.mapping, unknown.ids).found
        apply_page(companies, found, _checkpoint(piece))
        apply_page(target, look.found, _checkpoint(piece))
    return True


def _target(piece: Slice, kind: ObjectType) -> Target:
    with reading() as session:
        mapping = mappings.load(session, piece.connection_id, kind)
        rule = rules.load(session, piece.connection_id, kind, "in")
    keeps_edits = bool(piece.options.get("keeps_edits"))
    return Target(
        piece.run_id,
        piece.fence,
        piece.connection_id,
        mapping,
        rule,
        is_automatic=keeps_edits,
        is_preview=piece.is_preview,
    )


def _mark_gone(piece: Slice, kind: ObjectType, remote_ids: list[str]) -> None:
    now = datetime.now(UTC)
    with writing() as session:
        run = lock_run(session, piece.run_id, piece.fence)
        gone.mark(session, run, kind, remote_ids, checkpoint=_checkpoint(piece), now=now)


def _checkpoint(piece: Slice) -> Checkpoint:
    """One look is all there is: nothing says where to go on."""
    return Checkpoint({}, piece.take_usage())
