"""Associations of one record, in batches, and their labels."""

from typing import Any

from sandbox.api.shapes import Json, as_cursor, batch_answer, from_cursor, next_page
from sandbox.calls.call import Answer, Call
from sandbox.calls.errors import ApiError, error_item, invalid, not_found
from sandbox.clock import now_iso
from sandbox.kinds import Kind
from sandbox.store.associations import UNLABELED
from sandbox.store.linking import Link, check_types, kind_of, link, parse_types, unlink

MOST_CREATED = 2_000
MOST_READ = 1_000
PAGE = 500
Ends = tuple[str, str]


def list_associations(call: Call) -> Answer:
    """What one record is associated with."""
    record = call.table.follow(call.params["id"])
    if record is None:
        raise not_found(call.params["id"])
    to_kind = kind_of(call.params["to"])
    limit = call.number("limit", PAGE, PAGE)
    start = from_cursor(call.query.get("after"))
    entries = _entries(call, (call.kind.name, to_kind.name), record.number)
    answer: Json = {"results": entries[start : start + limit]}
    if start + limit < len(entries):
        answer["paging"] = next_page(call, as_cursor(start + limit))
    return Answer(200, answer)


def put_default(call: Call) -> Answer:
    """Associate two records without a label."""
    started_at, pair = now_iso(), _one_pair(call, frozenset())
    link(call.portal, pair)
    return Answer(200, batch_answer(_default_pairs(pair), started_at=started_at))


def put_labels(call: Call) -> Answer:
    """Make the labels between two records these."""
    types = parse_types(call.portal, call.any_json())
    pair = _one_pair(call, types)
    check_types(call.portal, pair.ends, types)
    link(call.portal, pair, replace_labels=True)
    return Answer(201, _labels_between(call, pair))


def delete_pair(call: Call) -> Answer:
    """End the association of two records; 204 also when there is none."""
    to_kind = kind_of(call.params["to"])
    one = call.table.follow(call.params["id"])
    other = call.portal.table(to_kind).follow(call.params["to_id"])
    if one is not None and other is not None:
        unlink(call.portal, (call.kind.name, to_kind.name), one.number, other.number)
    return Answer(204)


def batch_create(call: Call) -> Answer:
    """Associate pairs with types; an input without types does nothing, and is no error."""
    ends, started_at = _ends(call), now_iso()
    results: list[Json] = []
    errors: list[Json] = []
    for entry in call.inputs(MOST_CREATED):
        if not entry.get("types"):
            continue
        try:
            types = parse_types(call.portal, entry["types"])
            check_types(call.portal, ends, types)
            pair = _pair(call, ends, entry, types)
        except ApiError as refusal:
            errors.append(_pair_error(refusal, entry))
        else:
            link(call.portal, pair)
            results.append(_labels_between(call, pair))
    return Answer(207 if errors else 201, batch_answer(results, errors, started_at=started_at))


def batch_default(call: Call) -> Answer:
    """Associate pairs without labels."""
    ends, started_at = _ends(call), now_iso()
    results: list[Json] = []
    errors: list[Json] = []
    for entry in call.inputs(MOST_CREATED):
        try:
            pair = _pair(call, ends, entry, frozenset())
        except ApiError as refusal:
            errors.append(_pair_error(refusal, entry))
        else:
            link(call.portal, pair)
            results += _default_pairs(pair)
    return Answer(207 if errors else 200, batch_answer(results, errors, started_at=started_at))


def batch_read(call: Call) -> Answer:
    """What several records are associated with; those without are named as errors."""
    ends, started_at = _ends(call), now_iso()
    results: list[Json] = []
    errors: list[Json] = []
    for entry in call.inputs(MOST_READ):
        raw_id = str(entry.get("id", ""))
        record = call.portal.tables[ends[0]].find(raw_id)
        entries = _entries(call, ends, record.number) if record else []
        start = from_cursor(entry.get("after"))
        if not entries:
            errors.append(_none_found(ends, raw_id))
            continue
        found: Json = {"from": {"id": raw_id}, "to": entries[start : start + PAGE]}
        if start + PAGE < len(entries):
            found["paging"] = {"next": {"after": as_cursor(start + PAGE)}}
        results.append(found)
    return Answer(207 if errors else 200, batch_answer(results, errors, started_at=started_at))


def batch_archive(call: Call) -> Answer:
    """End associations of pairs."""
    ends = _ends(call)
    for entry in call.inputs():
        others = entry.get("to")
        for other in others if isinstance(others, list) else [others]:
            found = _found(call, ends, entry.get("from"), other)
            if found is not None:
                unlink(call.portal, ends, *found)
    return Answer(204)


