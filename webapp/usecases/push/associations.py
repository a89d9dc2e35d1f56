"""The last phase of a push: each contact's company becomes the primary one of its object."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import structs
from sqlalchemy.orm import Session

from webapp.domain.push.associations import PRIMARY, SetPrimary, decide, is_disputed
from webapp.domain.runs.outcomes import ASSOCIATION_UNREADABLE, ASSOCIATION_UNSETTLED
from webapp.errors import OutdatedReadError
from webapp.hubspot.association_decoding import Related
from webapp.hubspot.batches import in_batches
from webapp.hubspot.calls.associations import AssociationAnswer
from webapp.hubspot.objects import Association
from webapp.store.links import generations
from webapp.store.push import associations as push_companies
from webapp.store.push.associations import Pair
from webapp.store.runs import mass_change as mass_change_counts
from webapp.store.runs.checkpoint import lock_run
from webapp.store.runs.runs import Run
from webapp.usecases.push.announced_associations import (
    companies_in,
    complete_left_over,
    complete_seen,
)
from webapp.usecases.push.finding.disputes import later_here
from webapp.usecases.push.position import Push
from webapp.usecases.push.sending.associating import associate_narrowed
from webapp.usecases.push.sending.client_pool import ClientPool, Job
from webapp.usecases.runs import mass_change
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.publish import run_changed

# What one call takes, and how many contacts are compared and set at once, by calls side by side.
_A_CALL = 1000
_PAGE_SIZE = 5 * _A_CALL
_LEFT_OUT = "association_left_out"
_TRIES = 4
_READ_AGAIN_AFTER_S = 0.1


def push_associations(push: Push) -> int | None:
    """Compare and set the companies of the next contacts; the last one's number, None behind the last.

    What is primary already is not written, and other companies of a contact are left alone: the former
    primary one stays as a plain one. A preview foresees that all are set. Where another run writes to one of
    the contacts at this moment, they are read again, in the next slice at the latest.
    """
    completed: set[int] = set()
    for _ in range(_TRIES):
        try:
            return _push_associations(push, completed)
        except OutdatedReadError:
            if push.is_over():
                break
            time.sleep(_READ_AGAIN_AFTER_S)
    return push.position.after


def _push_associations(push: Push, completed: set[int]) -> int | None:
    lease, pool = push.lease, push.pool
    if not lease.is_preview:
        _complete_left_over(lease, pool, completed)
    with lease.services.database.reading() as session:
        generation = generations.current(session, lease.connection_id)
        pairs = push.overlay.pairs(
            session, lease.connection_id, push.scope, after_id=push.position.after, limit=_PAGE_SIZE
        )
    if not pairs:
        return None
    is_automatic = push.scope.kind == "outbox"
    seen = _with_companies(pool, pairs)
    if not lease.is_preview:
        _complete_seen(lease, seen, completed)
    decided = _decided(pool, seen, is_automatic=is_automatic)
    ended = decided
    if not lease.is_preview:
        ended = _carried_out(lease, pool, decided, generation, is_guarded=is_automatic)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        now = datetime.now(UTC)
        push_companies.write(
            session, run, ended, push.checkpoint(), now, generation=generation, completed=completed
        )
    run_changed(lease.services, lease.run_id)
    return pairs[-1].contact_id


def _complete_left_over(lease: Lease, pool: ClientPool, completed: set[int]) -> None:
    """Add the contacts whose company an earlier slice of the run has set, logged only now."""
    services, connection_id = lease.services, lease.connection_id
    while some := complete_left_over(services, pool.client, connection_id, by_run_id=lease.run_id):
        completed |= some


def _complete_seen(lease: Lease, pairs: Sequence[Pair], completed: set[int]) -> None:
    """Complete the logs by what the pairs show: the call of a slice that was cut off may have come in late.

    Raises:
        OutdatedReadError: One was completed, so that the base of its link is another one than that read.
    """
    primaries = {str(one.contact_remote_id): one.companies.primary for one in pairs if one.error is None}
    found = complete_seen(lease.services, lease.connection_id, primaries)
    completed |= {one.contact_id for one in found if one.run_id == lease.run_id}
    if found:
        raise OutdatedReadError


def _with_companies(pool: ClientPool, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with what HubSpot says of each contact's companies; an object that would be made has its own.

    One of which HubSpot's answer is odd fails alone.
    """
    ids = [one.contact_remote_id for one in pairs if one.contact_remote_id]
    present: Related[Association] = Related()
    for related in pool.map([_reading(some) for some in in_batches(ids, _A_CALL)]):
        present.update(related)
        present.unreadable.update(related.unreadable)
    return [
        _with_answer(one, one.contact_remote_id, present) if one.contact_remote_id else one for one in pairs
    ]


