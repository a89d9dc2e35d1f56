"""Recomputes keys of stored records where a newer version of this application computes them differently."""

from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import CUSTOM, FIELD_NAMES, OBJECT_TYPES, ObjectType
from webapp.domain.records.keys import KEYS_VERSION, company_keys, contact_keys
from webapp.models import KeyRenewal
from webapp.store.database.bulk import update_rows
from webapp.store.records.records import TABLES

_KEYS_OF = {"companies": company_keys, "contacts": contact_keys}


class Batch(Struct, frozen=True):
    """The position of the renewal: behind this record of this type."""

    object_type: ObjectType
    after_id: int


def next_batch(session: Session) -> Batch | None:
    """The next records whose keys an earlier version made; None where there are none."""
    rows = {row.object_type: row for row in session.scalars(select(KeyRenewal))}
    for object_type in OBJECT_TYPES:
        row = rows.get(object_type)
        if row is None or row.version != KEYS_VERSION:
            return Batch(object_type, 0)
        if not row.is_done:
            return Batch(object_type, row.after_id)
    return None


def renew(session: Session, batch: Batch, limit: int) -> bool:
    """Recompute the keys of the next records and save the position; True once all of the type are done.

    Records with the right keys are left alone, and no version rises: people see nothing of it.
    """
    object_type = batch.object_type
    table: Any = TABLES[object_type].__table__
    names, keys = FIELD_NAMES[object_type], tuple(_KEYS_OF[object_type]({}))
    query = (
        select(*(table.c[name] for name in (*keys, *names)), table.c.custom, table.c.id)
        .where(table.c.id > batch.after_id)
        .order_by(table.c.id)
        .limit(limit)
        .with_for_update()
    )
    rows = session.execute(query).all()
    written = []
    for row in rows:
        given = dict(zip(names, row[len(keys) : -2], strict=True))
        given |= {f"{CUSTOM}{name}": value for name, value in (row[-2] or {}).items()}
        found = tuple(_KEYS_OF[object_type](given).values())
        if found != tuple(row[: len(keys)]):
            written.append((*found, row[-1]))
    update_rows(session, table, keys, written)
    after_id = rows[-1][-1] if rows else batch.after_id
    is_done = len(rows) < limit
    session.merge(
        KeyRenewal(object_type=object_type, version=KEYS_VERSION, after_id=after_id, is_done=is_done)
    )
    return is_done
