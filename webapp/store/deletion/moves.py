"""Contacts that get another company since theirs is deleted: an edit of the person who deletes it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update

from webapp.models import Contact, Run
from webapp.store.database.lists import among
from webapp.store.deletion.records import Records
from webapp.store.push import outbox
from webapp.store.records import edits


def move(found: Records, contact_ids: Sequence[int], company_id: int | None, run: Run, now: datetime) -> None:
    """Give contacts to another company; the edit waits to be sent like any other."""
    if not contact_ids or company_id is None:
        return
    session = found.session
    moved: list[Any] = [found.records[number] for number in contact_ids]
    changed = [(one.id, [("company_id", one.company_id, company_id)]) for one in moved]
    session.execute(
        update(Contact)
        .where(among(session, Contact.id, list(contact_ids)))
        .values(company_id=company_id, version=Contact.version + 1, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    edits.add(session, "contacts", changed, origin="person", now=now, user_id=run.started_by_id)
    outbox.add(session, "contacts", list(contact_ids), now)
