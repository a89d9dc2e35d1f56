"""Contacts that wait for their company: looked at again once it is linked, whoever has linked it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from webapp.domain.pull.unlinked import COMPANY_LEFT_OUT, WAITING
from webapp.models import InboxEvent, Link, RemoteObject
from webapp.store.database.lists import among, unindexed
from webapp.store.webhooks import inbox

# A contact without company has none by which it is found here; one that the rules exclude is left alone. The
# question of a held one may be answered by its company, which counted for nothing until now.
_WAITING = (WAITING, "unlinked", "held")


def company_linked(session: Session, connection_id: int, company_ids: Iterable[str], now: datetime) -> None:
    """Have the contacts of companies that are linked now looked at again, in batches, by a refresh.

    Args:
        session: The transaction that links the companies.
        connection_id: Whose companies.
        company_ids: Their objects, with those that were merged into them.
        now: The moment.
    """
    _look_at_contacts(session, connection_id, company_ids, _WAITING, now)


def company_gone(session: Session, connection_id: int, company_ids: Iterable[str], now: datetime) -> None:
    """Have the contacts looked at again that are not here for want of companies which HubSpot has no more."""
    _look_at_contacts(session, connection_id, company_ids, _WAITING, now)


def company_decided(session: Session, connection_id: int, company_id: str, *, is_left_out: bool) -> None:
    """A company's contacts wait for it no longer once a person has left it out, and again once nobody has."""
    waits, stays = (WAITING, "waiting_for_company"), ("unlinked", COMPANY_LEFT_OUT)
    before, after = (waits, stays) if is_left_out else (stays, waits)
    session.execute(
        update(RemoteObject)
        .where(
            RemoteObject.connection_id == connection_id,
            RemoteObject.company_remote_id == company_id,
            unindexed(RemoteObject.object_type) == "contacts",
            unindexed(RemoteObject.state) == before[0],
            unindexed(RemoteObject.reason) == before[1],
        )
        .values(state=after[0], reason=after[1])
        .execution_options(synchronize_session=False)
    )


def _look_at_contacts(
    session: Session, connection_id: int, company_ids: Iterable[str], states: Sequence[str], now: datetime
) -> None:
    ids = sorted(set(company_ids))
    if not ids:
        return
    contacts = select(RemoteObject.connection_id, RemoteObject.object_type, RemoteObject.remote_id).where(
        RemoteObject.connection_id == connection_id,
        among(session, RemoteObject.company_remote_id, ids),
        unindexed(RemoteObject.object_type) == "contacts",
        unindexed(RemoteObject.state).in_(states),
    )
    inbox.add_looks(session, contacts, now)


def look_at_forgotten(session: Session, connection_id: int, now: datetime) -> None:
    """Have contacts looked at again that wait although their company is linked.

    Two runs may have decided about the two at the same moment, neither aware of the other.
    """
    is_linked = exists().where(
        Link.connection_id == connection_id,
        Link.object_type == "companies",
        Link.remote_id == RemoteObject.company_remote_id,
    )
    is_due = exists().where(
        InboxEvent.connection_id == connection_id,
        InboxEvent.object_type == "contacts",
        InboxEvent.remote_id == RemoteObject.remote_id,
    )
    contacts = select(RemoteObject.connection_id, RemoteObject.object_type, RemoteObject.remote_id).where(
        RemoteObject.connection_id == connection_id, RemoteObject.state == WAITING, is_linked, ~is_due
    )
    inbox.add_looks(session, contacts, now)
