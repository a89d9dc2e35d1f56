"""Taking a merge apart: the record that went comes back, in the caller's transaction."""

from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.merging import put_back
from webapp.domain.records.values import Change
from webapp.errors import RefusedError
from webapp.store.duplicates import merged, pairs
from webapp.store.records import edits, records


class TakenApart(Struct, frozen=True):
    """The result of taking a merge apart.

    Attributes:
        left: `(field, value before, present value)` of what was changed since in the other record, and stays.
        winner_id: the other record.
        contacts: the contacts that belong to the record again.
    """

    left: list[Change]
    winner_id: int
    contacts: list[int]


def take_apart_in(
    session: Session,
    object_type: ObjectType,
    loser_id: int,
    *,
    user_id: int | None,
    run_id: int | None = None,
    is_edit: bool = False,
) -> TakenApart:
    """Bring a merged record back with its values, contacts and link; the pair is asked about again.

    Args:
        session: A writing transaction.
        object_type: Companies or contacts.
        loser_id: The record that went.
        user_id: Who takes it apart.
        run_id: The undo that does.
        is_edit: Whether what goes back counts as edited here; else neither side moves without a person.

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
    back, left = put_back([(str(name), old, new) for name, old, new in row.kept["changes"]], values)
    restored = values | {name: old for name, _, old in back}
    if not records.change(session, object_type, winner_id, version, restored):
        raise RefusedError("one_just_changed")
    contacts = merged.take_apart(session, row, back, now, is_edit=is_edit)
    moved: list[Change] = [("company_id", winner_id, loser_id)]
    for kind, edited in (
        (object_type, [(winner_id, back)]),
        ("contacts", [(one, moved) for one in contacts]),
    ):
        edits.add(session, kind, edited, origin="undo", now=now, user_id=user_id, run_id=run_id)
    pairs.taken_apart(session, object_type, winner_id, loser_id)
    pairs.keep_apart(session, object_type, apart, user_id=user_id, now=now)
    return TakenApart(left, winner_id, contacts)
