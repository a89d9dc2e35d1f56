"""A change of many records: a run that goes through them by number."""

from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.changes.plan import VERBS, Terms, plan_change
from webapp.domain.records.fields import STATUSES
from webapp.domain.runs.options import ChangeOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.changes.sinks import PreviewSink, RecordSink, Sink
from webapp.store.connection import first_log
from webapp.store.records import records
from webapp.store.records.listing import selection
from webapp.store.records.listing.counting import Count
from webapp.store.runs.checkpoint import lock_run, write_checkpoint
from webapp.store.runs.entries import log_page
from webapp.usecases.runs import lifecycle, queues
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import Started
from webapp.usecases.runs.publish import records_changed

CHANGE = "change"
PAGE_SIZE = 200


class Position(Struct, frozen=True):
    """The position of a change: behind the last record that is done; whether nothing is left."""

    after: int = 0
    is_end: bool = False


def start(
    services: Services, options: ChangeOptions, *, trigger: str, user_id: int | None, is_preview: bool = False
) -> Started:
    """Queue a change of many records.

    Args:
        services: What it works with.
        options: Which records, and what is done with them.
        trigger: Button or command.
        user_id: Who requested it.
        is_preview: Whether it only says what it would do.

    Raises:
        RefusedError: `no_such_change`, `no_such_status`, `no_such_company` or `nothing_chosen`;
            and what starting a run raises; the connection need not work.
    """
    with services.database.writing() as session:
        connection_id = first_log.owner(session).id
        _check(session, options)
        meant = selection.bounded(session, options)
        if not selection.page(session, meant, after_id=0, limit=1):
            raise RefusedError("nothing_chosen")
    return lifecycle.start(
        services,
        CHANGE,
        connection_id=connection_id,
        trigger=trigger,
        started_by_id=user_id,
        options=meant,
        is_preview=is_preview,
    )


def foresee(services: Services, options: ChangeOptions) -> tuple[ChangeOptions, Count]:
    """The options that mean no record made later, and how many of those that are meant are here now."""
    with services.database.reading() as session:
        meant = selection.bounded(session, options)
        return meant, selection.count_shown(session, meant)


def _check(session: Session, options: ChangeOptions) -> None:
    if options.verb not in VERBS[options.object_type]:
        raise RefusedError("no_such_change")
    if options.verb == "status" and options.status not in STATUSES:
        raise RefusedError("no_such_status")
    if options.verb == "company" and (
        options.company_id is None or records.get(session, "companies", options.company_id) is None
    ):
        raise RefusedError("no_such_company")


def work(lease: Lease) -> bool:
    """Change records until the slice's time is up. True when nothing is left."""
    options = lease.options_as(ChangeOptions)
    position = lease.position(Position)
    if not lease.checkpoint:
        _begin(lease, options, position)
    sink = PreviewSink() if lease.is_preview else RecordSink()
    position = lease.go_through(position, lambda here: _change_page(lease, options, sink, here))
    if position.is_end and not lease.is_preview:
        records_changed(lease.services)
        queues.enqueue_automatic(lease.services, queues.AUTO_PUSH, lease.connection_id)
        if options.verb == "resume":
            queues.enqueue_automatic(lease.services, queues.REFRESH, lease.connection_id)
    return position.is_end


def _begin(lease: Lease, options: ChangeOptions, position: Position) -> None:
    """Count what there is to change."""
    with lease.services.database.reading() as session:
        totals = {options.object_type: selection.count(session, selection.chosen(session, options))}
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        write_checkpoint(session, run, lease.checkpoint_at(position), datetime.now(UTC), totals=totals)


def _change_page(lease: Lease, options: ChangeOptions, sink: Sink, position: Position) -> Position:
    now, kind = datetime.now(UTC), options.object_type
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        terms = Terms(options.verb, _value(session, options))
        ids = selection.page(session, options, after_id=position.after, limit=PAGE_SIZE)
        found = sink.gather(session, lease.connection_id, kind, ids)
        plans = {number: plan_change(found.present(number), terms) for number in ids}
        entries = [found.entry(number, plan) for number, plan in plans.items()]
        sink.write(found, plans, run, now)
        position = Position(ids[-1] if ids else position.after, is_end=len(ids) < PAGE_SIZE)
        log_page(session, run, now, kind, entries, checkpoint=lease.checkpoint_at(position))
    return position


def _value(session: Session, options: ChangeOptions) -> int | str | None:
    if options.verb != "company":
        return options.status
    company_ids = {options.company_id} if options.company_id is not None else set()
    return next(iter(records.existing_company_ids(session, company_ids)), None)
