"""The end of an object type: what waits until all of it has been read is decided about, then linked.

Nothing is linked while it is decided, so that no decision depends on the order of objects: of several that
are certainly one record the likeliest is it. What is linked answers questions, and may bring others by a
crowded key, so that both are repeated until nothing is linked any more. The contacts come after that of
companies, and meet these as a second pull would.
"""

from collections.abc import Sequence

from msgspec import Struct, to_builtins
from msgspec.structs import replace
from sqlalchemy.orm import Session

from webapp.domain.pull.plan import Linking, Plan, When
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

    This ends: each time something was linked, or could not be, and waits no longer.

    Args:
        lease: The slice.
        contexts: What pages are applied under.
        position: Where the run is.
        read_objects: Reads objects as they are now.
    """
    while position.concluding is not None:
        found = _next_waiting(lease, position.concluding)
        if found is None:
            return replace(position, concluding=None)
        position = _look_again(lease, contexts, position, found, read_objects)
        if lease.is_over():
            break
    return position


class _Found(Struct, frozen=True):
    """Objects to look at again: the entry of each, what they are linked to, and the position behind them.

    The entries of `left_out` are not of held objects.
    """

    entries: dict[str, int]
    behind: Concluding
    chosen: dict[str, int] = {}
    left_out: frozenset[int] = frozenset()


def _next_waiting(lease: Lease, concluding: Concluding) -> _Found | None:
    """The next objects to decide about, or to link; None where none are left."""
    with lease.services.database.reading() as session:
        while True:
            look = _next_to_link if concluding.is_linking else _next_answered
            found = look(session, lease.run_id, concluding)
            if found is None:
                following = _following(concluding)
                if following is None:
                    return None
                concluding = following
            elif found.entries:
                return found
            else:
                concluding = found.behind


def _following(concluding: Concluding) -> Concluding | None:
    """What comes when all entries have been gone through; None where that is the end."""
    if not concluding.is_linking:
        return Concluding(object_type=concluding.object_type, is_linking=True)
    return Concluding(object_type=concluding.object_type) if concluding.has_moved else None


def _next_answered(session: Session, run_id: int, concluding: Concluding) -> _Found | None:
    if concluding.last_match is None:
        last_match = answered.last_match(session, run_id, concluding.object_type)
        concluding = replace(concluding, last_match=last_match)
    held = answered.held_after(
        *(session, run_id, concluding.object_type, concluding.after, _AT_ONCE),
        last_match=concluding.last_match or 0,
    )
    if held.last_seq is None:
        return None
    return _Found(held.answered, replace(concluding, after=held.last_seq), left_out=held.left_out)


def _next_to_link(session: Session, run_id: int, concluding: Concluding) -> _Found | None:
    certain = answered.certain_after(session, run_id, concluding.object_type, concluding.after, _AT_ONCE)
    if certain.last_seq is None:
        return None
    has_moved = concluding.has_moved or bool(certain.entries)
    return _Found(
        certain.entries,
        replace(concluding, after=certain.last_seq, has_moved=has_moved),
        certain.chosen,
    )


def _look_again(
    lease: Lease, contexts: Contexts, position: Position, found: _Found, read_objects: ReadObjects
) -> Position:
    """Apply objects as they are now; their new log entries take the place of those before."""
    kind, of_object = found.behind.object_type, found.entries
    # One that was merged into another meanwhile is met again by whoever compares everything.
    remotes = [
        one for one in read_objects(kind, sorted(of_object)) if one.id in of_object and not one.unreadable
    ]
    following = replace(position, concluding=found.behind)
    missing = sorted(of_object.keys() - {one.id for one in remotes})

    def replace_entries(session: Session, _: Sequence[Plan]) -> None:
        seqs = {of_object[one.id] for one in remotes}
        for outcome, some in (
            (outcomes.HELD, seqs - found.left_out),
            (outcomes.SKIPPED, seqs & found.left_out),
        ):
            entries.take_back(session, lease.run_id, kind, outcome, sorted(some))
        answered.forget_choices(session, lease.run_id, [of_object[one] for one in missing])

    linking = Linking(When.CHOSEN, found.chosen)
    apply_with_companies(
        lease,
        {**contexts, kind: replace(contexts[kind], linking=linking)},
        kind,
        remotes,
        to_builtins(following),
        read_objects=read_objects,
        also=replace_entries,
    )
    run_changed(lease.services, lease.run_id)
    return following
