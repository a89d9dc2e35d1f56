"""Batches of which some inputs fail, for a cause of the portal's, while the others are worked on."""

import json
from collections.abc import Callable
from typing import Any

from flask import Response

from sandbox.calls.errors import error_item
from sandbox.calls.faults import Fault

Inputs = list[dict[str, Any]]
_MIXED = 207


def worked_in_part(fault: Fault, body: bytes, work: Callable[[bytes], Response]) -> Response:
    """Work on a batch without the inputs that the fault strikes, or answer as if they had been left out."""
    given = json.loads(body)
    inputs: Inputs = given["inputs"]
    struck = [one for one in inputs if fault.text in json.dumps(one)]
    rest = [one for one in inputs if one not in struck]
    is_done = fault.effect == "after"
    response = work(body if is_done else json.dumps({**given, "inputs": rest}).encode())
    if not struck or not response.status.startswith("2"):
        return response
    answer = json.loads(response.get_data())
    keys = {key for one in struck for key in _keys(one)}
    answer["results"] = [one for one in answer["results"] if keys.isdisjoint(_keys(one))]
    if fault.category:
        errors = [_error(fault, one) for one in struck]
        answer["errors"] = [*answer.get("errors", []), *errors]
        answer["numErrors"] = len(answer["errors"])
        response.status_code = _MIXED
    response.set_data(json.dumps(answer))
    return response


def _keys(one: dict[str, Any]) -> set[str]:
    """What names an input or its result: its ids, or of an association the record that it begins at."""
    start = one.get("from")
    named = (one.get("id"), one.get("objectWriteTraceId"), one.get("fromObjectId"))
    return {str(key) for key in (*named, start.get("id") if isinstance(start, dict) else None) if key}


def _error(fault: Fault, one: dict[str, Any]) -> dict[str, Any]:
    trace = one.get("objectWriteTraceId")
    context = {"objectWriteTraceId": [trace]} if trace else {"ids": [str(one.get("id"))]}
    if "from" in one:
        context = {"fromObjectId": [str(one["from"]["id"])], "toObjectId": [str(one["to"]["id"])]}
    return error_item(fault.category, "The portal could not do this just now.", context)
