"""Batches of records, and the ways in which they fail in part or altogether."""

from collections.abc import Callable
from typing import Any, TypeVar

from sandbox.api.refusing import refuse_forbidden, refuse_text
from sandbox.api.shapes import Json, batch_answer, shaper, written
from sandbox.calls.call import Answer, Call
from sandbox.calls.errors import ApiError, error_item, invalid
from sandbox.clock import now_iso
from sandbox.store.endings import archive
from sandbox.store.table import Record, as_number
from sandbox.store.writes import Draft, apply, draft_create, draft_update

Inputs = list[dict[str, Any]]
T = TypeVar("T")


def batch_read(call: Call) -> Answer:
    """Records by id, e-mail or unique value; those not found are named, merged-away ones just missing."""
    started_at, body = now_iso(), call.json()
    inputs, table = call.inputs(), call.table
    refuse_text(call, inputs)
    refuse_forbidden(call, (str(entry.get("id")) for entry in inputs))
    id_property = body.get("idProperty")
    if id_property and id_property != "hs_object_id" and not table.is_unique(id_property):
        raise invalid(f"Property {id_property} is not a unique property of {call.kind.type_id}")
    archived = call.flag("archived")
    found: dict[int, Record] = {}
    missing: list[str] = []
    for entry in inputs:
        raw_id = str(entry.get("id", ""))
        record = _archived(call, raw_id) if archived else table.find_by(id_property, raw_id)
        if record is not None:
            found[record.number] = record
        elif id_property or not table.is_merged_away(raw_id):
            missing.append(raw_id)
    names = table.definitions.projection(_joined(body.get("properties")))
    shape = shaper(call.portal, call.kind, names, _joined(body.get("propertiesWithHistory")))
    results = [shape(found[number]) for number in _in_order(call, list(found), sorted)]
    errors = [_not_found(call, missing)] if missing else []
    return Answer(207 if errors else 200, batch_answer(results, errors, started_at=started_at))


def batch_create(call: Call) -> Answer:
    """Make records: all or none, unless each input has a trace id of its own."""
    inputs, started_at = call.inputs(), now_iso()
    partial = _all_traced(inputs)
    results, errors = _write(
        call, inputs, lambda entry: draft_create(call.portal, call.kind, entry), partial=partial
    )
    return Answer(207 if errors else 201, batch_answer(results, errors, started_at=started_at))


def batch_update(call: Call) -> Answer:
    """Change records by id. Unknown ids are named; merged-away ones silently left out."""
    inputs, started_at, table = call.inputs(), now_iso(), call.table
    _refuse_non_unique(call, inputs)
    refuse_forbidden(call, (str(entry.get("id")) for entry in inputs))
    known: list[dict[str, Any]] = []
    missing: list[str] = []
    for entry in inputs:
        raw_id = str(entry.get("id", ""))
        if table.find_by(entry.get("idProperty"), raw_id) is not None:
            known.append(entry)
        elif raw_id.isdecimal() and not table.is_merged_away(raw_id):
            missing.append(raw_id)
    _refuse_repeated([str(entry.get("id", "")) for entry in inputs])

    def draft(entry: dict[str, Any]) -> Draft:
        record = table.find_by(entry.get("idProperty"), entry["id"])
        assert record is not None  # noqa: S101 - only known ones are drafted
        return draft_update(call.portal, call.kind, record, entry)

    results, errors = _write(call, known, draft, partial=_all_traced(inputs))
    errors += [_not_found(call, missing)] if missing else []
    return Answer(207 if errors else 200, batch_answer(results, errors, started_at=started_at))


def batch_upsert(call: Call) -> Answer:
    """Make or change records by e-mail or a unique property; each result has a mark whether it is new."""
    inputs, started_at, table = call.inputs(), now_iso(), call.table
    for entry in inputs:
        name = entry.get("idProperty")
        if not name or not table.is_unique(name):
            raise _non_unique(call, str(name))
    by_email = any(entry["idProperty"] == "email" for entry in inputs)
    found = [table.find_by(entry["idProperty"], entry.get("id", "")) for entry in inputs]
    keys = [table.key_of(entry["idProperty"], str(entry.get("id", ""))) for entry in inputs]
    _refuse_repeated([str(r.number) if r else f"new {k}" for r, k in zip(found, keys, strict=True)])
    targets = {id(entry): record for entry, record in zip(inputs, found, strict=True)}

    def draft(entry: dict[str, Any]) -> Draft:
        return _draft_upsert(call, entry, targets[id(entry)])

    results, errors = _write(
        call, inputs, draft, partial=_all_traced(inputs) and not by_email, marks_new=True
    )
    return Answer(207 if errors else 200, batch_answer(results, errors, started_at=started_at))


