"""Pull of one linked record: its object as it is now."""

from datetime import UTC, datetime

from webapp.domain.runs.options import PullRecordOptions
from webapp.hubspot.client import HubSpotClient
from webapp.store.links import generations
from webapp.store.pull.context import Context
from webapp.store.records import records
from webapp.store.runs.checkpoint import Checkpoint, lock_run
from webapp.usecases.deletion.subject import log_deleted
from webapp.usecases.pull.context import automatic_contexts, contexts_of
from webapp.usecases.pull.look import Look, look_at
from webapp.usecases.pull.with_companies import apply_with_companies, by_looking
from webapp.usecases.runs.lease import Lease


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Read the record's object and apply it, or mark it as gone. True when nothing is left to do."""
    options = lease.options_as(PullRecordOptions)
    kind = options.object_type
    with lease.services.database.reading() as session:
        link = records.link_of(session, lease.connection_id, kind, options.record_id)
    if link is None:
        log_deleted(lease, options)
        return True
    # Where nobody asks for HubSpot's state it is like any other automatic change.
    contexts = automatic_contexts(lease) if options.keeps_edits else contexts_of(lease)
    look = look_at(lease.services, client, lease.connection_id, contexts[kind].mapping, [link.remote_id])
    if look.not_there:
        return _mark_gone(lease, contexts[kind], look)
    read_objects = by_looking(lease, client, contexts)
    # One look is all there is: nothing says where to go on.
    apply_with_companies(lease, contexts, kind, look.found, {}, read_objects=read_objects)
    return True


def _mark_gone(lease: Lease, context: Context, look: Look) -> bool:
    """Mark the object as gone; False where we have written to it since that was proved: it is read again."""
    kind = context.object_type
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        if generations.written_since(session, lease.connection_id, kind, look.not_there, look.generation):
            return False
        checkpoint = Checkpoint({}, lease.take_usage())
        context.sink.mark_gone(
            session, run, kind, look.not_there, checkpoint=checkpoint, now=datetime.now(UTC)
        )
    return True
