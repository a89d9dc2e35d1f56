"""One page of a push: take it, find its objects, decide, announce what will be made, send, write the results.

Each stage fills HubSpot's batches. What a batch was answered is written down at once, so that a page can be
left at any point and gone through again: records whose result the run has written are not touched twice.
"""

import time
from collections.abc import Sequence

import structlog
from msgspec import structs

from webapp.domain.push.decide import Candidates, plan_page
from webapp.domain.push.facts import FoundObject, Local, PushPolicy
from webapp.domain.push.interrupted_writes import SeenObject
from webapp.domain.push.plan import Fail, Plan, Sendable, Skip, announced, to_send
from webapp.domain.push.recognition.conflicts import is_disputed
from webapp.domain.push.result import unsent_results
from webapp.domain.records.naming import record_name
from webapp.errors import OutdatedReadError
from webapp.hubspot.errors import HubSpotError
from webapp.store.push import announcing
from webapp.store.push import facts as push_facts
from webapp.store.records import edits
from webapp.store.runs import mass_change as mass_change_counts
from webapp.store.runs.checkpoint import lock_run
from webapp.usecases.push import interrupted_writes
from webapp.usecases.push.finding.find import find, read_times
from webapp.usecases.push.finding.lookups import properties_to_read
from webapp.usecases.push.position import Page, Push
from webapp.usecases.push.reading import current_generation, read_ahead, take_page
from webapp.usecases.push.sending.foresee import foresee
from webapp.usecases.push.sending.send import Sending, UnsettledError, send
from webapp.usecases.push.writing import write, write_foreseen
from webapp.usecases.runs import mass_change
from webapp.usecases.runs.overtime import LONGEST_S
from webapp.usecases.runs.queues import is_urgent_work_waiting

# What was read of a page may outlast its slice by so much where other work waits for the worker, and by so
# much in any case, before it is left to the next slice, which reads it again.
GRACE_S = 1.0
LONGEST_GRACE_S = LONGEST_S + 20.0
_READ_AGAIN_AFTER_S = 0.1
# HubSpot says of a record that is written to by others that it lasts two seconds.
_UNSETTLED_S = 2.0
# A create is never repeated unless it was looked for, so that the client leaves its tries to us.
_TRIES = 4

_log = structlog.get_logger()


def push_page(push: Push, policy: PushPolicy) -> int | None:
    """Push a page; objects that HubSpot may have made while the answer was lost are found on the next try.

    Returns:
        The number of its last record, None behind the last page. A page that could not be finished in this
        slice answers where it began.
    """
    unsettled = 0
    for _ in range(_TRIES - 1):
        try:
            return _push_page(push, policy, gives_up=False)
        except OutdatedReadError:
            if push.is_over():
                break
            time.sleep(_READ_AGAIN_AFTER_S)
        except UnsettledError:
            time.sleep(_UNSETTLED_S)
            unsettled += 1
        except HubSpotError as trouble:
            is_repeated = trouble.retryable and trouble.may_have_taken_effect and not trouble.is_unexplained
            if not is_repeated:
                raise
    try:
        return _push_page(push, policy, gives_up=unsettled > 0)
    except (OutdatedReadError, UnsettledError):
        # The slices of the runs that write beside this one end as well.
        return push.position.after_of(policy.object_type)


def _push_page(push: Push, policy: PushPolicy, *, gives_up: bool) -> int | None:
    page = take_page(push, policy)
    if page is None:
        return None
    plans, last_id = _planned(push, policy, page)
    _report_surprises(push, plans)
    if push.lease.is_preview:
        results = foresee(push.pool, push.lease.connection_id, policy, plans)
        write_foreseen(push, policy, results, last_id)
        return last_id
    _check_amount(push, policy, plans)
    sendable = _announced(push, policy, to_send(plans), page.generation)
    write(push, policy, unsent_results(plans, policy), generation=page.generation)
    sending = Sending(
        push.pool,
        policy,
        push.lease.connection_id,
        generation=lambda: current_generation(push),
        announce=lambda plans, generation: _announced(push, policy, plans, generation),
        write=lambda results, generation=None: write(push, policy, results, generation=generation),
        doubt=push.doubt_definitions,
        is_late=lambda: _is_late(push),
        gives_up=gives_up,
    )
    return last_id if send(sending, sendable) else push.position.after_of(policy.object_type)


def _is_late(push: Push) -> bool:
    """Whether what was found is left to the next slice, which has to find it again."""
    if not push.lease.is_over(GRACE_S):
        return False
    return push.lease.is_over(LONGEST_GRACE_S) or is_urgent_work_waiting(push.lease.services)


def _report_surprises(push: Push, plans: Sequence[Plan]) -> None:
    for plan in plans:
        if isinstance(plan, Fail) and plan.error is not None:
            run_id, record_id = push.lease.run_id, plan.local.id
            _log.error("record_failed", run_id=run_id, record_id=record_id, exc_info=plan.error)


