"""Writes down the results of a page, and those that collide with what another run wrote meanwhile."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from webapp.domain.push.facts import PushPolicy
from webapp.domain.push.result import Result, after_collision
from webapp.errors import OutdatedReadError
from webapp.hubspot.batches import in_batches
from webapp.store.preview import push as preview_push
from webapp.store.push import announcing
from webapp.store.push import apply as push_apply
from webapp.store.push import facts as push_facts
from webapp.store.runs.checkpoint import lock_run
from webapp.usecases.push.position import Push
from webapp.usecases.runs.publish import run_changed

_BATCH_SIZE = 500


def write(
    push: Push, policy: PushPolicy, results: Sequence[Result], *, generation: int | None = None
) -> None:
    """Write results down; a record that another run has just linked is written alone.

    Args:
        push: The push.
        policy: The policy in force.
        results: The results.
        generation: That of the read that they follow from; None where HubSpot has answered our own write.

    Raises:
        OutdatedReadError: One of the objects was written to since that read, or a record deleted here.
    """
    for some in in_batches(results, _BATCH_SIZE):
        try:
            _write_at_once(push, policy, some, generation)
        except IntegrityError:
            if len(some) == 1:
                _write_collision(push, policy, some[0])
            else:
                for result in some:
                    write(push, policy, [result], generation=generation)


def _write_at_once(
    push: Push, policy: PushPolicy, results: Sequence[Result], generation: int | None = None
) -> None:
    checkpoint = push.checkpoint()
    try:
        # It could be lost at a power loss: the announcement is on the disk, so that the object is found and
        # the log still gets the values before. But next to a call, waiting for the disk costs little.
        with push.lease.services.database.writing() as session:
            run = lock_run(session, push.lease.run_id, push.lease.fence)
            batch = push.batch(policy.object_type)
            if generation is not None:
                announcing.refuse_outdated_reads(session, batch, results, generation)
                announcing.refuse_deleted_records(session, batch, results)
            push_apply.write_results(session, run, batch, results, checkpoint)
    except (IntegrityError, OutdatedReadError):
        push.lease.give_back(checkpoint.usage)
        raise
    run_changed(push.lease.services, push.lease.run_id)


def _write_collision(push: Push, policy: PushPolicy, result: Result) -> None:
    """The record or its object was linked by another run since this page was read."""
    if result.remote is None:
        raise RuntimeError(f"record {result.local.id} collides with no object")
    remote_id = result.remote.id
    with push.lease.services.database.reading() as session:
        owners = push_facts.owners(session, push.lease.connection_id, policy.object_type, [remote_id])
    _write_at_once(push, policy, [after_collision(result, owners.get(remote_id), policy)])


def write_foreseen(push: Push, policy: PushPolicy, results: Sequence[Result], last_id: int) -> None:
    """Write what would become of a page, at once with the checkpoint behind it.

    What is unchanged leaves no trace by which a page that was begun could be distinguished from a new one.
    """
    push.position = push.position.moved(policy.object_type, last_id)
    with push.lease.services.database.writing() as session:
        run = lock_run(session, push.lease.run_id, push.lease.fence)
        batch = push.batch(policy.object_type)
        preview_push.write_planned(session, run, batch, results, push.checkpoint())
    run_changed(push.lease.services, push.lease.run_id)
