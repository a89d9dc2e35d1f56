"""Push: all companies, then all contacts, then which company is each contact's primary one.

A page of records is gone through in stages, each of which fills HubSpot's batches: find the objects, decide,
announce what will be made, send. What a batch was answered is written down at once, so that a page can be
left at any point and gone through again: records that the run has settled are not touched twice.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct, to_builtins
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.domain import outcomes
from webapp.domain.fields import OBJECT_TYPES, ObjectType
from webapp.domain.naming import record_name
from webapp.domain.push_conflicts import conflicting
from webapp.domain.push_plan import first_step, hold, plan_match, plan_update
from webapp.domain.push_step import Local, Step, Terms
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import HubSpotError
from webapp.store import (
    company_values,
    edits,
    guard,
    mappings,
    outbox,
    planned_push,
    push_apply,
    push_companies,
    push_facts,
    rules,
)
from webapp.store.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.store.failing import Wanted
from webapp.store.push_apply import Batch
from webapp.store.push_facts import Scope
from webapp.store.transactions import reading, writing
from webapp.sync import definitions, mass_change
from webapp.sync.crew import Crew
from webapp.sync.publish import run_changed
from webapp.sync.push_associations import push_associations
from webapp.sync.push_find import Hits, find, read_times
from webapp.sync.push_preview import foresee_all
from webapp.sync.push_send import Sending, hold_merged, send
from webapp.sync.slices import Slice

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
    """Where a push goes on: the saved checkpoint.

    `after` is the last record number done with; `began_at` when it began, until when edits are surely sent.
    """

    phase: Phase = "companies"
    after: int = 0
    began_at: str | None = None


class Push:
    """A push at work in one slice."""

    def __init__(self, piece: Slice, crew: Crew, scope: Scope) -> None:
        self.piece = piece
        self.crew = crew
        self.scope = scope
        self.position = Position(**piece.checkpoint)

    def checkpoint(self) -> Checkpoint:
        """Where it is, and the calls since the last checkpoint."""
        as_data: dict[str, Any] = to_builtins(self.position)
        return Checkpoint(as_data, self.piece.take_usage())


def work(piece: Slice, client: HubSpotClient) -> bool:
    """Push until the slice's time is up: everything, some fields, or what had failed. True when done."""
    return work_on(piece, client, _scope(piece))


def _scope(piece: Slice) -> Scope:
    if piece.fields is not None:
        return Scope("linked", types=piece.kinds)
    if "failing" in piece.options:
        return Scope("failing", wanted=Wanted(**piece.options["failing"]), run_id=piece.run_id)
    if "records" in piece.options:
        return Scope("records", ids=piece.options["records"])
    return Scope()


def work_on(piece: Slice, client: HubSpotClient, scope: Scope) -> bool:
    """Push what is in scope until the slice's time is up. True when all is done."""
    if not piece.checkpoint:
        _begin(piece, scope)
    with Crew(piece, client) as crew:
        push = Push(piece, crew, scope)
        terms = _terms(piece, scope)
        while push.position.phase != "end":
            if push.position.phase == "associations" and scope.kind == "linked":
                last_id = None
            elif push.position.phase == "associations":
                last_id = push_associations(piece, crew, scope, push.position.after, push.checkpoint)
            else:
                last_id = _push_page_again(push, terms[push.position.phase])
            _move_on(push, last_id)
            if piece.is_over():
                break
        if push.position.phase != "end":
            return False
        if scope.kind not in ("linked", "failing") and not piece.is_preview:
            _forget_sent(push)
        return True


def _forget_sent(push: Push) -> None:
    """What was edited before the push began waits to be sent no more."""
    began_at = push.position.began_at
    if began_at is not None:
        with writing() as session:
            lock_run(session, push.piece.run_id, push.piece.fence)
            outbox.forget_sent(
                session, push.piece.connection_id, push.scope, datetime.fromisoformat(began_at)
            )


def _begin(piece: Slice, scope: Scope) -> None:
    """Count what there is to push; of the associations, those that are known so far."""
    if piece.is_preview:
        # By HubSpot's definitions its refusals are foreseen.
        definitions.ensure(piece.connection_id)
    with reading() as session:
        connection_id = piece.connection_id
        totals: dict[str, int] = {
            kind: push_facts.count(session, connection_id, kind, scope) for kind in OBJECT_TYPES
        }
        if scope.kind != "linked":
            totals |= {push_companies.COUNTED_AS: push_companies.count(session, connection_id, scope)}
    position: dict[str, Any] = to_builtins(Position(began_at=datetime.now(UTC).isoformat()))
    with writing() as session:
        run = lock_run(session, piece.run_id, piece.fence)
        write_checkpoint(session, run, Checkpoint(position), datetime.now(UTC), totals=totals)
    piece.checkpoint = position
    run_changed(piece.run_id)