def batch_labels_archive(call: Call) -> Answer:
    """Take labels from pairs; taking the unlabeled type ends the association."""
    ends = _ends(call)
    for entry in call.inputs():
        found = _found(call, ends, entry.get("from"), entry.get("to"))
        if found is not None:
            unlink(call.portal, ends, *found, parse_types(call.portal, entry.get("types")))
    return Answer(204)


def list_labels(call: Call) -> Answer:
    """The types an association between two object types may have."""
    ends = _ends(call)
    types = [
        entry for entry in call.portal.associations.types.values() if (entry.from_kind, entry.to_kind) == ends
    ]
    results = [{"category": t.category, "typeId": t.type_id, "label": t.label} for t in types]
    return Answer(200, {"results": results})


def create_label(call: Call) -> Answer:
    """Define a label of the portal's own."""
    body = call.json()
    if not body.get("label") or not body.get("name"):
        raise invalid("Invalid input JSON: label and name are required")
    made = call.portal.associations.add_label(_ends(call), str(body["label"]), str(body["name"]))
    results = [{"category": t.category, "typeId": t.type_id, "label": t.label} for t in made]
    return Answer(200, {"results": results})


def _entries(call: Call, ends: Ends, number: int) -> list[Json]:
    types = call.portal.associations.types
    wish = call.portal.settings.to_object_id
    as_text = wish == "string" or (wish is None and call.version not in ("v3", "v4"))
    return [
        {
            "toObjectId": str(other) if as_text else other,
            "associationTypes": [
                {"category": types[i].category, "typeId": i, "label": types[i].label} for i in type_ids
            ],
        }
        for other, type_ids in call.portal.associations.of(ends[0], number, ends[1]).items()
    ]


def _labels_between(call: Call, pair: Link) -> Json:
    types = call.portal.associations.of(pair.ends[0], pair.one, pair.ends[1]).get(pair.other, ())
    labels = [call.portal.associations.types[type_id].label for type_id in types]
    return {
        "fromObjectTypeId": kind_of(pair.ends[0]).type_id,
        "fromObjectId": str(pair.one),
        "toObjectTypeId": kind_of(pair.ends[1]).type_id,
        "toObjectId": str(pair.other),
        "labels": [label for label in labels if label],
    }


def _default_pairs(pair: Link) -> list[Json]:
    ends, back = pair.ends, (pair.ends[1], pair.ends[0])
    return [_default(ends, pair.one, pair.other), _default(back, pair.other, pair.one)]


def _default(ends: Ends, one: int, other: int) -> Json:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": UNLABELED[ends]}
    return {"from": {"id": str(one)}, "to": {"id": str(other)}, "associationSpec": spec}


def _one_pair(call: Call, types: frozenset[int]) -> Link:
    to_kind = kind_of(call.params["to"])
    one = call.table.follow(call.params["id"])
    other = call.portal.table(to_kind).follow(call.params["to_id"])
    if one is None or other is None:
        raise not_found(call.params["id"] if one is None else call.params["to_id"])
    return Link((call.kind.name, to_kind.name), one.number, other.number, types)


def _pair(call: Call, ends: Ends, entry: dict[str, Any], types: frozenset[int]) -> Link:
    found = _found(call, ends, entry.get("from"), entry.get("to"))
    if found is None:
        raise ApiError(404, "One or more of the objects do not exist", "OBJECT_NOT_FOUND")
    return Link(ends, *found, types)


def _found(call: Call, ends: Ends, one: Any, other: Any) -> tuple[int, int] | None:
    first = call.portal.tables[ends[0]].find((one or {}).get("id"))
    second = call.portal.tables[ends[1]].find((other or {}).get("id"))
    return None if first is None or second is None else (first.number, second.number)


def _pair_error(refusal: ApiError, entry: dict[str, Any]) -> Json:
    ids = {side: [str((entry.get(side) or {}).get("id"))] for side in ("from", "to")}
    return error_item(refusal.body.get("category", "VALIDATION_ERROR"), refusal.body["message"], ids)


def _none_found(ends: Ends, raw_id: str) -> Json:
    message = f"No {ends[1]} is associated with {ends[0]} {raw_id}."
    item = error_item(
        "OBJECT_NOT_FOUND", message, {"fromObjectId": [raw_id], "toObjectType": [_type_id(ends[1])]}
    )
    item["subCategory"] = "crm.associations.NO_ASSOCIATIONS_FOUND"
    return item


def _ends(call: Call) -> Ends:
    one: Kind = kind_of(call.params["kind"])
    return one.name, kind_of(call.params["to"]).name


def _type_id(kind: str) -> str:
    return kind_of(kind).type_id
