"""Which records a push is about, as a condition on their table."""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.models import Contact, Link, LogEntry, OutboxRecord
from webapp.store.records.records import TABLES
from webapp.store.runs.failures import FailureSelection, record_ids


class Scope(Struct, frozen=True):
    """Which records a run is about: all, a company with its contacts, one contact, edited ones, linked ones.

    Or those that failed: what is `selection` of them, and what the run `run_id` has tried again already;
    or the records with these `ids`.
    `types` are the object types that it may send; `may_create`: whether records that are not linked go too.
    """

    kind: Literal["all", "company", "contact", "outbox", "linked", "failing", "records"] = "all"
    record_id: int = 0
    types: Sequence[ObjectType] = OBJECT_TYPES
    may_create: bool = True
    selection: FailureSelection = FailureSelection()
    run_id: int = 0
    ids: dict[ObjectType, list[int]] = {}

    def narrowed(self, query: Select[Any], object_type: ObjectType, connection_id: int) -> Select[Any]:
        """The query for the scope's records of a type."""
        if self.kind == "all":
            return query
        if object_type not in self.types:
            return query.where(false())
        return query.where(self._condition(object_type, connection_id))

    def _condition(self, object_type: ObjectType, connection_id: int) -> ColumnElement[bool]:
        number: Any = TABLES[object_type].id
        found: ColumnElement[bool]
        if self.kind == "outbox":
            found = number.in_(_listed(OutboxRecord, object_type, connection_id))
        elif self.kind == "linked":
            linked = _listed(Link, object_type, connection_id).where(Link.state == "linked")
            found = number.in_(linked)
        elif self.kind == "failing":
            failing = record_ids(connection_id, object_type, self.selection, direction="out")
            tried = select(LogEntry.record_id).where(
                LogEntry.run_id == self.run_id, LogEntry.object_type == object_type
            )
            found = or_(number.in_(failing), number.in_(tried))
        elif self.kind == "records":
            found = number.in_(self.ids.get(object_type, ()))
        elif object_type == "contacts" and self.kind == "company":
            found = Contact.company_id == self.record_id
        else:
            # A contact's push has nothing to do with companies.
            is_own_type = (object_type == "companies") == (self.kind == "company")
            found = number == self.record_id if is_own_type else false()
        return found


def _listed(table: Any, object_type: ObjectType, connection_id: int) -> Select[Any]:
    return select(table.record_id).where(
        table.connection_id == connection_id, table.object_type == object_type
    )


def count(session: Session, connection_id: int, object_type: ObjectType, scope: Scope) -> int:
    """How many records there are to push."""
    query = select(func.count()).select_from(TABLES[object_type])
    return session.scalar(scope.narrowed(query, object_type, connection_id)) or 0
