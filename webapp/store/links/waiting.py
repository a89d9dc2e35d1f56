"""Contacts that wait for their company: looked at again once it is linked, whoever has linked it.

Most are not here until then. One that is linked has the company that it had here so far.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, select, update
from sqlalchemy.orm import Session, aliased

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
    unlinked = _contacts(RemoteObject, connection_id).where(
        among(session, RemoteObject.company_remote_id, ids),
        unindexed(RemoteObject.object_type) == "contacts",
        unindexed(RemoteObject.state).in_(states),
    )
    linked = _contacts(Link, connection_id).where(among(session, Link.awaited_company, ids))
    for contacts in (unlinked, linked):
        inbox.add_looks(session, contacts, now)


def look_at_forgotten(session: Session, connection_id: int, now: datetime) -> None:
    """Have contacts looked at again that wait although their company is linked.

    Two runs may have decided about the two at the same moment, neither aware of the other.
    """
    unlinked = _contacts(RemoteObject, connection_id).where(
        RemoteObject.state == WAITING, _is_here(RemoteObject, RemoteObject.company_remote_id)
    )
    linked = _contacts(Link, connection_id).where(
        Link.awaited_company.is_not(None), _is_here(Link, Link.awaited_company)
    )
    for contacts in (unlinked, linked):
        inbox.add_looks(session, contacts, now)


def _contacts(table: Any, connection_id: int) -> Select[Any]:
    """Those of a connection as `inbox.add_looks` takes them."""
    columns = (table.connection_id, table.object_type, table.remote_id)
    return select(*columns).where(table.connection_id == connection_id)


def _is_here(table: Any, company_id: Any) -> ColumnElement[bool]:
    """Whether the company of a contact is linked, and nobody looks at the contact anyhow."""
    company = aliased(Link)
    is_linked = exists().where(
        company.connection_id == table.connection_id,
        company.object_type == "companies",
        company.remote_id == company_id,
    )
    is_due = exists().where(
        InboxEvent.connection_id == table.connection_id,
        InboxEvent.object_type == "contacts",
        InboxEvent.remote_id == table.remote_id,
    )
    return and_(is_linked, ~is_due)
