"""Merging two records here: first what it would do, then, on a yes, doing it."""

from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.merging import gained, lost
from webapp.domain.records.values import Change
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.push import outbox
from webapp.store.records import edits, merges, records
from webapp.store.records.records import Record
from webapp.usecases.runs import queues
from webapp.usecases.runs.publish import records_changed


class Preview(Struct, frozen=True):
    """What merging would do.

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
    """What merging the loser into the winner would do.

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
) -> None:
    """Merge the loser into the winner, if both are still as they were looked at.

    Raises:
        RefusedError: one of them is not here, or was changed since.
    """
    now = datetime.now(UTC)
    with services.database.writing() as session:
        winner, loser = _both(session, object_type, winner_id, loser_id)
        found = _preview(session, object_type, winner, loser)
        if found.versions != versions:
            raise RefusedError("one_just_changed")
        values = records.values_of(object_type, winner) | {name: new for name, _, new in found.gained}
        moved = merges.contacts_of(session, loser_id) if object_type == "companies" else []
        merges.move(session, object_type, winner, loser, user_id=user_id, now=now)
        records.change(session, object_type, winner_id, winner.version, values)
        gains = [(winner_id, found.gained)]
        edits.add(session, object_type, gains, origin="merge", now=now, user_id=user_id)
        # With the loser's link the winner gets its object, which does not hold the winner's values yet.
        is_to_be_sent = found.gained or found.takes_link
        to_send_to = set(outbox.add(session, object_type, [winner_id], now) if is_to_be_sent else [])
        moves: list[Change] = [("company_id", loser_id, winner_id)]
        to_send_to.update(_record_moved(session, moved, moves, user_id, now))
    records_changed(services)
    for connection_id in sorted(to_send_to):
        queues.enqueue_automatic(services, queues.AUTO_PUSH, connection_id)


def _record_moved(
    session: Session, contact_ids: list[int], changes: list[Change], user_id: int, now: datetime
) -> list[int]:
    """Keep that contacts have another company now, which is to be sent; returns the connections."""
    moved = [(contact_id, changes) for contact_id in contact_ids]
    edits.add(session, "contacts", moved, origin="merge", now=now, user_id=user_id)
    return outbox.add(session, "contacts", contact_ids, now)


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
