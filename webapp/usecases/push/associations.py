"""The last phase of a push: each contact's company becomes the primary one of its object."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from msgspec import structs
from sqlalchemy.orm import Session

from webapp.hubspot.objects import Association
from webapp.store.links import generations
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
    read = _with_companies(pool, pairs)
    missing = [pair for pair in read if pair.before != pair.company_remote_id]
    ended = [structs.replace(one, is_done=True) for one in missing]
    if not lease.is_preview:
        _outdate(lease, missing)
        ended = _set_primary(pool, missing)
    by_contact = {pair.contact_id: pair for pair in [*read, *ended]}
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        push_companies.write(session, run, list(by_contact.values()), checkpoint(), datetime.now(UTC))
    run_changed(lease.services, lease.run_id)
    return pairs[-1].contact_id


def _outdate(lease: Lease, pairs: Sequence[Pair]) -> None:
    """No read that began before is applied to these contacts any more."""
    if pairs:
        with lease.services.database.writing() as session:
            lock_run(session, lease.run_id, lease.fence)
            ids = [pair.contact_id for pair in pairs]
            generations.raise_for(session, lease.connection_id, "contacts", ids)


def _next_pairs(session: Session, lease: Lease, scope: Scope, after_id: int) -> list[Pair]:
    if lease.is_preview:
        return preview_push.pairs(
            session, lease.connection_id, lease.run_id, scope, after_id=after_id, limit=_PAGE_SIZE
        )
    return push_companies.page(session, lease.connection_id, scope, after_id=after_id, limit=_PAGE_SIZE)


def _with_companies(pool: ClientPool, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with what HubSpot says of each contact's companies; an object that would be made has none."""
    ids = [pair.contact_remote_id for pair in pairs if pair.contact_remote_id]
    present = pool.client.associations_of(ids)
    return [
        _with_present(pair, present.get(pair.contact_remote_id, [])) if pair.contact_remote_id else pair
        for pair in pairs
    ]


def _with_present(pair: Pair, companies: Sequence[Association]) -> Pair:
    return structs.replace(
        pair,
        before=next((one.to_id for one in companies if one.is_primary), None),
        was_associated=any(one.to_id == pair.company_remote_id for one in companies),
    )


def _set_primary(pool: ClientPool, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs as HubSpot answered them."""
    if not pairs:
        return []
    answer = pool.client.associate_primary([_ends(pair) for pair in pairs])
    done, missing = set(answer.done), set(answer.missing)
    message = "; ".join(error.message for error in answer.errors)
    error = message or _LEFT_OUT
    return [
        structs.replace(pair, is_done=_ends(pair) in done, error=error if _ends(pair) in missing else None)
        for pair in pairs
    ]


def _ends(pair: Pair) -> tuple[str, str]:
    return str(pair.contact_remote_id), pair.company_remote_id
