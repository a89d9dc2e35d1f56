"""Merging two records here: first what it would do, then, on a yes, doing it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import email_key
from webapp.domain.records.merging import gained, lost, taken_over
from webapp.domain.records.naming import record_name
from webapp.domain.records.values import Change
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.duplicates import merged, pairs
from webapp.store.people import audit
from webapp.store.push import outbox
from webapp.store.records import edits, merges, records
from webapp.store.records.records import Record
from webapp.usecases.runs import queues
from webapp.usecases.runs.publish import records_changed


class Preview(Struct, frozen=True):
    """The effect of a merge, before it is done.

    Attributes:
        gained: fields that the winner takes over from the loser.
        lost: the loser's values that give way, each beside the winner's.
        contacts: how many contacts go over from company to company.
        takes_link: whether the winner takes over the loser's link to HubSpot.
        ignored: objects in HubSpot that stay there and are left alone from then on.
        versions: the versions of winner and loser that were looked at.
    """

    gained: list[Change]
    lost: list[Change]
    contacts: int
    takes_link: bool
    ignored: list[str]
    versions: tuple[int, int]


def preview(services: Services, object_type: ObjectType, winner_id: int, loser_id: int) -> Preview:
    """The effect of merging the loser into the winner.

    Raises:
        RefusedError: one of them is not here, or they are one and the same.
    """
    with services.database.reading() as session:
        winner, loser = _both(session, object_type, winner_id, loser_id)
        return _preview(session, object_type, winner, loser)


def merge(
    services: Services,
    object_type: ObjectType,
    winner_id: int,
    loser_id: int,
    versions: tuple[int, int],
    *,
    user_id: int,
    chosen: Collection[str] = (),
) -> None:
    """Merge the loser into the winner, if both are still as they were looked at.

    Args:
        services: What it works with.
        object_type: Companies or contacts.
        winner_id: The record that stays.
        loser_id: The record that goes.
        versions: Those of winner and loser that were looked at.
        user_id: Who merges.
        chosen: The fields in which the loser's value stays although the winner has one.

    Raises:
        RefusedError: one of them is not here, or was changed since.
    """
    now = datetime.now(UTC)
    with services.database.writing() as session:
        merges.hold(session, object_type, [winner_id, loser_id])
        winner, loser = _both(session, object_type, winner_id, loser_id)
        if (winner.version, loser.version) != versions:
            raise RefusedError("one_just_changed")
        done = merge_in(session, object_type, winner_id, loser_id, chosen=chosen, user_id=user_id, now=now)
        ids = {"winner_id": winner_id, "loser_id": loser_id}
        audit.add(session, services.actor, "merged", object_type=object_type, **ids)
    announce(services, done.to_send_to)


class Merged(Struct, frozen=True):
    """The result of a merge.

    Attributes:
        name: what the winner is called now.
        changes: `(field, old, new)` of it.
        to_send_to: the connections that are to hear of that.
    """

    name: str
    changes: list[Change]
    to_send_to: list[int]


def merge_in(
    session: Session,
    object_type: ObjectType,
    winner_id: int,
    loser_id: int,
    *,
    chosen: Collection[str],
    user_id: int | None,
    now: datetime,
) -> Merged:
    """Merge the loser into the winner in the caller's transaction; `announce` comes after its commit.

    Raises:
        RefusedError: One of them is not here, they are one and the same, or it is being changed just now.
    """
    merges.hold(session, object_type, [winner_id, loser_id])
    winner, loser = _both(session, object_type, winner_id, loser_id)
    if merges.is_being_joined(session, object_type, loser_id):
        raise RefusedError("one_just_changed")
    before, of_loser = (records.values_of(object_type, one) for one in (winner, loser))
    changes = taken_over(before, of_loser, chosen)
    takes_link = _preview(session, object_type, winner, loser).takes_link
    kept = merged.to_keep(session, object_type, winner, loser, changes)
    addresses = _addresses(session, object_type, (winner, loser))
    kept["apart"] = pairs.record_merged(session, object_type, winner_id, loser_id, user_id=user_id, now=now)
    version = winner.version
    contacts = merges.contacts_of(session, loser_id) if object_type == "companies" else []
    merges.move(session, object_type, winner, loser, user_id=user_id, now=now, kept=kept)
    values = before | {name: new for name, _, new in changes}
    if not records.change(session, object_type, winner_id, version, values):
        raise RefusedError("one_just_changed")
    if object_type == "contacts":
        merges.set_addresses(session, winner_id, email_key(str(values.get("email") or "")), addresses)
    edits.add(session, object_type, [(winner_id, changes)], origin="merge", now=now, user_id=user_id)
    # With the loser's link the winner gets its object, which does not hold the winner's values yet.
    is_to_be_sent = bool(changes) or takes_link
    to_send_to = set(outbox.add(session, object_type, [winner_id], now) if is_to_be_sent else [])
    if object_type == "companies" and takes_link:
        outbox.add_contacts_of(session, [winner_id], now)
    moves: list[Change] = [("company_id", loser_id, winner_id)]
    to_send_to.update(_record_moved(session, contacts, moves, user_id, now))
    return Merged(record_name(object_type, values), changes, sorted(to_send_to))


def _record_moved(
    session: Session, contact_ids: list[int], changes: list[Change], user_id: int | None, now: datetime
) -> list[int]:
    """Keep that contacts have another company now, which is to be sent; returns the connections."""
    moved = [(contact_id, changes) for contact_id in contact_ids]
    edits.add(session, "contacts", moved, origin="merge", now=now, user_id=user_id)
    return outbox.add(session, "contacts", contact_ids, now)


def announce(services: Services, to_send_to: Iterable[int]) -> None:
    """After the commit: wake the open pages, and queue what is to be sent."""
    records_changed(services)
    for connection_id in sorted(set(to_send_to)):
        queues.enqueue_automatic(services, queues.AUTO_PUSH, connection_id)


def _addresses(session: Session, object_type: ObjectType, both: Sequence[Record]) -> set[str]:
    """All e-mail addresses of two contacts."""
    if object_type == "companies":
        return set()
    own = {email_key(getattr(one, "email", None)) for one in both}
    further = {key for one in both for key in records.further_emails(session, one.id)}
    return {key for key in own | further if key}


def _both(session: Session, object_type: ObjectType, winner_id: int, loser_id: int) -> tuple[Record, Record]:
    winner, loser = (records.get(session, object_type, number) for number in (winner_id, loser_id))
    if winner is None or loser is None:
        raise RefusedError("one_gone")
    if winner_id == loser_id:
        raise RefusedError("same_record")
    return winner, loser


def _preview(session: Session, object_type: ObjectType, winner: Record, loser: Record) -> Preview:
    winner_values, loser_values = (
        records.values_of(object_type, winner),
        records.values_of(object_type, loser),
    )
    own = {link.connection_id for link in merges.links_of(session, object_type, winner.id)}
    links = merges.links_of(session, object_type, loser.id)
    is_company = object_type == "companies"
    return Preview(
        gained=gained(winner_values, loser_values),
        lost=lost(winner_values, loser_values),
        contacts=merges.count_contacts(session, loser.id) if is_company else 0,
        takes_link=any(link.connection_id not in own for link in links),
        ignored=[link.remote_id for link in links if link.connection_id in own and link.state != "held"],
        versions=(winner.version, loser.version),
    )
