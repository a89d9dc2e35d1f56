"""The last phase of a push: each contact's company becomes the primary one of its object."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from webapp.store.preview import push as preview_push
from webapp.store.push import associations as push_companies
from webapp.store.push.associations import Pair
from webapp.store.push.scope import Scope
from webapp.store.runs.checkpoint import Checkpoint, lock_run
from webapp.usecases.push.client_pool import ClientPool
from webapp.usecases.runs.publish import run_changed
from webapp.usecases.runs.slices import Lease

_PAGE_SIZE = 1000
_LEFT_OUT = "association_left_out"


def push_associations(
    lease: Lease, pool: ClientPool, scope: Scope, after_id: int, checkpoint: Callable[[], Checkpoint]
) -> int | None:
    """Compare and set the companies of the next contacts; the last one's number, None behind the last.

    What is primary already is not written, and other companies of a contact are left alone: the former
    primary one stays as a plain one. A preview foresees that all are set.
    """
    with lease.services.database.reading() as session:
        pairs = _next_pairs(session, lease, scope, after_id)
    if not pairs:
        return None
    present = pool.client.associations_of([one.contact_remote_id for one in pairs if one.contact_remote_id])
    for pair in pairs:
        if pair.contact_remote_id:
            companies = present.get(pair.contact_remote_id, [])
            pair.before = next((one.to_id for one in companies if one.is_primary), None)
            pair.was_associated = any(one.to_id == pair.company_remote_id for one in companies)
    missing = [pair for pair in pairs if pair.before != pair.company_remote_id]
    if lease.is_preview:
        for pair in missing:
            pair.is_done = True
    else:
        _set_primary(pool, missing)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        push_companies.write(session, run, pairs, checkpoint(), datetime.now(UTC))
    run_changed(lease.services, lease.run_id)
    return pairs[-1].contact_id


def _next_pairs(session: Session, lease: Lease, scope: Scope, after_id: int) -> list[Pair]:
    if lease.is_preview:
        return preview_push.pairs(
            session, lease.connection_id, lease.run_id, scope, after_id=after_id, limit=_PAGE_SIZE
        )
    return push_companies.page(session, lease.connection_id, scope, after_id=after_id, limit=_PAGE_SIZE)


def _set_primary(pool: ClientPool, pairs: Sequence[Pair]) -> None:
    if not pairs:
        return
    asked = {(str(pair.contact_remote_id), pair.company_remote_id): pair for pair in pairs}
    answer = pool.client.associate_primary(list(asked))
    for done in answer.done:
        asked[done].is_done = True
    for missing in answer.missing:
        asked[missing].error = "; ".join(error.message for error in answer.errors) or _LEFT_OUT
