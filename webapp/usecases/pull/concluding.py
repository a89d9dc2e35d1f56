"""The end of an object type: what a pull holds, and has answered itself by now, is looked at once more.

An object of an early page may be held for a record that a later page links to another object. The contacts
come after that of companies, so that they meet these as a second pull would.
"""

from collections.abc import Sequence

from msgspec import Struct, to_builtins
from msgspec.structs import replace
from sqlalchemy.orm import Session

from webapp.domain.pull.plan import Plan
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.store.pull import answered
from webapp.store.runs import entries
from webapp.usecases.pull.context import Contexts
from webapp.usecases.pull.reading.position import Concluding, Position
from webapp.usecases.pull.with_companies import ReadObjects, apply_with_companies
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.publish import run_changed

_AT_ONCE = 100


def behind_page(kind: ObjectType, following: Position) -> Position:
    """The position behind a page of a type: behind the last one the type is to be concluded."""
    if following.object_type == kind and not following.is_end:
        return following
    return replace(following, concluding=Concluding(object_type=kind))


def concluded(lease: Lease, contexts: Contexts, position: Position, read_objects: ReadObjects) -> Position:
    """Conclude an object type, if one is to be, until the slice is over; the position behind.

    What is held is gone through until nothing is answered any more: each answer has linked a record, and what
    is linked is asked about no longer.

    Args:
        lease: The slice.
        contexts: What pages are applied under.
        position: Where the run is.
        read_objects: Reads objects as they are now.
    """
    while position.concluding is not None:
        found = _next_answered(lease, position.concluding)
        if found is None:
            return replace(position, concluding=None)
        position = _look_again(lease, contexts, position, found, read_objects)
        if lease.is_over():
            break
    return position


class _Found(Struct, frozen=True):
    """Held objects whose questions were answered: the entry of each, and the position behind them."""

    answered: dict[str, int]
    behind: Concluding


def _next_answered(lease: Lease, concluding: Concluding) -> _Found | None:
    """The next held objects whose questions were answered; None where there are none in a whole pass."""
    kind = concluding.object_type
    with lease.services.database.reading() as session:
        while True:
            held = answered.held_after(session, lease.run_id, kind, concluding.after, _AT_ONCE)
            if held.last_seq is not None:
                concluding = replace(concluding, after=held.last_seq)
            elif concluding.has_moved:
                concluding = Concluding(object_type=kind)
            else:
                return None
            if held.answered:
                return _Found(held.answered, concluding)


def _look_again(
    lease: Lease, contexts: Contexts, position: Position, found: _Found, read_objects: ReadObjects
) -> Position:
    """Apply held objects as they are now; their new log entries take the place of those before."""
    kind, of_object = found.behind.object_type, found.answered
    # One that was merged into another meanwhile is met again by whoever compares everything.
    remotes = [
        one for one in read_objects(kind, sorted(of_object)) if one.id in of_object and not one.unreadable
    ]
    has_moved = found.behind.has_moved or bool(remotes)
    following = replace(position, concluding=replace(found.behind, has_moved=has_moved))

    def replace_entries(session: Session, _: Sequence[Plan]) -> None:
        seqs = [of_object[one.id] for one in remotes]
        entries.take_back(session, lease.run_id, kind, outcomes.HELD, seqs)

    apply_with_companies(
        lease,
        contexts,
        kind,
        remotes,
        to_builtins(following),
        read_objects=read_objects,
        also=replace_entries,
    )
    run_changed(lease.services, lease.run_id)
    return following