def _terms(piece: Slice, scope: Scope) -> dict[ObjectType, Terms]:
    with reading() as session:
        found = {kind: mappings.load(session, piece.connection_id, kind) for kind in OBJECT_TYPES}
        if piece.fields is not None:
            found = {kind: one.narrowed(piece.fields.get(kind, ())) for kind, one in found.items()}
        return {
            kind: Terms(
                found[kind],
                rules.load(session, piece.connection_id, kind, "out"),
                is_asked_for=scope.kind in ("company", "contact"),
                is_automatic=scope.kind == "outbox",
                may_create=scope.may_create,
                clears=frozenset(piece.options.get("clears", ())) if kind in scope.types else frozenset(),
            )
            for kind in OBJECT_TYPES
        }


def _move_on(push: Push, last_id: int | None) -> None:
    """Behind the page, or on to the next phase; a page that was left half-way stays where it is."""
    if last_id == push.position.after:
        return
    phase = push.position.phase
    began_at = push.position.began_at
    if last_id is None:
        push.position = Position(phase=_NEXT[phase], began_at=began_at)
    else:
        push.position = Position(phase=phase, after=last_id, began_at=began_at)
    with writing() as session:
        run = lock_run(session, push.piece.run_id, push.piece.fence)
        write_checkpoint(session, run, push.checkpoint(), datetime.now(UTC))
    run_changed(push.piece.run_id)


def _push_page_again(push: Push, terms: Terms) -> int | None:
    """Push a page; objects that HubSpot may have made while the answer was lost are found on the next try."""
    for _ in range(_TRIES - 1):
        try:
            return _push_page(push, terms)
        except HubSpotError as trouble:
            if not (trouble.retryable and trouble.may_have_taken_effect):
                raise
    return _push_page(push, terms)


def _push_page(push: Push, terms: Terms) -> int | None:
    """Push one page; the number of its last record, None behind the last page.

    A page that could not be finished in this slice answers where it began.
    """
    piece = push.piece
    with reading() as session:
        page = push_facts.page(
            session,
            piece.connection_id,
            piece.run_id,
            terms.object_type,
            push.scope,
            after_id=push.position.after,
            limit=_PAGE_SIZES[terms.object_type],
        )
        _add_company_values(session, terms, page)
        if piece.is_preview and terms.object_type == "contacts":
            planned_push.PlannedLinks(session, piece.run_id, "companies").lay_over_companies(page)
    if not page:
        return None
    steps = [first_step(local, terms) for local in page if not local.is_done]
    sending = Sending(
        terms,
        piece.connection_id,
        write=lambda settled: _write(push, terms, settled),
        is_late=lambda: piece.is_over(_GRACE_S),
    )
    hits = find(push.crew, terms, steps)
    if terms.is_automatic:
        _add_times(push, terms, steps)
    _decide(push, terms, steps, hits)
    if piece.is_preview:
        _foresee(push, terms, steps, page[-1].id)
        return page[-1].id
    _check_amount(push, terms, steps)
    _announce(push, terms, [step for step in steps if not step.is_settled])
    _write(push, terms, [step for step in steps if step.is_settled])
    send(push.crew, sending, [step for step in steps if not step.is_settled])
    return page[-1].id if all(step.is_settled for step in steps) else push.position.after


def _add_company_values(session: Session, terms: Terms, page: Sequence[Local]) -> None:
    """Give new contacts what the rule asks about their companies."""
    if terms.rule.company_fields:
        new = [local for local in page if local.link is None]
        found = company_values.asked(session, terms.rule, [_company_id(local) for local in new])
        for local in new:
            local.company_values = found.get(_company_id(local) or 0)


def _company_id(local: Local) -> int | None:
    number = local.values.get("company_id")
    return number if isinstance(number, int) else None


def _add_times(push: Push, terms: Terms, steps: Sequence[Step]) -> None:
    """When the fields were changed that both sides changed: the later edit is kept."""
    disputed = [
        step
        for step in steps
        if step.theirs is not None and conflicting(step.local, step.theirs, terms.mapping)
    ]
    if not disputed:
        return
    with reading() as session:
        edited = edits.latest(session, terms.object_type, [step.local.id for step in disputed])
    for step in disputed:
        step.local.edited_at = edited.get(step.local.id, {})
    read_times(push.crew, terms, disputed)


