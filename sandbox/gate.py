"""What every API call passes: faults, token, limits, scopes; then its handler, the log and the counts."""

import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
from flask import Response, request

from sandbox.auth import Access, check_scopes
from sandbox.call import Answer, Call
from sandbox.clock import now_iso
from sandbox.cut import cut_connection
from sandbox.errors import ApiError
from sandbox.faults import Fault, status_error
from sandbox.kinds import BY_PATH
from sandbox.paths import Route, scopes_for
from sandbox.store.portal import LogEntry, Portal

NAME_OF = {alias: kind.name for alias, kind in BY_PATH.items()}
JSON_TYPE = "application/json;charset=utf-8"
SAME_SWITCH = {"v1": "v3", "v2": "v3", "v4": "v3"}
HTML_PAGE = b"<html><head><title>Just a moment...</title></head><body>We'll be right back.</body></html>"


def view(portal: Portal, access: Access, version: str, route: Route) -> Callable[..., Response]:
    """A Flask view for one path."""

    def answer(**params: str) -> Response:
        started = time.perf_counter()
        fault = _take_fault(portal)
        _wait(portal, fault)
        response = _respond(portal, access, version, route, params, fault)
        _note(portal, route, response.status_code, started, fault)
        return response

    return answer


def _take_fault(portal: Portal) -> Fault | None:
    with portal.lock:
        return portal.faults.pick(request.method, request.path)


def _wait(portal: Portal, fault: Fault | None) -> None:
    wait_ms = portal.settings.latency_ms + (fault.latency_ms if fault else 0)
    if wait_ms:
        time.sleep(wait_ms / 1000)


def _respond(
    portal: Portal, access: Access, version: str, route: Route, params: dict[str, str], fault: Fault | None
) -> Response:
    kind = fault.kind if fault else None
    is_late = fault is not None and fault.effect == "after"
    if kind == "cut_before":
        return cut_connection(request.environ)
    if fault is not None and kind == "status" and not is_late:
        return _error(status_error(fault, portal.settings.portal_id), {})
    if fault is not None and kind == "malformed" and not is_late and request.method != "GET":
        return _spoiled(fault, b'{"results":[')
    response = _handle(portal, access, version, route, params)
    if kind == "cut_after":
        return cut_connection(request.environ)
    if fault is not None and kind == "status":
        return _error(status_error(fault, portal.settings.portal_id), {})
    if fault is not None and kind == "malformed":
        return _spoiled(fault, response.get_data())
    return response


def _handle(portal: Portal, access: Access, version: str, route: Route, params: dict[str, str]) -> Response:
    call = Call(
        portal=portal,
        access=access,
        version=version,
        base_url=request.host_url.rstrip("/"),
        path=request.path,
        query=request.args,
        form=request.values,
        raw_body=request.get_data() if request.mimetype == "application/json" else b"",
        params=params,
    )
    headers: dict[str, str] = {}
    with portal.lock:
        try:
            _admit(call, route, headers)
            answer = route.handler(call)
        except ApiError as refusal:
            return _error(refusal, headers)
    return _success(answer, headers)


def _admit(call: Call, route: Route, headers: dict[str, str]) -> None:
    settings = call.portal.settings
    if SAME_SWITCH.get(call.version, call.version) not in settings.api_versions:
        raise ApiError(404, f"API version {call.version} does not exist")
    if route.needs == "nothing":
        return
    call.token = call.access.authenticate(request.headers.get("Authorization"))
    try:
        call.portal.limits.admit(settings, call.token, is_search=route.is_search)
    finally:
        headers.update(call.portal.limits.headers(settings, call.token, is_search=route.is_search))
    for wanted in scopes_for(route.needs, call.params, NAME_OF):
        check_scopes(call.token, wanted, settings.withheld_scopes)


def _success(answer: Answer, headers: dict[str, str]) -> Response:
    if answer.body is None:
        return Response(status=answer.status, headers=headers)
    return Response(encode(answer.body), status=answer.status, headers=headers, content_type=JSON_TYPE)


def _error(refusal: ApiError, headers: dict[str, str]) -> Response:
    response = Response(
        encode(refusal.body),
        status=refusal.status,
        headers={**headers, **refusal.headers},
        content_type=JSON_TYPE,
    )
    if "correlationId" in refusal.body:
        response.headers["x-hubspot-correlation-id"] = refusal.body["correlationId"]
    return response


def encode(body: Any) -> bytes:
    """A body as JSON bytes."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        # A lone surrogate has no UTF-8 form: only its escape can travel.
        return json.dumps(msgspec.to_builtins(body), separators=(",", ":")).encode()


def _spoiled(fault: Fault, body: bytes) -> Response:
    if fault.body == "html":
        return Response(HTML_PAGE, content_type="text/html")
    if fault.body == "empty":
        return Response(b"", content_type=JSON_TYPE)
    return Response(body[: max(1, len(body) // 2)], content_type=JSON_TYPE)


def _note(portal: Portal, route: Route, status: int, started: float, fault: Fault | None) -> None:
    took_ms = round((time.perf_counter() - started) * 1000, 2)
    with portal.lock:
        portal.counters["calls"] += 1
        portal.counters[f"route:{route.name}"] += 1
        if status == 429:  # noqa: PLR2004 - HTTP statuses are their own names
            portal.counters["throttled"] += 1
        entry = LogEntry(
            now_iso(), request.method, request.path, status, took_ms, fault.kind if fault else None
        )
        portal.log.append(entry)
