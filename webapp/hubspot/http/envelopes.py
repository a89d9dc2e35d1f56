"""The parts of HubSpot's error envelope, each of which may be missing or odd."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from webapp.hubspot.errors import RefusedValue


def envelope_of(response: requests.Response) -> Mapping[str, Any]:
    """The JSON object in the body; empty for HTML of a gateway and other bodies."""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def problems_of(envelope: Mapping[str, Any]) -> list[RefusedValue]:
    """One entry a refused value, from `errors`, else from the JSON list behind the colon in `message`."""
    listed = [entry for entry in _dicts(envelope.get("errors")) if "code" in entry or "context" in entry]
    if listed:
        found = [
            RefusedValue(
                _property_in(entry), text_in(entry.get("code")), message_in(entry.get("message")) or ""
            )
            for entry in listed
        ]
        return [problem for problem in found if problem.property_name or problem.code]
    return [
        RefusedValue(
            text_in(entry.get("name")), text_in(entry.get("error")), message_in(entry.get("message")) or ""
        )
        for entry in _dicts(_list_behind_colon(text_in(envelope.get("message")) or ""))
    ]


def _property_in(entry: Mapping[str, Any]) -> str | None:
    """The property that an entry of `errors` names, in its context or its `in`."""
    context = context_of(entry.get("context"))
    for key in ("propertyName", "propertyNames"):
        if context.get(key):
            return context[key][0]
    return text_in(entry.get("in"))


def _list_behind_colon(message: str) -> object:
    _, colon, tail = message.partition(": ")
    if not colon or not tail.startswith("["):
        return None
    try:
        return json.loads(tail)
    except (ValueError, RecursionError):
        return None


def scopes_of(envelope: Mapping[str, Any]) -> list[str]:
    """The scopes of which any one would do, each once."""
    contexts = [context_of(entry.get("context")) for entry in _dicts(envelope.get("errors"))]
    contexts.append(context_of(envelope.get("context")))
    scopes = [scope for context in contexts for scope in context.get("requiredGranularScopes", ())]
    return list(dict.fromkeys(scopes))


def context_of(value: object) -> dict[str, list[str]]:
    """A context with only its lists of texts; a bare text counts as a list of one."""
    if not isinstance(value, dict):
        return {}
    return {
        str(name): [str(part) for part in (parts if isinstance(parts, list) else [parts])]
        for name, parts in value.items()
    }


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def message_in(value: object) -> str | None:
    """HubSpot's own words. Those in JSON are marked: columns that keep them keep problems of ours as JSON."""
    text = text_in(value)
    return f"HubSpot: {text}" if text is not None and text.lstrip().startswith("{") else text


def text_in(value: object) -> str | None:
    """A text that is not empty; None for anything else."""
    return value if isinstance(value, str) and value else None
