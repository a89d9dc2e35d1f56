"""Push: all companies, then all contacts, then which company is each contact's primary one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import to_builtins

from webapp.domain.push.facts import PushPolicy
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.domain.runs.options import PushOptions, PushRecordOptions
from webapp.hubspot.client import HubSpotClient
from webapp.store.mapping import mappings
from webapp.store.push import associations as push_companies
from webapp.store.push import outbox
from webapp.store.push import scope as push_scope
from webapp.store.push.announced_associations import COUNTED_AS
from webapp.store.push.scope import Scope
from webapp.store.rules import rules
from webapp.store.runs.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.usecases.connection.portal import PATIENCE_S
from webapp.usecases.mapping import definitions
from webapp.usecases.matching.frozen import frequencies_of
from webapp.usecases.push.associations import push_associations
from webapp.usecases.push.own_key import older_backup
from webapp.usecases.push.own_key.lost_key import going_on_without
from webapp.usecases.push.page import push_page
from webapp.usecases.push.position import Position, Push, move_on
from webapp.usecases.push.reading import type_at_turn
from webapp.usecases.push.sending.client_pool import ClientPool
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.publish import run_changed
from webapp.usecases.runs.queues import is_urgent_work_waiting

# Longer than HubSpot's window: what was read is not read again for want of a little patience.
CALL_PATIENCE_S = 12.0


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Push until the slice's time is up: everything, some fields, or what had failed. True when done."""
    if not lease.is_preview and not going_on_without(lease, lambda: older_backup.check(lease, client)):
        return False
    return work_on(lease, client, _scope(lease))


def _scope(lease: Lease) -> Scope:
    if lease.fields is not None:
        return Scope("linked", types=lease.kinds)
    options = lease.options_as(PushOptions)
    if options.failing is not None:
        return Scope("failing", selection=options.failing, run_id=lease.run_id)
    if options.records is not None:
        return Scope("records", ids=options.records)
    return Scope()


def work_on(lease: Lease, client: HubSpotClient, scope: Scope) -> bool:
    """Push what is in scope until the slice's time is up. True when all is done."""
    return going_on_without(lease, lambda: _work_on(lease, client, scope))


def _work_on(lease: Lease, client: HubSpotClient, scope: Scope) -> bool:
    if not lease.checkpoint:
        _begin(lease, client, scope)
    patience_s = PATIENCE_S if lease.origin.is_urgent else CALL_PATIENCE_S
    with ClientPool(lease, client, patience_s=patience_s) as pool:
        push = Push(lease, pool, scope)
        policies = _policies(lease, scope)
        while push.position.phase != "end":
            _push_next(push, policies)
            lease.keep_measured()
            if push.is_over() and not _goes_on(push):
                break
    if push.is_in_doubt:
        definitions.refresh(lease.services, lease.connection_id, client=client)
    if push.position.phase != "end":
        return False
    if scope.kind not in ("linked", "failing") and not lease.is_preview:
        _forget_pushed(push)
    return True


def _goes_on(push: Push) -> bool:
    """Whether a slice that is over pushes what it has read ahead: unless other work waits for the worker."""
    return bool(push.ahead) and not is_urgent_work_waiting(push.lease.services)


def _push_next(push: Push, policies: dict[str, PushPolicy]) -> None:
    """Push the next page, and move behind it."""
    if push.position.phase == "associations":
        move_on(push, None, _push_associations(push))
        return
    kind = type_at_turn(push, policies)
    move_on(push, kind, push_page(push, policies[kind]))


def _push_associations(push: Push) -> int | None:
    if push.scope.kind == "linked":
        return None
    return push_associations(push)


def _forget_pushed(push: Push) -> None:
    """The edits that the push has been through wait to be sent no more."""
    lease = push.lease
    with lease.services.database.writing() as session:
        lock_run(session, lease.run_id, lease.fence)
        outbox.forget_pushed(session, lease.connection_id, lease.run_id, push.scope.types)


def _begin(lease: Lease, client: HubSpotClient, scope: Scope) -> None:
    """Count what there is to push; of the associations, those that are known so far."""
    # By HubSpot's definitions refusals are foreseen, and what is missing or unfit is not sent.
    age = timedelta() if scope.kind in ("all", "linked") else definitions.OLD
    definitions.renew(lease.services, lease.connection_id, than=age, client=client)
    with lease.services.database.reading() as session:
        connection_id = lease.connection_id
        totals: dict[str, int] = {
            kind: push_scope.count(session, connection_id, kind, scope) for kind in OBJECT_TYPES
        }
        if scope.kind != "linked":
            totals |= {COUNTED_AS: push_companies.count(session, connection_id, scope)}
    position: dict[str, Any] = to_builtins(Position())
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        write_checkpoint(session, run, Checkpoint(position), datetime.now(UTC), totals=totals)
    lease.checkpoint = position
    run_changed(lease.services, lease.run_id)


def _policies(lease: Lease, scope: Scope) -> dict[str, PushPolicy]:
    clears = lease.options.clears if isinstance(lease.options, PushRecordOptions) else ()
    makes_again = isinstance(lease.options, PushOptions) and lease.options.makes_again
    by_count = frequencies_of(lease)
    with lease.services.database.reading() as session:
        found = {kind: mappings.load(session, lease.connection_id, kind) for kind in OBJECT_TYPES}
        if lease.fields is not None:
            found = {kind: one.narrowed(lease.fields.get(kind, ())) for kind, one in found.items()}
        return {
            kind: PushPolicy(
                found[kind],
                rules.load(session, lease.connection_id, kind, "out"),
                is_requested=scope.kind in ("company", "contact"),
                makes_again=makes_again,
                is_automatic=scope.kind == "outbox",
                may_create=scope.may_create,
                clears=frozenset(clears) if kind in scope.types else frozenset(),
                frequencies=by_count,
            )
            for kind in OBJECT_TYPES
        }
