"""For monitors: whether the process lives, whether it can serve, and figures for Prometheus."""

import hmac
import time
from typing import Any

from flask import Blueprint, Flask, Response, abort, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from webapp.store.connection import connections, troubles
from webapp.store.runs.log import Run
from webapp.usecases.connection import status
from webapp.usecases.connection.status import Status
from webapp.usecases.runs import machinery
from webapp.web.access import open_to_all
from webapp.web.services import ask, services

blueprint = Blueprint("health", __name__)

QUIET_S = 30.0
"""So long after the web has begun its pages say nothing: the other processes begin as well."""
LOOK_EVERY_S = 5.0

_SILENT = ("static", "health.healthz", "health.readyz", "health.metrics")
_STATES = (connections.CONNECTED, connections.FAILING, connections.DISCONNECTED)


class _Latest:
    """What does not work, as an application saw it last: every page asks, and few look."""

    def __init__(self) -> None:
        self.began_s = self.looked_s = time.monotonic()
        self.found: list[str] = []

    def look(self) -> list[str]:
        now = time.monotonic()
        if now >= self.began_s + QUIET_S and now >= self.looked_s + LOOK_EVERY_S:
            self.looked_s = now
            self.found = ask(machinery.troubles)
        return self.found


def register(app: Flask) -> None:
    """Look for every page whether all works behind it."""
    latest = _Latest()

    @app.before_request
    def look() -> None:
        # Before the page reads anything: looking ends its reading.
        if request.method == "GET" and request.endpoint not in _SILENT:
            g.machinery_troubles = latest.look()


@blueprint.get("/healthz")
@open_to_all
def healthz() -> ResponseReturnValue:
    """The process lives."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@open_to_all
def readyz() -> ResponseReturnValue:
    """Whether requests can be served: that takes the database alone, the rest is reported.

    Redis does not count, since webhook events are accepted without it.
    """
    is_ready = ask(status.is_database_ready)
    queues = ask(status.queues)
    body: dict[str, Any] = {
        "status": "ready" if is_ready else "not ready",
        "database": "up" if is_ready else "down",
        "redis": "up" if queues else "down",
        "workers": queues.workers if queues else None,
        "queues": queues.waiting if queues else None,
        "trouble": ask(machinery.troubles),
    }
    if trouble := ask(status.trouble_code):
        # Syncing stands still, yet requests are served.
        body["hubspot"] = trouble
    return body, 200 if is_ready else 503


@blueprint.get("/metrics")
@open_to_all
def metrics() -> ResponseReturnValue:
    """Figures for Prometheus, with METRICS_TOKEN as the bearer token; 404 where that is not set."""
    token = services().settings.metrics_token
    if not token:
        abort(404)
    if not hmac.compare_digest(_bearer().encode(), token.encode()):
        return Response("unauthorized\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    return Response(generate_latest(_measured(ask(status.gather))), content_type=CONTENT_TYPE_LATEST)


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _measured(now: Status) -> CollectorRegistry:
    """A registry of its own for each answer: the figures are read, not counted in this process."""
    registry = CollectorRegistry()
    Gauge("twinbook_redis_up", "1 if Redis answers.", registry=registry).set(now.queues is not None)
    state = Gauge("twinbook_connection_state", "1 for the state it is in.", ["state"], registry=registry)
    for name in _STATES:
        state.labels(name).set(now.connection is not None and now.connection.state == name)
    trouble = Gauge("twinbook_account_trouble", "1 while automatic sync is paused for it.", registry=registry)
    trouble.set(troubles.lasting(now.connection) is not None)
    if now.queues:
        _measure_queues(now, registry)
    if now.budget:
        _measure_budget(now, registry)
    # A preview has done nothing that could be measured.
    if real := [run for run in now.last_runs if not run.is_preview]:
        _measure_last_run(real[0], registry)
    return registry


def _measure_queues(now: Status, registry: CollectorRegistry) -> None:
    assert now.queues is not None  # noqa: S101 - checked by the caller
    Gauge("twinbook_workers", "Worker processes.", registry=registry).set(now.queues.workers)
    jobs = Gauge("twinbook_queue_jobs", "Jobs that wait.", ["queue"], registry=registry)
    for name, count in now.queues.waiting.items():
        jobs.labels(name).set(count)


def _measure_budget(now: Status, registry: CollectorRegistry) -> None:
    assert now.budget is not None  # noqa: S101 - checked by the caller
    today = now.budget.days[0]
    Gauge("twinbook_hubspot_calls_today", "Calls of the account's day.", registry=registry).set(today.calls)
    Gauge("twinbook_hubspot_throttled_today", "Calls answered 429.", registry=registry).set(today.throttled)
    if now.budget.daily_remaining is not None:
        left = Gauge("twinbook_hubspot_daily_remaining", "What is left of the quota.", registry=registry)
        left.set(now.budget.daily_remaining)


def _measure_last_run(run: Run, registry: CollectorRegistry) -> None:
    records = Gauge(
        "twinbook_last_run_records",
        "Records of the latest run by outcome.",
        ["kind", "state", "object_type", "outcome"],
        registry=registry,
    )
    for object_type, counts in run.counts.items():
        for outcome, count in counts.items():
            records.labels(run.kind, run.state, object_type, outcome).set(count)