def _decide(push: Push, terms: Terms, steps: Sequence[Step], hits: Hits) -> None:
    """Plan every step; an object that two records of the page lead to is the first one's."""
    found = {theirs.id for some in hits.values() for theirs in some}
    found |= {step.theirs.id for step in steps if step.theirs is not None}
    with reading() as session:
        owners = push_facts.owners(session, push.piece.connection_id, terms.object_type, sorted(found))
        apart = push_facts.apart(session, push.piece.connection_id, terms.object_type, sorted(found))
        if push.piece.is_preview:
            planned = planned_push.PlannedLinks(session, push.piece.run_id, terms.object_type)
            planned.lay_over_owners(owners, sorted(found))
    for step in steps:
        if step.is_settled:
            continue
        if step.verb == "update" and step.theirs is not None:
            owner = owners.get(step.theirs.id, step.local.id)
            if owner != step.local.id:
                hold_merged(step, step.theirs, owner)
                continue
            plan_update(step, step.theirs, terms)
        else:
            plan_match(step, hits[step.local.id], owners, apart.get(step.local.id, frozenset()), terms)
        if step.theirs is not None:
            owners[step.theirs.id] = step.local.id


def _foresee(push: Push, terms: Terms, steps: Sequence[Step], last_id: int) -> None:
    """Say what would become of a page; it is written at once with the checkpoint behind it.

    What is unchanged leaves no trace by which a page that was begun could be told from a new one.
    """
    foresee_all(push.crew, push.piece.connection_id, terms, steps)
    push.position = Position(phase=push.position.phase, after=last_id, began_at=push.position.began_at)
    with writing() as session:
        run = lock_run(session, push.piece.run_id, push.piece.fence)
        planned_push.write_planned_steps(session, run, _batch(push, terms), steps, push.checkpoint())
    run_changed(push.piece.run_id)


def _check_amount(push: Push, terms: Terms, steps: Sequence[Step]) -> None:
    """Stop an automatic push before it changes more than somebody should have looked at."""
    if not terms.is_automatic or push.piece.options.get("is_allowed"):
        return
    changing = [step for step in steps if step.changes and not step.is_settled]
    samples = [
        {
            "object_type": terms.object_type,
            "record_id": step.local.id,
            "name": record_name(terms.object_type, step.local.values),
            "changes": [[name, prior, text] for name, prior, text in step.changes],
        }
        for step in changing[:10]
    ]
    with writing() as session:
        run = lock_run(session, push.piece.run_id, push.piece.fence)
        links = guard.count_links(session, push.piece.connection_id)
        keys = [(terms.object_type, step.local.id) for step in changing]
        mass_change.check(session, run, links, keys, samples)


def _announce(push: Push, terms: Terms, steps: Sequence[Step]) -> None:
    if not steps:
        return
    batch = _batch(push, terms)
    with writing() as session:
        lock_run(session, push.piece.run_id, push.piece.fence)
        push_apply.announce(session, batch, steps)
    for step in steps:
        if step.verb == "create":
            step.local.announced_at = step.local.announced_at or batch.now


def _batch(push: Push, terms: Terms) -> Batch:
    return Batch(push.piece.connection_id, push.piece.run_id, terms.object_type, datetime.now(UTC))


def _write(push: Push, terms: Terms, steps: Sequence[Step]) -> None:
    """Write settled steps down; one that another run has just linked is settled by itself."""
    for some in in_batches(steps, _WRITTEN_AT_ONCE):
        try:
            _write_at_once(push, terms, some)
        except IntegrityError:
            if len(some) == 1:
                _settle_collision(push, terms, some[0])
            else:
                for step in some:
                    _write(push, terms, [step])


def _write_at_once(push: Push, terms: Terms, steps: Sequence[Step]) -> None:
    with writing() as session:
        run = lock_run(session, push.piece.run_id, push.piece.fence)
        push_apply.write_steps(session, run, _batch(push, terms), steps, push.checkpoint())
    run_changed(push.piece.run_id)


def _settle_collision(push: Push, terms: Terms, step: Step) -> None:
    """The record or its object was linked by another run since this page was read."""
    theirs = step.theirs
    if theirs is None:
        raise RuntimeError(f"record {step.local.id} collides with no object")
    with reading() as session:
        owner = push_facts.owners(session, push.piece.connection_id, terms.object_type, [theirs.id])
    if owner.get(theirs.id) in (None, step.local.id):
        step.outcome, step.reason = outcomes.SKIPPED, "linked_meanwhile"
        step.verb, step.link_state, step.changes = "leave", None, []
    else:
        hold(step, "object_linked", hits=[theirs], terms=terms, owners=owner)
        step.link_state = None
    _write_at_once(push, terms, [step])
