"""Restores a value that a later edit of the other side has replaced."""

from typing import Any

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.validate import as_text
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.records import records
from webapp.store.runs import log
from webapp.store.runs.log import LogEntry
from webapp.usecases.records.editing import Overtaken, Rejected, Saved, edit


def lost_values(entry: LogEntry) -> list[dict[str, Any]]:
    """The values that an entry reports as overwritten: `{"field", "value", "side"}` each."""
    return list((entry.detail or {}).get("overwritten", ()))


def put_back(services: Services, run_id: int, seq: int, field: str, *, user_id: int) -> Saved:
    """Write a lost value into the record, as an edit of the person who asks; it is sent like any other.

    Raises:
        RefusedError: The value is gone or does not fit, or the record was changed just now.
    """
    with services.database.reading() as session:
        entry = log.entry(session, run_id, seq)
        lost = next((one for one in lost_values(entry) if one["field"] == field), None) if entry else None
        record = None
        if entry is not None and lost is not None and entry.record_id is not None:
            kind: ObjectType = "companies" if entry.object_type == "companies" else "contacts"
            record = records.get(session, kind, entry.record_id)
        if lost is None or record is None:
            raise RefusedError("value_gone")
        seen = {name: as_text(value) for name, value in records.values_of(kind, record).items()}
        version, record_id = record.version, record.id
    given = {**seen, field: as_text(lost["value"])}
    answer = edit(services, kind, record_id, version, given, seen=seen, user_id=user_id)
    if isinstance(answer, Rejected):
        raise RefusedError("does_not_fit", problem=answer.errors[field])
    if isinstance(answer, Overtaken):
        raise RefusedError("just_changed")
    return answer