def _reading(contact_ids: Sequence[str]) -> Job[Related[Association]]:
    return lambda client: client.associations_of(contact_ids)


def _with_answer(pair: Pair, remote_id: str, present: Related[Association]) -> Pair:
    if (why := present.unreadable.get(remote_id)) is not None:
        return structs.replace(pair, error=why, failed_by=ASSOCIATION_UNREADABLE)
    return structs.replace(pair, companies=companies_in(present.get(remote_id, [])))


def _decided(pool: ClientPool, pairs: Sequence[Pair], *, is_automatic: bool) -> list[Pair]:
    disputed = [pair for pair in pairs if is_automatic and pair.error is None and is_disputed(pair.facts)]
    later = later_here(pool, disputed)
    return [
        structs.replace(
            pair,
            decision=decide(
                pair.facts,
                is_automatic=is_automatic,
                is_later_here=later.get(pair.contact_id, True),
            ),
        )
        if pair.error is None
        else pair
        for pair in pairs
    ]


def _carried_out(
    lease: Lease, pool: ClientPool, pairs: Sequence[Pair], generation: int, *, is_guarded: bool
) -> list[Pair]:
    """The pairs as HubSpot answered them, announced ahead of the call.

    Raises:
        NeedsApprovalError: So many change that an administrator has to allow it.
        OutdatedReadError: One of the contacts was written to since it was read, or is being written.
    """
    to_set = [pair for pair in pairs if isinstance(pair.decision, SetPrimary)]
    if not to_set:
        return list(pairs)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        push_companies.refuse_outdated_reads(session, run, to_set, generation)
        if is_guarded and not lease.is_allowed:
            _check_amount(session, run, to_set)
        push_companies.announce(session, run, to_set, datetime.now(UTC))
    ends = [_ends(pair) for pair in to_set]
    failed: dict[tuple[str, str], dict[str, str]] = {}
    for answer in pool.map([_setting(some) for some in in_batches(ends, _A_CALL)]):
        error = "; ".join(one.message for one in answer.errors if one.problem is None) or _LEFT_OUT
        failed |= {one: {"error": error} for one in answer.missing}
        failed |= {one: {"error": error, "failed_by": ASSOCIATION_UNSETTLED} for one in answer.unsettled}
    return [
        structs.replace(pair, **failed.get(_ends(pair), {}))
        if isinstance(pair.decision, SetPrimary)
        else pair
        for pair in pairs
    ]


def _setting(ends: Sequence[tuple[str, str]]) -> Job[AssociationAnswer]:
    return lambda client: associate_narrowed(client.associate_primary, ends)


def _check_amount(session: Session, run: Run, to_set: Sequence[Pair]) -> None:
    """Stop an automatic push before it moves more contacts than somebody should have looked at."""
    samples = [
        {
            "object_type": "contacts",
            "record_id": pair.contact_id,
            "name": pair.name,
            "changes": [[PRIMARY, pair.companies.primary, pair.company_remote_id]],
        }
        for pair in to_set[:10]
    ]
    links = mass_change_counts.count_links(session, run.connection_id)
    keys = [("contacts", pair.contact_id) for pair in to_set]
    mass_change.check(session, run, links, keys, samples)


def _ends(pair: Pair) -> tuple[str, str]:
    return str(pair.contact_remote_id), pair.company_remote_id
