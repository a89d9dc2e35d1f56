"""How records look in answers."""

import base64
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from sandbox.calls.call import Call
from sandbox.calls.errors import invalid
from sandbox.clock import now_iso
from sandbox.kinds import Kind
from sandbox.store.linking import kind_of
from sandbox.store.portal import Portal
from sandbox.store.table import Record

Json = dict[str, Any]
Shaper = Callable[[Record], Json]
MOST_IN_BLOCK = 100


def shaper(portal: Portal, kind: Kind, names: tuple[str, ...], history: str | None = None) -> Shaper:
    """A function that turns records of one type into answers with these properties."""
    modified = kind.modified
    drops_blanks = portal.settings.empty_values == "absent"
    with_history = portal.table(kind).definitions.projection(history) if history else ()

    def shape(record: Record) -> Json:
        get = record.properties.get
        values = {name: get(name) for name in names}
        answer: Json = {
            "id": record.id,
            "properties": values,
            "createdAt": values["createdate"],
            "updatedAt": values[modified],
            "archived": record.archived_at is not None,
        }
        if drops_blanks:
            answer["properties"] = {name: value for name, value in values.items() if value is not None}
        if record.archived_at is not None:
            answer["archivedAt"] = record.archived_at
        if with_history:
            answer["propertiesWithHistory"] = {name: _history(record, name) for name in with_history}
        return answer

    return shape


def written(call: Call, names: set[str]) -> Shaper:
    """The shape of a record in the answer to a write: what was sent, and what is always there."""
    projection = call.table.definitions.projection(",".join({*names, *call.kind.defaults}))
    extra = ("hs_object_source", "hs_object_source_id", "lifecyclestage")
    return shaper(call.portal, call.kind, tuple(sorted({*projection, *extra})))


def add_associations(call: Call, answers: list[Json], records: list[Record], kinds: str) -> None:
    """Put the `associations` blocks into answers: one entry per label, absent when there is none."""
    kind = call.kind
    for name in kinds.split(","):
        to_kind = kind_of(name.strip())
        pairs = call.portal.associations.pairs[kind.name, to_kind.name]
        labels = call.portal.associations.names
        for answer, record in zip(answers, records, strict=True):
            others = pairs.get(record.number)
            if not others:
                continue
            entries = [
                {"id": str(other), "type": labels[type_id]}
                for other, types in others.items()
                for type_id in types
            ]
            block: Json = {"results": entries}
            if len(entries) > MOST_IN_BLOCK:
                block = _first_of_many(call, record, to_kind, entries)
            answer.setdefault("associations", {})[to_kind.name] = block


def batch_answer(results: Sequence[Any], errors: list[Json] | None = None, *, started_at: str) -> Json:
    """The envelope of every batch."""
    answer: Json = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": started_at,
        "completedAt": now_iso(),
    }
    if errors:
        answer["numErrors"] = len(errors)
        answer["errors"] = errors
    return answer


def next_page(call: Call, after: str) -> Json:
    """The `paging` of a list that goes on."""
    kept = [(key, value) for key, value in call.query.items(multi=True) if key != "after"]
    query = urlencode([*kept, ("after", after)])
    return {"next": {"after": after, "link": f"{call.base_url}{call.path}?{query}"}}


def as_cursor(position: int) -> str:
    """A position in a list of associations as HubSpot hands it out: nothing to read from."""
    return base64.b64encode(f"after:{position}".encode()).decode()


def from_cursor(cursor: str | None) -> int:
    """The position behind a cursor.

    Raises:
        ApiError: it is none of ours.
    """
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("after:"))
    except ValueError as error:
        raise invalid(f"Invalid paging cursor: {cursor}") from error


def _first_of_many(call: Call, record: Record, to_kind: Kind, entries: list[Json]) -> Json:
    after = as_cursor(MOST_IN_BLOCK)
    version = call.version if call.version != "v3" else "v4"
    base = "/crm/v4/objects" if version == "v4" else f"/crm/objects/{version}"
    path = f"{base}/{call.kind.name}/{record.id}/associations/{to_kind.name}"
    link = f"{call.base_url}{path}?{urlencode({'after': after})}"
    return {"results": entries[:MOST_IN_BLOCK], "paging": {"next": {"after": after, "link": link}}}


def _history(record: Record, name: str) -> list[Json]:
    kept = (record.history or {}).get(name)
    if kept is None:
        value = record.properties.get(name)
        kept = [] if value is None else [(value, record.properties["createdate"], "IMPORT", "")]
    return [_history_entry(*entry) for entry in reversed(kept)]


def _history_entry(value: str, timestamp: str, source_type: str, source_id: str) -> Json:
    entry: Json = {"value": value, "timestamp": timestamp, "sourceType": source_type}
    if source_id:
        entry["sourceId"] = source_id
    if source_id.startswith("userId:"):
        entry["updatedByUserId"] = int(source_id.removeprefix("userId:"))
    return entry
