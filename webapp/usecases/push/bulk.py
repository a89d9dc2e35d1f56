"""Push: all companies, then all contacts, then which company is each contact's primary one.

A page of records is gone through in stages, each of which fills HubSpot's batches: find the objects, decide,
announce what will be made, send. What a batch was answered is written down at once, so that a page can be
left at any point and gone through again: records that the run has settled are not touched twice.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct, convert, to_builtins
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.domain.push.conflicts import conflicting
from webapp.domain.push.plan import first_step, hold, plan_match, plan_update
from webapp.domain.push.step import Local, PushPolicy, Step
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.domain.runs.options import PushOptions, PushRecordOptions
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import HubSpotError
from webapp.store.mapping import mappings
from webapp.store.preview import push as preview_push
from webapp.store.push import apply as push_apply
from webapp.store.push import associations as push_companies
from webapp.store.push import facts as push_facts
from webapp.store.push import outbox
from webapp.store.push.apply import Batch
from webapp.store.push.facts import Scope
from webapp.store.records import company_values, edits
from webapp.store.rules import rules
from webapp.store.runs import mass_change as mass_change_counts
from webapp.store.runs.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.usecases.mapping import definitions
from webapp.usecases.push.associations import push_associations
from webapp.usecases.push.client_pool import ClientPool
from webapp.usecases.push.find import Hits, find, read_times
from webapp.usecases.push.foresee import foresee_all
from webapp.usecases.push.send import Sending, hold_merged, send
from webapp.usecases.runs import mass_change
from webapp.usecases.runs.publish import run_changed
from webapp.usecases.runs.slices import Lease

# Large pages fill the batches of each kind; what a crash would repeat is only reading. Companies are searched
# for, of which HubSpot allows five a second, so that more of them would outlast a slice.
_PAGE_SIZES: dict[ObjectType, int] = {"companies": 500, "contacts": 1000}
# A page that has begun may outlast its slice by so much before it is left to the next one.
_GRACE_S = 1.0
_WRITTEN_AT_ONCE = 200
# A create is never repeated unless it was looked for, so that the client leaves its tries to us.
_TRIES = 4

Phase = Literal["companies", "contacts", "associations", "end"]
_NEXT: dict[Phase, Phase] = {"companies": "contacts", "contacts": "associations", "associations": "end"}


class Position(Struct, kw_only=True):
    """Where a push goes on: the saved checkpoint. `after` is the last record number done with."""

    phase: Phase = "companies"
    after: int = 0


class Push:
    """A push at work in one slice."""

    def __init__(self, lease: Lease, pool: ClientPool, scope: Scope) -> None:
        self.lease = lease
        self.pool = pool
        self.scope = scope
        self.position = convert(lease.checkpoint, Position)

    def checkpoint(self) -> Checkpoint:
        """Where it is, and the calls since the last checkpoint."""
        as_data: dict[str, Any] = to_builtins(self.position)
        return Checkpoint(as_data, self.lease.take_usage())


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Push until the slice's time is up: everything, some fields, or what had failed. True when done."""
    return work_on(lease, client, _scope(lease))


def _scope(lease: Lease) -> Scope:
    if lease.fields is not None:
        return Scope("linked", types=lease.kinds)
    options = lease.options_as(PushOptions)
    if options.failing is not None:
        return Scope("failing", wanted=options.failing, run_id=lease.run_id)
    if options.records is not None:
        return Scope("records", ids=options.records)
    return Scope()


def work_on(lease: Lease, client: HubSpotClient, scope: Scope) -> bool:
    """Push what is in scope until the slice's time is up. True when all is done."""
    if not lease.checkpoint:
        _begin(lease, scope)
    with ClientPool(lease, client) as pool:
        push = Push(lease, pool, scope)
        policy = _policies(lease, scope)
        while push.position.phase != "end":
            if push.position.phase == "associations" and scope.kind == "linked":
                last_id = None
            elif push.position.phase == "associations":
                last_id = push_associations(lease, pool, scope, push.position.after, push.checkpoint)
            else:
                last_id = _push_page_again(push, policy[push.position.phase])
            _move_on(push, last_id)
            if lease.is_over():
                break
        if push.position.phase != "end":
            return False
        if scope.kind not in ("linked", "failing") and not lease.is_preview:
            _forget_pushed(push)
        return True


def _forget_pushed(push: Push) -> None:
    """The edits that the push has been through wait to be sent no more."""
    lease = push.lease
    with lease.services.database.writing() as session:
        lock_run(session, lease.run_id, lease.fence)
        outbox.forget_pushed(session, lease.connection_id, lease.run_id, push.scope.types)


