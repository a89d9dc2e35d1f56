"""Carrying out what people decided about held objects, as they are now: one at once, or many in a run."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.pull.facts import Remote
from webapp.domain.pull.origin import REQUESTED
from webapp.domain.pull.plan import Plan
from webapp.domain.records.fields import ObjectType
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import NotFound, ObjectUnreadable
from webapp.hubspot.objects import UnreadableObject
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.connection.usage import Usage
from webapp.store.held import decisions
from webapp.store.held.decisions import RemoteObject
from webapp.store.mapping import mappings
from webapp.store.matching import frequencies
from webapp.store.pull.context import Context
from webapp.store.pull.sink import RecordSink
from webapp.store.rules import rules
from webapp.store.runs import hourly, queries, runs
from webapp.store.runs.checkpoint import Checkpoint
from webapp.usecases.connection.portal import open_client
from webapp.usecases.pull.apply import apply_page
from webapp.usecases.pull.context import contexts_of
from webapp.usecases.pull.look import as_remote, as_unreadable, generation_now, look_at
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import enqueue_next_slice, requested
from webapp.usecases.runs.publish import run_changed

DECISIONS = "decisions"

BATCH_SIZE = 100
"""How many decided objects are carried out between two looks at the time."""


def begin(services: Services, connection_id: int, user_id: int | None) -> int:
    """Begin a run that carries out every decision that waits; its number."""
    run_id, fence = _add_run(services, connection_id, user_id)
    enqueue_next_slice(services, run_id, fence)
    run_changed(services, run_id)
    return run_id


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Carry out decisions until the slice's time is up. True when none waits any more."""
    contexts = contexts_of(lease)
    while True:
        with lease.services.database.reading() as session:
            pending = decisions.pending(session, lease.connection_id, BATCH_SIZE)
        if not pending:
            return True
        kind: ObjectType = "companies" if pending[0].object_type == "companies" else "contacts"
        _carry_out_some(lease, client, contexts[kind], [one for one in pending if one.object_type == kind])
        run_changed(lease.services, lease.run_id)
        if lease.is_over():
            return False


def _carry_out_some(
    lease: Lease, client: HubSpotClient, context: Context, pending: Sequence[RemoteObject]
) -> None:
    row_ids = {one.remote_id: one.id for one in pending}
    look = look_at(
        lease.services, client, lease.connection_id, context.mapping, list(row_ids), is_partly_of_use=True
    )
    found = {one.id for one in look.found}
    with lease.services.database.writing() as session:
        # Deleted, or merged into an object that nobody has decided about.
        for remote_id in row_ids.keys() - found - set(look.unread):
            decisions.forget(session, row_ids[remote_id])

    def drop(session: Session, plans: Sequence[Plan]) -> None:
        # The log has its result; a decision that cannot be carried out is not repeated.
        for plan in plans:
            if plan.remote.id in row_ids:
                decisions.drop(session, row_ids[plan.remote.id])

    apply_page(
        lease.services,
        context,
        look.found,
        Checkpoint({}, lease.take_usage()),
        read_again=lambda ids: (
            look_at(lease.services, client, lease.connection_id, context.mapping, ids).found
        ),
        also=drop,
    )
    with lease.services.database.writing() as session:
        for remote_id in found & row_ids.keys():
            decisions.drop(session, row_ids[remote_id])


def carry_out(services: Services, remote_object_id: int) -> None:
    """Read one object afresh and apply the decision, as a small run of its own that the sync log shows.

    Should it be cut off, the sweep takes its run up like any other, in slices.
    """
    with services.database.reading() as session:
        found = decisions.get(session, remote_object_id)
        if found is None or found.decision is None:
            return
        row = connections.get(session, found.connection_id)
        if row is None or row.state != connections.CONNECTED:
            # Until it works again the decision waits, and `carry_out_forgotten` finds it then.
            return
        object_type: ObjectType = found.object_type  # type: ignore[assignment]
        mapping = mappings.load(session, found.connection_id, object_type)
    client = open_client(services, found.connection_id, is_urgent=True)
    try:
        _carry_out_one(services, client, found, mapping)
    finally:
        client.close()


def _carry_out_one(services: Services, client: HubSpotClient, found: RemoteObject, mapping: Mapping) -> None:
    def read() -> Remote:
        generation = generation_now(services, found.connection_id)
        try:
            answer = client.read(mapping.object_type, found.remote_id, mapping.properties)
        except ObjectUnreadable as error:
            (unreadable,) = as_unreadable([UnreadableObject(id=found.remote_id, why=error.message)])
            return unreadable
        return as_remote(answer, generation)

    def read_again(_: Sequence[str]) -> list[Remote]:
        try:
            return [read()]
        except NotFound:
            return []

    try:
        remote = read()
    except NotFound:
        _forget(services, found)
        return
    if remote.id != found.remote_id:
        # It was merged away meanwhile: nobody has decided about the surviving object.
        _forget(services, found)
    context = _small_run(services, found.connection_id, mapping, found.decided_by_id)
    usage = Usage(client.calls, client.throttled)
    apply_page(
        services,
        context,
        [remote],
        Checkpoint({}, usage),
        read_again=read_again,
        # The log has its result; a decision that cannot be carried out is not repeated.
        also=lambda session, _: decisions.drop(session, found.id),
    )
    _end_run(services, context.run_id)


def _forget(services: Services, found: RemoteObject) -> None:
    with services.database.writing() as session:
        decisions.forget(session, found.id)


def carry_out_forgotten(services: Services) -> None:
    """Begin the hour's run of decisions that a lost queue or trouble left pending, unless one is open."""
    with services.database.reading() as session:
        due = [
            connection_id
            for connection_id in decisions.connections_with_pending(session)
            if queries.open_run(session, connection_id, DECISIONS) is None
        ]
    for connection_id in due:
        with services.database.writing() as session:
            opened = hourly.begin(
                session,
                connection_id=connection_id,
                kind=DECISIONS,
                now=datetime.now(UTC),
            )
        if opened is not None:
            enqueue_next_slice(services, *opened)


def _small_run(services: Services, connection_id: int, mapping: Mapping, user_id: int | None) -> Context:
    run_id, fence = _add_run(services, connection_id, user_id)
    with services.database.reading() as session:
        rule = rules.load(session, connection_id, mapping.object_type, "in")
        by_count = frequencies.latest(session)
    return Context(
        run_id=run_id,
        fence=fence,
        connection_id=connection_id,
        mapping=mapping,
        rule=rule,
        origin=REQUESTED,
        sink=RecordSink(),
        frequencies=by_count,
    )


def _add_run(services: Services, connection_id: int, user_id: int | None) -> tuple[int, int]:
    now = datetime.now(UTC)
    new = requested(
        services,
        DECISIONS,
        connection_id=connection_id,
        trigger="button",
        started_by_id=user_id,
    )
    with services.database.writing() as session:
        return runs.add_begun(session, new, now), 0


def _end_run(services: Services, run_id: int) -> None:
    with services.database.writing() as session:
        runs.end(session, run_id, "finished", datetime.now(UTC))
    run_changed(services, run_id)
