"""A person stops or starts the sync of one record. Both sides keep what they have."""

from datetime import UTC, datetime

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import PullRecordOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.links import switch as link_switch
from webapp.store.people import audit
from webapp.store.push import outbox
from webapp.usecases.runs import of_record
from webapp.usecases.runs.publish import records_changed

_LINKED, _STOPPED = "linked", "stopped"


def stop(services: Services, connection_id: int, object_type: ObjectType, record_id: int) -> None:
    """From now on nothing of this record goes either way; what waited to be sent is forgotten.

    Raises:
        RefusedError: `not_linked`.
    """
    with services.database.writing() as session:
        if not link_switch.turn(
            session, connection_id, object_type, record_id, before=_LINKED, after=_STOPPED
        ):
            raise RefusedError("not_linked")
        outbox.forget(session, connection_id, object_type, record_id)
        audit.add(session, services.actor, "sync_stopped", object_type=object_type, record_id=record_id)
    records_changed(services)


def start(
    services: Services, connection_id: int, object_type: ObjectType, record_id: int, user_id: int | None
) -> None:
    """Let the record sync again, beginning with what either side changed meanwhile.

    Edits made here are queued, and HubSpot's state is read; the later edit of a field wins.

    Raises:
        RefusedError: `not_stopped`, or `not_connected`.
    """
    with services.database.writing() as session:
        if not link_switch.turn(
            session, connection_id, object_type, record_id, before=_STOPPED, after=_LINKED
        ):
            raise RefusedError("not_stopped")
        outbox.add(session, object_type, [record_id], now := datetime.now(UTC))
        if object_type == "companies":
            outbox.add_contacts_of(session, [record_id], now)
    records_changed(services)
    options = PullRecordOptions(object_type=object_type, record_id=record_id, keeps_edits=True)
    of_record.start(services, options, user_id=user_id)
