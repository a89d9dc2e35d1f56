"""Decisions about possible duplicates: not the same, or the same; and taking them back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Change
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.duplicates import pairs
from webapp.store.people import audit
from webapp.store.records import records
from webapp.usecases.matching.finding import find_for
from webapp.usecases.records.merging import Merged, announce, merge_in
from webapp.usecases.records.unmerging import take_apart_in
from webapp.usecases.runs.publish import records_changed

_MOST_LISTED = 50


def keep_apart(
    services: Services, object_type: ObjectType, ids: Sequence[tuple[int, int]], *, user_id: int | None
) -> None:
    """Remember that the records of these pairs are not the same."""
    with services.database.writing() as session:
        pairs.keep_apart(session, object_type, ids, user_id=user_id)
        audit.add(session, services.actor, "kept_apart", object_type=object_type, ids=_shown(ids))
    records_changed(services)


def reopen(services: Services, object_type: ObjectType, ids: Sequence[tuple[int, int]]) -> None:
    """Ask about these pairs again."""
    with services.database.writing() as session:
        pairs.reopen(session, object_type, ids)
        audit.add(session, services.actor, "asked_again", object_type=object_type, ids=_shown(ids))
    records_changed(services)


def merge_group(
    services: Services,
    object_type: ObjectType,
    stays: int,
    versions: Mapping[int, int],
    *,
    values_from: Mapping[str, int],
    user_id: int,
    may_be_apart: bool = True,
) -> None:
    """Merge records of a group into one of them, if all are still as they were looked at.

    Args:
        services: What it works with.
        object_type: Companies or contacts.
        stays: The record that stays.
        versions: The version of each record that was looked at, by its number.
        values_from: Of each field the record whose value stays.
        user_id: Who merges.
        may_be_apart: Whether they are merged although somebody has said that they are not the same.

    Raises:
        RefusedError: One of them is not here, or was changed since; `choose_two`, where there are no two;
            `kept_apart_meanwhile`.
    """
    if stays not in versions or len(versions) == 1:
        raise RefusedError("choose_two")
    now = datetime.now(UTC)
    to_send_to: list[int] = []
    with services.database.writing() as session:
        check_versions(session, object_type, versions, may_be_apart=may_be_apart)
        for loser_id in sorted(set(versions) - {stays}):
            done = merge_one(
                session, object_type, stays, loser_id, values_from=values_from, user_id=user_id, now=now
            )
            to_send_to += done.to_send_to
            audit.add(
                session, services.actor, "merged", object_type=object_type, winner_id=stays, loser_id=loser_id
            )
    announce(services, to_send_to)


def merge_one(
    session: Session,
    object_type: ObjectType,
    stays: int,
    loser_id: int,
    *,
    values_from: Mapping[str, int],
    user_id: int | None,
    now: datetime,
) -> Merged:
    """Merge one record of a group in the caller's transaction, with the values that were chosen of it."""
    chosen = {name for name, record_id in values_from.items() if record_id == loser_id}
    return merge_in(session, object_type, stays, loser_id, chosen=chosen, user_id=user_id, now=now)


def check_versions(
    session: Session, object_type: ObjectType, versions: Mapping[int, int], *, may_be_apart: bool = True
) -> None:
    """Refuse what was decided of records that are not as they were looked at.

    Args:
        session: Where to read.
        object_type: Companies or contacts.
        versions: The version of each record that was looked at, by its number.
        may_be_apart: Whether some of them may be said not to be the same.

    Raises:
        RefusedError: `one_gone`, `one_just_changed`, `kept_apart_meanwhile`.
    """
    if not may_be_apart and pairs.apart(session, object_type, list(versions)):
        raise RefusedError("kept_apart_meanwhile")
    for record_id, version in versions.items():
        record = records.get(session, object_type, record_id)
        if record is None:
            raise RefusedError("one_gone")
        if record.version != version:
            raise RefusedError("one_just_changed")


def _shown(ids: Sequence[tuple[int, int]]) -> list[str]:
    """Some of many pairs, for the audit log."""
    return [f"{lower}/{higher}" for lower, higher in ids[:_MOST_LISTED]]


def take_apart(
    services: Services, object_type: ObjectType, loser_id: int, *, user_id: int | None
) -> list[Change]:
    """Take a merge back: the record that went comes back with its values, contacts and link.

    Returns:
        `(field, value before, present value)` of what was changed since and stays as it is.

    Raises:
        RefusedError: `merge_not_kept`, the merge is too long ago or was taken back; `one_gone`.
    """
    with services.database.writing() as session:
        done = take_apart_in(session, object_type, loser_id, user_id=user_id)
        audit.add(session, services.actor, "taken_apart", object_type=object_type, loser_id=loser_id)
    records_changed(services)
    with services.database.writing() as session:
        find_for(session, object_type, [loser_id], found_by="edit")
    return done.left