def batch_archive(call: Call) -> Answer:
    """Archive records; unknown ids are ignored."""
    for entry in call.inputs():
        record = call.table.find(entry.get("id", ""))
        if record is not None:
            archive(call.portal, call.kind, record)
    return Answer(204)


def _write(
    call: Call,
    inputs: Inputs,
    draft: Callable[[dict[str, Any]], Draft],
    *,
    partial: bool,
    marks_new: bool = False,
) -> tuple[list[Json], list[Json]]:
    """Draft every input, then apply; without `partial` the first refusal refuses all."""
    drafts: list[Draft] = []
    errors: list[Json] = []
    claims: dict[tuple[str, str], int] = {}
    for entry in inputs:
        try:
            checked = draft(entry)
            _claim(call, checked, claims)
        except ApiError as refusal:
            if not partial:
                raise
            errors.append(refusal.as_item(entry.get("objectWriteTraceId")))
        else:
            drafts.append(checked)
    shape = written(call, {name for entry in inputs for name in entry.get("properties") or ()})
    results = [_result(call, checked, shape, marks_new=marks_new) for checked in drafts]
    return _in_order(call, results, lambda made: made[::-1]), errors


def _result(call: Call, checked: Draft, shape: Callable[[Record], Json], *, marks_new: bool) -> Json:
    is_new = checked.record is None
    answer = shape(apply(call.portal, call.kind, checked))
    if marks_new:
        answer["new"] = is_new
    if checked.trace_id is not None:
        answer["objectWriteTraceId"] = checked.trace_id
    return answer


def _draft_upsert(call: Call, entry: dict[str, Any], record: Record | None) -> Draft:
    name, key = entry["idProperty"], str(entry.get("id", ""))
    properties = dict(entry.get("properties") or {})
    if record is None:
        return draft_create(call.portal, call.kind, {**entry, "properties": {name: key, **properties}})
    if name == "email" and str(properties.get("email", "")).strip().lower() == key.strip().lower():
        # A secondary address finds the contact; naming it again must not make it the primary one.
        del properties["email"]
    return draft_update(call.portal, call.kind, record, {**entry, "properties": properties})


def _claim(call: Call, checked: Draft, claims: dict[tuple[str, str], int]) -> None:
    table = call.table
    claimed = [(name, value) for name, value in checked.values.items() if value and table.is_unique(name)]
    for claim in claimed:
        if claim in claims:
            raise invalid(f"Duplicate values found in batch input for unique property {claim[0]}: {claim[1]}")
    claims.update(dict.fromkeys(claimed, 1))


def _all_traced(inputs: Inputs) -> bool:
    traces = [entry.get("objectWriteTraceId") for entry in inputs]
    return bool(traces) and None not in traces and len(set(traces)) == len(traces)


def _refuse_non_unique(call: Call, inputs: Inputs) -> None:
    for entry in inputs:
        name = entry.get("idProperty")
        if name and (name in ("email", "hs_object_id") or not call.table.is_unique(name)):
            raise _non_unique(call, name)


def _refuse_repeated(keys: list[str]) -> None:
    repeated = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
    if repeated:
        raise invalid(f"Duplicate IDs found in batch input: {repeated}. IDs must be unique")


def _non_unique(call: Call, name: str) -> ApiError:
    return invalid(
        f"Unable to perform update/upsert by non-unique {call.kind.type_id} property {name} "
        f"in portal ID {call.portal.settings.portal_id}"
    )


def _not_found(call: Call, ids: list[str]) -> Json:
    message = (
        f"Could not get some {call.kind.legacy_name} objects, they may be deleted or not exist. "
        "Check that ids are valid."
    )
    return error_item("OBJECT_NOT_FOUND", message, {"ids": ids})


def _archived(call: Call, raw_id: str) -> Record | None:
    record = call.table.records.get(as_number(raw_id))
    return record if record is not None and record.archived_at is not None else None


def _in_order(call: Call, found: list[T], otherwise: Callable[[list[T]], list[T]]) -> list[T]:
    """HubSpot promises no order of results; so by default it is not that of the inputs."""
    return found if call.portal.settings.batch_in_input_order else otherwise(found)


def _joined(names: Any) -> str | None:
    return ",".join(str(name) for name in names) if names else None