def _begin(lease: Lease, scope: Scope) -> None:
    """Count what there is to push; of the associations, those that are known so far."""
    if lease.is_preview:
        # By HubSpot's definitions its refusals are foreseen.
        definitions.ensure(lease.services, lease.connection_id)
    with lease.services.database.reading() as session:
        connection_id = lease.connection_id
        totals: dict[str, int] = {
            kind: push_facts.count(session, connection_id, kind, scope) for kind in OBJECT_TYPES
        }
        if scope.kind != "linked":
            totals |= {push_companies.COUNTED_AS: push_companies.count(session, connection_id, scope)}
    position: dict[str, Any] = to_builtins(Position())
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        write_checkpoint(session, run, Checkpoint(position), datetime.now(UTC), totals=totals)
    lease.checkpoint = position
    run_changed(lease.services, lease.run_id)


def _policies(lease: Lease, scope: Scope) -> dict[ObjectType, PushPolicy]:
    clears = lease.options.clears if isinstance(lease.options, PushRecordOptions) else ()
    with lease.services.database.reading() as session:
        found = {kind: mappings.load(session, lease.connection_id, kind) for kind in OBJECT_TYPES}
        if lease.fields is not None:
            found = {kind: one.narrowed(lease.fields.get(kind, ())) for kind, one in found.items()}
        return {
            kind: PushPolicy(
                found[kind],
                rules.load(session, lease.connection_id, kind, "out"),
                is_asked_for=scope.kind in ("company", "contact"),
                is_automatic=scope.kind == "outbox",
                may_create=scope.may_create,
                clears=frozenset(clears) if kind in scope.types else frozenset(),
            )
            for kind in OBJECT_TYPES
        }


def _move_on(push: Push, last_id: int | None) -> None:
    """Behind the page, or on to the next phase; a page that was left half-way stays where it is."""
    if last_id == push.position.after:
        return
    phase = push.position.phase
    push.position = Position(phase=_NEXT[phase]) if last_id is None else Position(phase=phase, after=last_id)
    with push.lease.services.database.writing() as session:
        run = lock_run(session, push.lease.run_id, push.lease.fence)
        write_checkpoint(session, run, push.checkpoint(), datetime.now(UTC))
    run_changed(push.lease.services, push.lease.run_id)


def _push_page_again(push: Push, policy: PushPolicy) -> int | None:
    """Push a page; objects that HubSpot may have made while the answer was lost are found on the next try."""
    for _ in range(_TRIES - 1):
        try:
            return _push_page(push, policy)
        except HubSpotError as trouble:
            if not (trouble.retryable and trouble.may_have_taken_effect):
                raise
    return _push_page(push, policy)


def _push_page(push: Push, policy: PushPolicy) -> int | None:
    """Push one page; the number of its last record, None behind the last page.

    A page that could not be finished in this slice answers where it began.
    """
    lease = push.lease
    with push.lease.services.database.reading() as session:
        page = push_facts.page(
            session,
            lease.connection_id,
            lease.run_id,
            policy.object_type,
            push.scope,
            after_id=push.position.after,
            limit=_PAGE_SIZES[policy.object_type],
        )
        _add_company_values(session, policy, page)
        if lease.is_preview and policy.object_type == "contacts":
            preview_push.PlannedLinks(session, lease.run_id, "companies").lay_over_companies(page)
    if not page:
        return None
    steps = [first_step(local, policy) for local in page if not local.is_done]
    sending = Sending(
        lease.services,
        policy,
        lease.connection_id,
        write=lambda settled: _write(push, policy, settled),
        is_late=lambda: lease.is_over(_GRACE_S),
    )
    hits = find(push.pool, policy, steps)
    if policy.is_automatic:
        _add_times(push, policy, steps)
    _decide(push, policy, steps, hits)
    if lease.is_preview:
        _foresee(push, policy, steps, page[-1].id)
        return page[-1].id
    _check_amount(push, policy, steps)
    _announce(push, policy, [step for step in steps if not step.is_settled])
    _write(push, policy, [step for step in steps if step.is_settled])
    send(push.pool, sending, [step for step in steps if not step.is_settled])
    return page[-1].id if all(step.is_settled for step in steps) else push.position.after


def _add_company_values(session: Session, policy: PushPolicy, page: Sequence[Local]) -> None:
    """Give new contacts what the rule asks about their companies."""
    if policy.rule.company_fields:
        new = [local for local in page if local.link is None]
        found = company_values.asked(session, policy.rule, [_company_id(local) for local in new])
        for local in new:
            local.company_values = found.get(_company_id(local) or 0)


def _company_id(local: Local) -> int | None:
    number = local.values.get("company_id")
    return number if isinstance(number, int) else None


def _add_times(push: Push, policy: PushPolicy, steps: Sequence[Step]) -> None:
    """When the fields were changed that both sides changed: the later edit is kept."""
    disputed = [
        step
        for step in steps
        if step.theirs is not None and conflicting(step.local, step.theirs, policy.mapping)
    ]
    if not disputed:
        return
    with push.lease.services.database.reading() as session:
        edited = edits.latest(session, policy.object_type, [step.local.id for step in disputed])
    for step in disputed:
        step.local.edited_at = edited.get(step.local.id, {})
    read_times(push.pool, policy, disputed)


