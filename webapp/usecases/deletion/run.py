"""Deleting many records: a run that goes through them by number, contacts before their company."""

from datetime import UTC, datetime

from msgspec import Struct, structs

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import DeleteOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.connection import first_log
from webapp.store.deletion import selection
from webapp.store.deletion.sinks import PreviewSink, RecordSink, Sink
from webapp.store.records.listing.selection import bounded
from webapp.store.runs.checkpoint import lock_run, write_checkpoint
from webapp.store.runs.entries import log_page
from webapp.usecases.deletion.pages import Deletion, delete_contacts, delete_records
from webapp.usecases.deletion.request import check_target, terms_of
from webapp.usecases.runs import lifecycle, queues
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import Started
from webapp.usecases.runs.publish import records_changed

DELETE = "delete"
PAGE_SIZE = 100


class Position(Struct, frozen=True, kw_only=True):
    """The position of a deletion.

    Attributes:
        after: the last record that is done.
        after_contact: the last contact that is done of the companies behind it.
        is_end: whether nothing is left.
    """

    after: int = 0
    after_contact: int = 0
    is_end: bool = False


def start(
    services: Services, options: DeleteOptions, *, trigger: str, user_id: int | None, is_preview: bool = False
) -> Started:
    """Queue a deletion of many records.

    Args:
        services: What it works with.
        options: Which records, and what becomes of companies' contacts.
        trigger: Button or command.
        user_id: Who requested it.
        is_preview: Whether it only says what it would do.

    Raises:
        RefusedError: `nothing_chosen`, `no_such_company` or `company_goes_too`; and what starting a run
            raises; the connection need not work.
    """
    with services.database.writing() as session:
        connection_id = first_log.owner(session).id
        meant = bounded(session, options)
        check_target(session, meant)
        if not selection.page(session, meant, after_id=0, limit=1):
            raise RefusedError("nothing_chosen")
    return lifecycle.start(
        services,
        DELETE,
        connection_id=connection_id,
        trigger=trigger,
        started_by_id=user_id,
        options=meant,
        is_preview=is_preview,
    )


def work(lease: Lease) -> bool:
    """Delete until the slice's time is up. True when nothing is left."""
    options = lease.options_as(DeleteOptions)
    position = lease.position(Position)
    if not lease.checkpoint:
        _begin(lease, options, position)
    sink = PreviewSink() if lease.is_preview else RecordSink()
    position = lease.go_through(position, lambda here: _delete_page(lease, options, sink, here))
    if position.is_end and not lease.is_preview:
        records_changed(lease.services)
        if options.contacts == "move":
            queues.enqueue_automatic(lease.services, queues.AUTO_PUSH, lease.connection_id)
    return position.is_end


def _begin(lease: Lease, options: DeleteOptions, position: Position) -> None:
    """Count what there is to delete."""
    with lease.services.database.reading() as session:
        found = selection.extent(session, lease.connection_id, options)
    totals = {options.object_type: found.records}
    if found.contacts and options.contacts != "leave":
        totals["contacts"] = found.contacts
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        write_checkpoint(session, run, lease.checkpoint_at(position), datetime.now(UTC), totals=totals)


def _delete_page(lease: Lease, options: DeleteOptions, sink: Sink, position: Position) -> Position:
    """Delete the next contacts of the companies whose turn it is; where none are left, these themselves."""
    now = datetime.now(UTC)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        deletion = Deletion(session, run, terms_of(options), now, sink)
        ids = selection.page(session, options, after_id=position.after, limit=PAGE_SIZE)
        contact_ids = (
            selection.contacts_page(session, ids, after_id=position.after_contact, limit=PAGE_SIZE)
            if options.object_type == "companies" and options.contacts != "leave"
            else []
        )
        kind: ObjectType
        if contact_ids:
            kind, entries = "contacts", delete_contacts(deletion, contact_ids)
            position = structs.replace(position, after_contact=contact_ids[-1])
        else:
            kind, entries = options.object_type, delete_records(deletion, options.object_type, ids)
            position = Position(after=ids[-1] if ids else position.after, is_end=len(ids) < PAGE_SIZE)
        log_page(session, run, now, kind, entries, checkpoint=lease.checkpoint_at(position))
    return position