def _planned(push: Push, policy: PushPolicy, page: Page) -> tuple[list[Plan], int]:
    """The plans of a page's records, from what HubSpot has for those that are not left out.

    Returns:
        The plans, and the last record that they reach to: the page's last, or the one before the first record
            whose object could not be read in this slice.
    """
    finding = find(push.pool, policy, page.pushed, page.lookups, push.is_over)
    last_id = page.locals[-1].id if finding.unread_from is None else finding.unread_from - 1
    left = [why for record_id, why in page.left.items() if record_id <= last_id]
    reached = [local for local in page.pushed if local.id <= last_id]
    refused = [
        Fail(local=one, refusal=finding.refused[one.id]) for one in reached if one.id in finding.refused
    ]
    pushed = [local for local in reached if local.id not in finding.refused]
    candidates: Candidates = {local.id: finding.candidates[local.id] for local in pushed}
    if finding.unread_from is None:
        read_ahead(push, policy, page, candidates)
    return [*left, *refused, *_decided(push, policy, pushed, candidates, page.generation)], last_id


def _decided(
    push: Push, policy: PushPolicy, pushed: Sequence[Local], candidates: Candidates, generation: int
) -> list[Plan]:
    """The plans of records that HubSpot was asked about, in the order of the records."""
    lease = push.lease
    if not lease.is_preview:
        pushed = _with_completed(push, policy, pushed, candidates, generation)
    if policy.is_automatic:
        pushed, candidates = _with_times(push, policy, pushed, candidates)
    found = sorted({one.id for some in candidates.values() for one in some})
    with lease.services.database.reading() as session:
        owners = push.overlay.owners(session, lease.connection_id, policy.object_type, found)
        apart = push_facts.apart(session, lease.connection_id, policy.object_type, found)
    return plan_page(pushed, candidates, owners, apart, policy)


def _with_completed(
    push: Push, policy: PushPolicy, locals_: Sequence[Local], candidates: Candidates, generation: int
) -> list[Local]:
    """The records, once the logs of earlier runs are complete as far as the objects show."""
    if not interrupted_writes.are_there_any(push.lease.services, push.lease.connection_id):
        return list(locals_)
    objects = {one.id: one for some in candidates.values() for one in some}
    completed = interrupted_writes.complete_seen(
        push.lease.services,
        push.lease.connection_id,
        policy.mapping,
        [SeenObject(one.id, one.properties, one.created_at, generation) for one in objects.values()],
        read=properties_to_read(policy),
        by_run=push.lease.run_id,
    )
    return [structs.replace(one, is_completed=True) if one.id in completed else one for one in locals_]


def _with_times(
    push: Push, policy: PushPolicy, locals_: Sequence[Local], candidates: Candidates
) -> tuple[list[Local], Candidates]:
    """Records and objects that know when the fields were changed that both sides changed."""
    disputed = {
        local.id: candidates[local.id][0].id
        for local in locals_
        if local.is_linked and any(is_disputed(local, one, policy.mapping) for one in candidates[local.id])
    }
    if not disputed:
        return list(locals_), candidates
    with push.lease.services.database.reading() as session:
        edited = edits.latest(session, policy.object_type, list(disputed))
    changed = read_times(push.pool, policy, list(dict.fromkeys(disputed.values())))
    timed_locals = [structs.replace(one, edited_at=edited.get(one.id, {})) for one in locals_]
    timed: dict[int, Sequence[FoundObject]] = {
        record_id: [structs.replace(one, changed_at=changed.get(one.id, {})) for one in some]
        for record_id, some in candidates.items()
    }
    return timed_locals, timed


def _check_amount(push: Push, policy: PushPolicy, plans: Sequence[Plan]) -> None:
    """Stop an automatic push before it changes more than somebody should have looked at."""
    if not policy.is_automatic or push.lease.is_allowed:
        return
    changing = [plan for plan in to_send(plans) if plan.changes]
    losing = [plan for plan in plans if isinstance(plan, Skip) and plan.link_state == "gone"]
    samples = [
        {
            "object_type": policy.object_type,
            "record_id": plan.local.id,
            "name": record_name(policy.object_type, plan.local.values),
            "changes": [[name, prior, text] for name, prior, text in plan.changes],
        }
        for plan in changing[:10]
    ]
    with push.lease.services.database.writing() as session:
        run = lock_run(session, push.lease.run_id, push.lease.fence)
        links = mass_change_counts.count_links(session, push.lease.connection_id)
        keys = [(policy.object_type, plan.local.id) for plan in (*changing, *losing)]
        mass_change.check(session, run, links, keys, samples)


def _announced(push: Push, policy: PushPolicy, plans: Sequence[Sendable], generation: int) -> list[Sendable]:
    """The plans once they are written down, ahead of the calls, with the uuids that objects are made with.

    Raises:
        OutdatedReadError: One of the objects was written to since it was read, or is being written; or one of
            the records was deleted here.
    """
    if not plans:
        return []
    batch = push.batch(policy.object_type)
    with push.lease.services.database.writing() as session:
        lock_run(session, push.lease.run_id, push.lease.fence)
        announcing.refuse_outdated_reads(session, batch, plans, generation)
        uuids = announcing.announce(session, batch, plans)
        announcing.refuse_deleted_records(session, batch, plans)
    return [announced(plan, uuids, batch.now) for plan in plans]
