"""What every API call passes: faults, token, limits, scopes; then its handler, the log and the counts."""

import time
from collections.abc import Callable

from flask import Response, request

from sandbox.calls.answers import cut_connection, failure, refused_by_others, spoiled, success
from sandbox.calls.auth import Access, check_scopes
from sandbox.calls.call import Call
from sandbox.calls.errors import ApiError
from sandbox.calls.faults import CallParts, Fault, status_error
from sandbox.calls.oddities import made_odd
from sandbox.calls.parts import worked_in_part
from sandbox.calls.paths import Route, scopes_for
from sandbox.clock import now_iso
from sandbox.kinds import BY_PATH
from sandbox.store.auto_companies import catch_up
from sandbox.store.portal import LogEntry, Portal

NAME_OF = {alias: kind.name for alias, kind in BY_PATH.items()}
# The switch names one version for a family; its older relatives go with it.
SWITCH_OF = {"v1": "v3", "v2": "v3", "v4": "v3"}


def view(portal: Portal, access: Access, version: str, route: Route) -> Callable[..., Response]:
    """A Flask view for one path."""

    def work(params: dict[str, str], body: bytes | None = None) -> Response:
        return _work(_call(portal, access, version, params, body), route)

    def answer(**params: str) -> Response:
        started = time.perf_counter()
        with portal.lock:
            fault = portal.faults.pick(_parts(lambda: work(params)))
        with portal.faults.at_work(fault):
            _wait(portal, fault)
            response = _answer(portal, fault, lambda body=None: work(params, body))
            if fault is not None and fault.kind == "hold":
                portal.faults.hold()
        _log_call(portal, _counted_as(route, params), response.status_code, started, fault)
        return response

    return answer


def _answer(portal: Portal, fault: Fault | None, work: Callable[..., Response]) -> Response:
    """The work with what a fault makes of it; instead of it, where the fault says so."""
    if fault is None:
        return work()
    if _is_instead_of_work(fault):
        return _spoil(portal, fault, None)
    if fault.kind == "part":
        return worked_in_part(fault, request.get_data(), work)
    return _spoil(portal, fault, work())


def _parts(work: Callable[[], Response]) -> CallParts:
    def sent() -> str:
        return request.full_path + request.get_data(as_text=True)

    return CallParts(request.method, request.path, sent, lambda: work().get_data(as_text=True))


def _wait(portal: Portal, fault: Fault | None) -> None:
    wait_ms = portal.settings.latency_ms + (fault.latency_ms if fault else 0)
    if wait_ms:
        time.sleep(wait_ms / 1000)


def _is_instead_of_work(fault: Fault) -> bool:
    if fault.kind in ("status", "malformed"):
        # Reading harms nothing, and half of a real page is the most malicious body.
        return fault.effect == "before" and not (fault.kind == "malformed" and request.method == "GET")
    return fault.kind == "cut_before"


def _spoil(portal: Portal, fault: Fault, response: Response | None) -> Response:
    if fault.kind in ("cut_before", "cut_after"):
        return cut_connection(request.environ)
    if fault.kind == "status" and fault.style != "own":
        return refused_by_others(fault)
    if fault.kind == "status":
        return failure(status_error(fault, portal.settings.portal_id), {})
    if fault.kind == "malformed":
        return spoiled(fault, response.get_data() if response else b'{"results":[{"id":"2')
    assert response is not None  # noqa: S101 - a delayed or held call was worked on
    if fault.kind == "odd":
        response.set_data(made_odd(response.get_data(), fault.oddity))
    return response


def _call(
    portal: Portal, access: Access, version: str, params: dict[str, str], body: bytes | None = None
) -> Call:
    given = request.get_data() if body is None else body
    return Call(
        portal=portal,
        access=access,
        version=version,
        base_url=request.host_url.rstrip("/"),
        path=request.path,
        query=request.args,
        form=request.values,
        raw_body=given if request.mimetype == "application/json" else b"",
        params=params,
    )


def _work(call: Call, route: Route) -> Response:
    headers: dict[str, str] = {}
    with call.portal.lock:
        try:
            _admit(call, route, headers)
            catch_up(call.portal)
            return success(route.handler(call), headers)
        except ApiError as refusal:
            return failure(refusal, headers)


def _admit(call: Call, route: Route, headers: dict[str, str]) -> None:
    settings, limits = call.portal.settings, call.portal.limits
    if SWITCH_OF.get(call.version, call.version) not in settings.api_versions:
        raise ApiError(404, f"API version {call.version} does not exist")
    if route.needs == "nothing":
        return
    call.token = call.access.authenticate(request.headers.get("Authorization"))
    try:
        limits.admit(settings, call.token, is_search=route.is_search)
    finally:
        headers.update(limits.headers(settings, call.token, is_search=route.is_search))
    for required in scopes_for(route.needs, call.params, NAME_OF):
        check_scopes(call.token, required, settings.withheld_scopes)


def _counted_as(route: Route, params: dict[str, str]) -> str:
    kind = NAME_OF.get(params.get("kind", ""))
    return f"{route.name} {kind}" if kind else route.name


def _log_call(portal: Portal, route: str, status: int, started: float, fault: Fault | None) -> None:
    took_ms = round((time.perf_counter() - started) * 1000, 2)
    with portal.lock:
        portal.counters["calls"] += 1
        portal.counters[f"route:{route}"] += 1
        if status == 429:  # noqa: PLR2004 - HTTP statuses are their own names
            portal.counters["throttled"] += 1
        kind = fault.kind if fault else None
        portal.log.append(LogEntry(now_iso(), request.method, request.path, status, took_ms, kind))
