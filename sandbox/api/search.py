"""Search over one object type, with its caps and its lag."""

from typing import Any

from sandbox.api.refusing import refuse_text
from sandbox.api.shapes import shaper
from sandbox.calls.call import Answer, Call
from sandbox.calls.errors import ApiError, invalid
from sandbox.clock import iso_ago
from sandbox.store.search import Values, as_of, compile_search, sort_key
from sandbox.store.table import Record

LARGEST_PAGE = 200
MOST_RESULTS = 10_000
LONGEST_BODY = 3_000


def search_objects(call: Call) -> Answer:
    """A page of matches; `after` is an offset, and nothing beyond 10,000 is reachable."""
    if len(call.raw_body) > LONGEST_BODY:
        raise invalid("The request body is too long: at most 3000 characters are allowed")
    body = call.json()
    refuse_text(call, body)
    limit, start = _whole(body, "limit", 10), _whole(body, "after", 0)
    if limit > LARGEST_PAGE:
        raise invalid(f"limit must be at most {LARGEST_PAGE}, not {limit}")
    if start + limit > MOST_RESULTS:
        raise ApiError(400, "There was a problem with the request.")
    matches = _matches(call, body)
    names = call.table.definitions.projection(",".join(body.get("properties") or ()) or None)
    shape = shaper(call.portal, call.kind, names)
    results = [shape(_as_indexed(record, values)) for record, values in matches[start : start + limit]]
    answer: dict[str, Any] = {"total": len(matches), "results": results}
    if start + limit < len(matches):
        answer["paging"] = {"next": {"after": str(start + limit)}}
    return Answer(200, answer)


def _matches(call: Call, body: dict[str, Any]) -> list[tuple[Record, Values]]:
    table = call.table
    test = compile_search(call.portal, table, body)
    cutoff = iso_ago(call.portal.settings.search_delay_s)
    matches = [
        (record, values)
        for record in table.all_live()
        if (values := as_of(table, record, cutoff)) is not None and test(record, values)
    ]
    sorts = body.get("sorts") or [{"propertyName": "createdate"}]
    if len(sorts) > 1:
        raise invalid("At most one sort is allowed")
    sort = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": sorts[0]}
    if sort.get("propertyName") == "hs_object_id" and sort.get("direction") != "DESCENDING":
        return matches
    key = sort_key(table, str(sort.get("propertyName")))
    return sorted(matches, key=key, reverse=sort.get("direction") == "DESCENDING")


def _as_indexed(record: Record, values: Values) -> Record:
    if values is record.properties:
        return record
    return Record(record.number, values)


def _whole(body: dict[str, Any], name: str, default: int) -> int:
    raw = body.get(name)
    if raw in (None, ""):
        return default
    try:
        number = int(str(raw))
    except ValueError:
        raise invalid(f"{name} must be a number, not {raw}") from None
    if number < 0:
        raise invalid(f"{name} must not be negative")
    return number
