"""Erases a person's own rows in the caller's transaction, and leaves tombstones without a name."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.domain.links.facts import ERASED_NAME, PERSON_ERASED
from webapp.domain.privacy.person import Person
from webapp.errors import RefusedError
from webapp.models import PrivacyDeletion, RuleTrial
from webapp.store.connection import first_log
from webapp.store.deletion import records as deletion_records
from webapp.store.links import tombstones
from webapp.store.links.tombstones import Tombstone
from webapp.store.privacy import files, places


def erase(session: Session, person: Person, now: datetime) -> dict[str, int]:
    """Take away what is the person's own; returns how many rows that were, by place.

    Raises:
        RefusedError: `record_being_sent`, a run sends them to HubSpot at this moment.
    """
    found = deletion_records.gather(session, first_log.owner_id(session), "contacts", list(person.record_ids))
    if found.in_flight:
        raise RefusedError("record_being_sent")
    counts = places.counts(session, person)
    found.going.extend(found.records)
    deletion_records.write(found, now)
    places.empty(session, person)
    _forget_trials(session)
    _bury(session, person, now)
    _decide(session, person, now)
    if taken := files.forget(session, person):
        counts["files"] = taken
    return counts


def _forget_trials(session: Session) -> None:
    """A trial of a rule names some whom it counts, without their numbers; nobody needs it for long."""
    of_contacts = delete(RuleTrial).where(RuleTrial.object_type == "contacts")
    session.execute(of_contacts.execution_options(synchronize_session=False))


def _bury(session: Session, person: Person, now: datetime) -> None:
    """No pull brings their objects back; of each only its number stays."""
    stones = [
        Tombstone(connection_id=number, remote_id=one, name=ERASED_NAME, reason=PERSON_ERASED)
        for number, one in person.objects
    ]
    tombstones.write(session, "contacts", stones, now)


def _decide(session: Session, person: Person, now: datetime) -> None:
    """Where HubSpot has deleted them for privacy, nothing is left to decide."""
    query = select(PrivacyDeletion.id, PrivacyDeletion.connection_id, PrivacyDeletion.remote_id).where(
        PrivacyDeletion.object_type == "contacts", PrivacyDeletion.settled_at.is_(None)
    )
    own = [number for number, *place in session.execute(query) if tuple(place) in person.objects]
    values: dict[str, Any] = {"is_erased": True, "settled_at": now}
    decided = update(PrivacyDeletion).where(PrivacyDeletion.id.in_(own)).values(values)
    session.execute(decided.execution_options(synchronize_session=False))
