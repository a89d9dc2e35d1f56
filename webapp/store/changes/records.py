"""Records changed in bulk: read and locked, and each kind of change written together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.changes.plan import LINKED, STOPPED, ChangePlan, Present
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.models import Link, Run
from webapp.store.database.lists import among
from webapp.store.links import generations
from webapp.store.push import outbox
from webapp.store.records import edits
from webapp.store.records.records import TABLES, Record, values_of
from webapp.store.runs.entry import LONGEST_NAME, Entry
from webapp.store.webhooks import inbox


class Records(Struct, frozen=True):
    """Records of one type with their links in the connection of the run, by number."""

    session: Session
    connection_id: int
    object_type: ObjectType
    records: dict[int, Record]
    links: dict[int, Link]

    def present(self, record_id: int) -> Present:
        """A record as the change sees it."""
        record, link = self.records.get(record_id), self.links.get(record_id)
        if record is None:
            return Present(None)
        state = link.state if link is not None else None
        return Present(values_of(self.object_type, record), is_active=record.is_active, link_state=state)

    def entry(self, record_id: int, plan: ChangePlan) -> Entry:
        """A record's entry for the log."""
        record, link = self.records.get(record_id), self.links.get(record_id)
        name = record_name(self.object_type, vars(record))[:LONGEST_NAME] if record is not None else ""
        remote_id = link.remote_id if link is not None else None
        changes = list(plan.changes) or None
        return Entry(record_id, remote_id, name, plan.outcome, plan.reason, changes, plan.detail)


def gather(
    session: Session, connection_id: int, object_type: ObjectType, ids: Sequence[int], *, locks: bool
) -> Records:
    """Read records; on PostgreSQL they stay locked, in order of id.

    Args:
        session: A transaction; a writing one where anything is changed.
        connection_id: In whose log the change stands.
        object_type: Companies or contacts.
        ids: The records' numbers.
        locks: Whether they are to be changed; a preview only looks.
    """
    if locks:
        # Before any record or link is locked, as in all that writes links.
        generations.raise_generation(session, connection_id)
    table: Any = TABLES[object_type]
    query = select(table).where(among(session, table.id, ids)).order_by(table.id)
    fresh = query.execution_options(populate_existing=True)
    found = session.scalars(fresh.with_for_update() if locks else fresh)
    links = session.scalars(
        select(Link).where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            among(session, Link.record_id, ids),
        )
    )
    return Records(
        session,
        connection_id,
        object_type,
        {record.id: record for record in found},
        {link.record_id: link for link in links},
    )


def write(found: Records, plans: dict[int, ChangePlan], run: Run, now: datetime) -> None:
    """Carry the plans out. What changes a field is an edit of the person who started the run."""
    _change_fields(found, {number: one for number, one in plans.items() if one.does == "fields"}, run, now)
    _turn(found, {number: one for number, one in plans.items() if one.does == "turned"}, now)
    _switch(found, {number: one for number, one in plans.items() if one.does == "switched"}, now)


def _change_fields(found: Records, plans: dict[int, ChangePlan], run: Run, now: datetime) -> None:
    if not plans:
        return
    session, kind = found.session, found.object_type
    # The terms are those of the run: all get the same.
    values = {name: new for name, _old, new in next(iter(plans.values())).changes}
    _update(found, list(plans), now, values)
    edited = [(number, list(plan.changes)) for number, plan in plans.items()]
    edits.add(session, kind, edited, origin="person", now=now, user_id=run.started_by_id)
    outbox.add(session, kind, list(plans), now)


def _turn(found: Records, plans: dict[int, ChangePlan], now: datetime) -> None:
    for is_active in (True, False):
        ids = [number for number in plans if found.records[number].is_active != is_active]
        if ids:
            _update(found, ids, now, {"is_active": is_active})
            if is_active:
                # Edits made while they were inactive are then sent.
                outbox.add(found.session, found.object_type, ids, now)


def _update(found: Records, ids: Sequence[int], now: datetime, values: dict[str, Any]) -> None:
    table: Any = TABLES[found.object_type]
    written = values | {"version": table.version + 1, "updated_at": now}
    statement = update(table).where(among(found.session, table.id, ids)).values(written)
    found.session.execute(statement.execution_options(synchronize_session=False))


def _switch(found: Records, plans: dict[int, ChangePlan], now: datetime) -> None:
    session, kind = found.session, found.object_type
    for before, after in ((LINKED, STOPPED), (STOPPED, LINKED)):
        ids = [number for number in plans if found.links[number].state == before]
        if not ids:
            continue
        links = [found.links[number].id for number in ids]
        statement = update(Link).where(among(session, Link.id, links)).values(state=after)
        session.execute(statement.execution_options(synchronize_session=False))
        if after == STOPPED:
            outbox.forget_all(session, found.connection_id, kind, ids)
        else:
            outbox.add(session, kind, ids, now)
            met = select(Link.connection_id, Link.object_type, Link.remote_id)
            inbox.add_looks(session, met.where(among(session, Link.id, links)), now)
