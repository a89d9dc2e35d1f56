"""Undo of what a run wrote in HubSpot: a stretch of entries is read, decided, announced, sent and logged."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from webapp.domain.undo.remote import plan_remote_undo
from webapp.errors import OutdatedReadError
from webapp.hubspot.calls.associations import AssociationAnswer
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import HubSpotError
from webapp.store.links import generations
from webapp.store.runs.checkpoint import lock_run, write_checkpoint
from webapp.store.runs.log import LogEntry
from webapp.store.undo import entries as undo_entries
from webapp.store.undo import remote as undo_remote
from webapp.store.undo.remote import Reverted
from webapp.usecases.push.announced_associations import complete_left_over
from webapp.usecases.push.sending.associating import associate_narrowed, end_narrowed
from webapp.usecases.undo.entries import EntryBatch, Position, Undoing, end_of, entry_batches
from webapp.usecases.undo.put_back_in_hubspot import failed, put_back
from webapp.usecases.undo.remote_state import look
from webapp.usecases.undo.unlogged import would_complete

# As many as a batch of HubSpot holds.
PAGE_SIZE = 100
_READ_AGAIN_AFTER_S = 0.1


def undo_remote_page(undoing: Undoing, client: HubSpotClient) -> None:
    """Undo the next entries, stretch by stretch, and move behind each."""
    if undoing.position.before is None and (unlogged := _unlogged(undoing, client)):
        _undo_entries(undoing, client, unlogged)
        return
    with undoing.lease.services.database.reading() as session:
        entries = undo_entries.page(
            session, undoing.part, before_seq=undoing.position.before, limit=PAGE_SIZE
        )
    behind = end_of(entries, undoing.position, page_size=PAGE_SIZE)
    try:
        is_whole = _undo_entries(undoing, client, entries)
    except OutdatedReadError:
        # Another run has written to an object of the stretch, which is gone through again.
        time.sleep(_READ_AGAIN_AFTER_S)
        return
    if is_whole:
        _write(undoing, None, [], behind)


def _unlogged(undoing: Undoing, client: HubSpotClient) -> list[LogEntry]:
    """The entries that the log lacks since the run was cut off: completed, or by a preview only foreseen."""
    services, connection_id = undoing.lease.services, undoing.lease.connection_id
    if undoing.writes:
        complete_left_over(services, client, connection_id)
        return []
    return would_complete(services, client, connection_id, undoing.part)


def _undo_entries(undoing: Undoing, client: HubSpotClient, entries: Sequence[LogEntry]) -> bool:
    """Undo stretch by stretch. False where one had to end early: the rest is gone through again."""
    for batch in entry_batches(entries):
        count = len(batch.entries)
        _undo_batch(undoing, client, batch)
        if len(batch.entries) < count:
            return False
    return True


def _undo_batch(undoing: Undoing, client: HubSpotClient, batch: EntryBatch) -> None:
    with undoing.lease.services.database.reading() as session:
        generation = generations.current(session, undoing.lease.connection_id)
    reverted = _planned(undoing, client, batch)
    if undoing.writes:
        _send(undoing, client, batch, reverted, generation)
    _write(undoing, batch, reverted, Position(before=batch.entries[-1].seq))


def _planned(undoing: Undoing, client: HubSpotClient, batch: EntryBatch) -> list[Reverted]:
    seen = look(undoing, client, batch)
    mapping = undoing.mappings[batch.object_type]
    reverted = []
    for entry in batch.entries:
        plan = plan_remote_undo(
            undo_remote.sent_of(entry),
            seen[entry.seq],
            mapping,
            archives=undoing.options.archives,
            only_field=undoing.options.field,
        )
        reverted.append(Reverted(entry, plan, seen[entry.seq]))
    return reverted


def _send(
    undoing: Undoing,
    client: HubSpotClient,
    batch: EntryBatch,
    reverted: Sequence[Reverted],
    generation: int,
) -> None:
    """Bring HubSpot to what was planned; what it refuses goes into the plan, and the rest is sent without it.

    Raises:
        OutdatedReadError: One of the objects was written to since it was read, or is being written.
    """
    associated = [one for one in reverted if one.plan.verb == "associate"]
    plain = [one for one in reverted if one.plan.verb == "associate_plainly"]
    restored = [one for one in reverted if one.plan.verb == "restore" and one.plan.changes]
    archived = [one for one in reverted if one.plan.verb == "archive" and one.now.absence is None]
    lease = undoing.lease
    now = datetime.now(UTC)
    with undoing.lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        sent = [*associated, *plain, *restored, *archived]
        undo_remote.announce(session, run, batch.object_type, sent, generation=generation, now=now)
        if archived or plain:
            undoing.position.archiving = tuple(str(one.entry.remote_id) for one in archived)
            undoing.position.associating = tuple(_pair(one) for one in plain)
            write_checkpoint(session, run, undoing.checkpoint(), now)
    if restored:
        put_back(client, undoing.mappings[batch.object_type], restored)
    if associated:
        _associate(client, associated)
    if plain:
        _associate_plainly(client, plain)
    if archived:
        refused = client.archive(batch.object_type, undoing.position.archiving)
        for one in archived:
            if (error := refused.get(str(one.entry.remote_id))) is not None:
                one.plan = failed(error.stored_text)


def _associate(client: HubSpotClient, associated: Sequence[Reverted]) -> None:
    """Make the companies before the primary ones again; leave those that were not associated at all."""
    back = [one for one in associated if one.plan.changes[0][2]]
    _tell_missing(back, associate_narrowed(client.associate_primary, [_pair(one) for one in back]))
    done = [one for one in associated if one.plan.verb == "associate"]
    left = [one for one in done if one.plan.is_dissociated]
    unlabelled = [one for one in done if not one.plan.is_dissociated and not one.plan.changes[0][2]]
    _tell_refused(left, end_narrowed(client.dissociate, [_pair_left(one) for one in left]))
    _tell_refused(unlabelled, end_narrowed(client.take_primary, [_pair_left(one) for one in unlabelled]))


def _associate_plainly(client: HubSpotClient, plain: Sequence[Reverted]) -> None:
    """Take away the companies that were added beside the primary ones, and add those that were taken away."""
    left = [one for one in plain if not one.plan.changes[0][2]]
    back = [one for one in plain if one.plan.changes[0][2]]
    _tell_refused(left, end_narrowed(client.dissociate, [_pair_left(one) for one in left]))
    _tell_missing(back, associate_narrowed(client.associate_plainly, [_pair(one) for one in back]))


def _tell_missing(back: Sequence[Reverted], answer: AssociationAnswer) -> None:
    message = "; ".join(error.message for error in answer.errors if error.problem is None)
    for one in back:
        if _pair(one) in answer.missing:
            one.plan = failed(message or "association_left_out")


def _tell_refused(left: Sequence[Reverted], refused: Mapping[tuple[str, str], HubSpotError]) -> None:
    for one in left:
        if (error := refused.get(_pair_left(one))) is not None and not one.plan.changes[0][2]:
            one.plan = failed(error.stored_text)


def _pair(one: Reverted) -> tuple[str, str]:
    """The contact, and the company that it gets, else the one that it loses."""
    _name, held, put_back = one.plan.changes[0]
    return str(one.entry.remote_id), str(put_back or held)


def _pair_left(one: Reverted) -> tuple[str, str]:
    return str(one.entry.remote_id), str(one.plan.changes[0][1])


def _write(
    undoing: Undoing, batch: EntryBatch | None, reverted: Sequence[Reverted], position: Position
) -> None:
    """Write what became of a stretch, with the checkpoint behind it."""
    now = datetime.now(UTC)
    lease = undoing.lease
    undoing.position = position
    with undoing.lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        if batch is None:
            write_checkpoint(session, run, undoing.checkpoint(), now)
            return
        mapping = undoing.mappings[batch.object_type]
        counts, last_seq = undo_remote.write(session, run, mapping, reverted, now)
        write_checkpoint(session, run, undoing.checkpoint(), now, counts=counts, last_seq=last_seq)
