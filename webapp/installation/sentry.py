"""Reports to Sentry: an unexpected error's kind and place in the code, without any person's data.

The parts that may be sent are listed, since a later version of Sentry's client may collect more.
"""

from collections.abc import Mapping
from typing import Any, cast

import sentry_sdk
from sentry_sdk.types import Breadcrumb, BreadcrumbHint, Event, Hint

_OF_EVENT = frozenset(
    {
        *("event_id", "timestamp", "level", "platform", "sdk", "modules"),
        *("release", "environment", "server_name", "fingerprint"),
        # Endpoints and functions of jobs, by name; addresses hold tokens of invitations.
        *("logger", "transaction", "transaction_info"),
    }
)
# An error's text, its `value`, may quote a record, or HubSpot's answer about one.
_OF_ERROR = frozenset({"type", "module", "mechanism", "stacktrace", "thread_id"})
_OF_BREADCRUMB = frozenset({"type", "category", "level", "timestamp"})
# SQL, keys of Redis, addresses and messages are what else a breadcrumb may hold.
_OF_BREADCRUMB_DATA = frozenset({"http.method", "method", "status_code", "http.response.status_code"})
_HEADERS = frozenset({"content-length", "hx-request"})


def report_to(dsn: str) -> None:
    """Send unexpected errors to this address, and nothing else."""
    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=without_data,
        before_breadcrumb=_bare_breadcrumb,
        # HubSpot is no part of this installation.
        trace_propagation_targets=[],
    )


def without_data(event: Event, _hint: Hint) -> Event:
    """A report of what happened and where, without any record's or person's data."""
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in _OF_EVENT}
    kept["exception"] = {"values": [_only(error, _OF_ERROR) for error in _values(event, "exception")]}
    kept["breadcrumbs"] = {"values": _values(event, "breadcrumbs")}
    kept["request"] = _bare_request(event.get("request") or {})
    kept["contexts"] = _only(event.get("contexts") or {}, frozenset({"runtime"}))
    kept["logentry"] = _template(event.get("logentry") or {})
    return cast("Event", kept)


def _template(logged: Mapping[str, Any]) -> dict[str, Any]:
    """The template of a logged message, without what was put into it; nothing of one that came filled."""
    return _only(logged, frozenset({"message"})) if logged.get("params") else {}


def _bare_request(request: dict[str, Any]) -> dict[str, Any]:
    headers = request.get("headers") or {}
    return _only(request, frozenset({"method"})) | {
        "headers": {name: value for name, value in headers.items() if name.lower() in _HEADERS}
    }


def _bare_breadcrumb(breadcrumb: Breadcrumb, _hint: BreadcrumbHint) -> Breadcrumb:
    """A breadcrumb reduced to its kind and its status."""
    return _only(breadcrumb, _OF_BREADCRUMB) | {
        "data": _only(breadcrumb.get("data") or {}, _OF_BREADCRUMB_DATA)
    }


def _values(event: Event, name: str) -> list[dict[str, Any]]:
    return list((cast("dict[str, Any]", event).get(name) or {}).get("values", []))


def _only(values: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}
