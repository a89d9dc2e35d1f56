"""Deleting one record while a person waits: in one transaction, together with the run that logs it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from webapp.domain.deletion.plan import MOST_AT_ONCE, is_for_a_run
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import DeleteOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.connection import first_log
from webapp.store.deletion import selection
from webapp.store.deletion.sinks import RecordSink
from webapp.store.runs import runs
from webapp.store.runs.entries import write_entries
from webapp.store.runs.entry import Entry
from webapp.store.runs.runs import NewRun
from webapp.usecases.deletion.pages import Deletion, delete_contacts, delete_records
from webapp.usecases.deletion.request import check_target, foresee, terms_of
from webapp.usecases.runs import queues
from webapp.usecases.runs.lifecycle import requested
from webapp.usecases.runs.publish import records_changed, run_changed

DELETE_RECORD = "delete_record"


def delete_one(services: Services, options: DeleteOptions, *, trigger: str, user_id: int | None) -> int:
    """Delete the one record that the options name; returns the number of the run that logs it.

    Args:
        services: What it works with.
        options: The record, and what becomes of a company's contacts.
        trigger: Button or command.
        user_id: Who deletes it.

    Raises:
        RefusedError: `gone`; `record_being_sent`; `company_has_contacts`, where nobody has said
            what becomes of them; `too_many_contacts`, where a run has to do it; `no_such_company` or
            `company_goes_too`.
    """
    extent = foresee(services, options).extent
    if not extent.records:
        raise RefusedError("gone")
    if is_for_a_run(extent, terms_of(options)):
        raise RefusedError("too_many_contacts", contacts=extent.contacts, limit=MOST_AT_ONCE)
    with services.database.writing() as session:
        check_target(session, options)
        connection_id = first_log.owner(session).id
        new = requested(
            services,
            DELETE_RECORD,
            connection_id=connection_id,
            trigger=trigger,
            started_by_id=user_id,
            options=options,
        )
        run_id = _delete(session, new, options)
    records_changed(services)
    run_changed(services, run_id)
    if options.contacts == "move":
        queues.enqueue_automatic(services, queues.AUTO_PUSH, connection_id)
    return run_id


def _delete(session: Session, new: NewRun, options: DeleteOptions) -> int:
    now = datetime.now(UTC)
    run = runs.add_ended(session, new, now)
    deletion = Deletion(session, run, terms_of(options), now, RecordSink())
    ids = list(options.records or ())
    if options.object_type == "companies" and options.contacts != "leave":
        contact_ids = selection.contacts_page(session, ids, after_id=0, limit=MOST_AT_ONCE)
        _logged(deletion, "contacts", delete_contacts(deletion, contact_ids))
    own = delete_records(deletion, options.object_type, ids)
    _insist(own)
    _logged(deletion, options.object_type, own)
    return run.id


def _logged(deletion: Deletion, object_type: ObjectType, entries: Sequence[Entry]) -> None:
    run = deletion.run
    last_seq = write_entries(deletion.session, run, deletion.now, object_type, entries)
    runs.add_to_log(run, object_type, [entry.outcome for entry in entries], last_seq)


def _insist(entries: Sequence[Entry]) -> None:
    """Nothing is deleted, not a contact either, where the record itself cannot be."""
    for entry in entries:
        if entry.reason == "being_sent":
            raise RefusedError("record_being_sent")
        if entry.reason == "has_contacts":
            raise RefusedError("company_has_contacts", contacts=(entry.detail or {}).get("contacts"))
        if entry.reason == "deleted_already":
            raise RefusedError("gone")