def _decide(push: Push, policy: PushPolicy, steps: Sequence[Step], hits: Hits) -> None:
    """Plan every step; an object that two records of the page lead to is the first one's."""
    found = {theirs.id for some in hits.values() for theirs in some}
    found |= {step.theirs.id for step in steps if step.theirs is not None}
    with push.lease.services.database.reading() as session:
        owners = push_facts.owners(session, push.lease.connection_id, policy.object_type, sorted(found))
        apart = push_facts.apart(session, push.lease.connection_id, policy.object_type, sorted(found))
        if push.lease.is_preview:
            planned = preview_push.PlannedLinks(session, push.lease.run_id, policy.object_type)
            planned.lay_over_owners(owners, sorted(found))
    for step in steps:
        if step.is_settled:
            continue
        if step.verb == "update" and step.theirs is not None:
            owner = owners.get(step.theirs.id, step.local.id)
            if owner != step.local.id:
                hold_merged(step, step.theirs, owner)
                continue
            plan_update(step, step.theirs, policy)
        else:
            plan_match(step, hits[step.local.id], owners, apart.get(step.local.id, frozenset()), policy)
        if step.theirs is not None:
            owners[step.theirs.id] = step.local.id


def _foresee(push: Push, policy: PushPolicy, steps: Sequence[Step], last_id: int) -> None:
    """Say what would become of a page; it is written at once with the checkpoint behind it.

    What is unchanged leaves no trace by which a page that was begun could be told from a new one.
    """
    foresee_all(push.pool, push.lease.connection_id, policy, steps)
    push.position = Position(phase=push.position.phase, after=last_id)
    with push.lease.services.database.writing() as session:
        run = lock_run(session, push.lease.run_id, push.lease.fence)
        preview_push.write_planned_steps(session, run, _batch(push, policy), steps, push.checkpoint())
    run_changed(push.lease.services, push.lease.run_id)


def _check_amount(push: Push, policy: PushPolicy, steps: Sequence[Step]) -> None:
    """Stop an automatic push before it changes more than somebody should have looked at."""
    if not policy.is_automatic or push.lease.is_allowed:
        return
    changing = [step for step in steps if step.changes and not step.is_settled]
    samples = [
        {
            "object_type": policy.object_type,
            "record_id": step.local.id,
            "name": record_name(policy.object_type, step.local.values),
            "changes": [[name, prior, text] for name, prior, text in step.changes],
        }
        for step in changing[:10]
    ]
    with push.lease.services.database.writing() as session:
        run = lock_run(session, push.lease.run_id, push.lease.fence)
        links = mass_change_counts.count_links(session, push.lease.connection_id)
        keys = [(policy.object_type, step.local.id) for step in changing]
        mass_change.check(session, run, links, keys, samples)


def _announce(push: Push, policy: PushPolicy, steps: Sequence[Step]) -> None:
    if not steps:
        return
    batch = _batch(push, policy)
    with push.lease.services.database.writing() as session:
        lock_run(session, push.lease.run_id, push.lease.fence)
        push_apply.announce(session, batch, steps)
    for step in steps:
        if step.verb == "create":
            step.local.announced_at = step.local.announced_at or batch.now


def _batch(push: Push, policy: PushPolicy) -> Batch:
    return Batch(push.lease.connection_id, push.lease.run_id, policy.object_type, datetime.now(UTC))


def _write(push: Push, policy: PushPolicy, steps: Sequence[Step]) -> None:
    """Write settled steps down; one that another run has just linked is settled by itself."""
    for some in in_batches(steps, _WRITTEN_AT_ONCE):
        try:
            _write_at_once(push, policy, some)
        except IntegrityError:
            if len(some) == 1:
                _settle_collision(push, policy, some[0])
            else:
                for step in some:
                    _write(push, policy, [step])


def _write_at_once(push: Push, policy: PushPolicy, steps: Sequence[Step]) -> None:
    checkpoint = push.checkpoint()
    try:
        # It could be lost at a power loss: the announcement is on the disk, so that the object is found and
        # the log still gets the values before. But next to a call, waiting for the disk costs little.
        with push.lease.services.database.writing() as session:
            run = lock_run(session, push.lease.run_id, push.lease.fence)
            push_apply.write_steps(session, run, _batch(push, policy), steps, checkpoint)
    except IntegrityError:
        push.lease.give_back(checkpoint.usage)
        raise
    run_changed(push.lease.services, push.lease.run_id)


def _settle_collision(push: Push, policy: PushPolicy, step: Step) -> None:
    """The record or its object was linked by another run since this page was read."""
    theirs = step.theirs
    if theirs is None:
        raise RuntimeError(f"record {step.local.id} collides with no object")
    with push.lease.services.database.reading() as session:
        owner = push_facts.owners(session, push.lease.connection_id, policy.object_type, [theirs.id])
    if owner.get(theirs.id) in (None, step.local.id):
        step.outcome, step.reason = outcomes.SKIPPED, "linked_meanwhile"
        step.verb, step.link_state, step.changes = "leave", None, []
    else:
        hold(step, "object_linked", hits=[theirs], policy=policy, owners=owner)
        step.link_state = None
    _write_at_once(push, policy, [step])
