"""Taking a merge apart: the record that went comes back, in the caller's transaction."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.merging import put_back
from webapp.domain.records.values import Change
from webapp.errors import RefusedError
from webapp.store.duplicates import merged, pairs
from webapp.store.records import edits, records


def take_apart_in(
    session: Session,
    object_type: ObjectType,
    loser_id: int,
    *,
    user_id: int | None,
    run_id: int | None = None,
) -> list[Change]:
    """Bring a merged record back with its values, contacts and link; the pair is asked about again.

    Returns:
        `(field, value before, present value)` of what was changed since in the other record, and stays.

    Raises:
        RefusedError: `merge_not_kept`, the merge is too long ago or was taken back; `one_gone`.
    """
    now = datetime.now(UTC)
    row = merged.get(session, object_type, loser_id)
    if row is None or row.kept is None:
        raise RefusedError("merge_not_kept")
    winner = records.get(session, object_type, row.winner_id)
    if winner is None:
        raise RefusedError("one_gone")
    apart = [(min(loser_id, one), max(loser_id, one)) for one in row.kept["apart"]]
    winner_id, version, values = winner.id, winner.version, records.values_of(object_type, winner)
    changes = [(str(name), old, new) for name, old, new in row.kept["changes"]]
    back, left = put_back(changes, values)
    restored = values | {name: old for name, _, old in back}
    if not records.change(session, object_type, winner_id, version, restored):
        raise RefusedError("one_just_changed")
    merged.take_apart(session, row, back, now)
    edited = [(winner_id, back)]
    edits.add(session, object_type, edited, origin="undo", now=now, user_id=user_id, run_id=run_id)
    pairs.reopen(session, object_type, [(min(winner_id, loser_id), max(winner_id, loser_id))])
    pairs.keep_apart(session, object_type, apart, user_id=user_id, now=now)
    return left
