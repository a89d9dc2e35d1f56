"""Figures for Prometheus, read for every answer, since each process counts only its own requests."""

import hmac
from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric

from webapp.store.connection import connections, troubles
from webapp.store.home.standing import Standing
from webapp.store.operating.figures import Figures
from webapp.store.runs.log import Run
from webapp.usecases.connection.budget import Budget
from webapp.usecases.connection.status import Status
from webapp.usecases.operating.durations import Histogram
from webapp.usecases.operating.figures import Measured, OfRedis, measure
from webapp.web.access import open_to_all
from webapp.web.services import ask_for_nobody, services

blueprint = Blueprint("metrics", __name__)
_STATES = (connections.CONNECTED, connections.FAILING, connections.DISCONNECTED)


@blueprint.get("/metrics")
@open_to_all
def show() -> ResponseReturnValue:
    """The figures, with METRICS_TOKEN as the bearer token; 404 where that is not set."""
    token = services().settings.metrics_token
    if not token:
        abort(404)
    if not hmac.compare_digest(_bearer().encode(), token.encode()):
        return Response("unauthorized\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    registry = CollectorRegistry()
    registry.register(_Collected(ask_for_nobody(measure)))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class _Collected:
    """The measurements, for the client library to collect."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def collect(self) -> Iterator[Metric]:
        now = self._measured
        yield _gauge("redis_up", "1 if Redis answers.", now.redis is not None)
        yield from _of_connection(now.status)
        yield from _of_work(now.figures, now.standing, now.at)
        if now.redis is not None:
            yield from _of_redis(now.redis)
        if now.status.queues is not None:
            yield _gauge("workers", "Worker processes.", now.status.queues.workers)
            yield _gauges("queue_jobs", "Jobs that wait.", "queue", now.status.queues.waiting)
        if now.status.budget is not None:
            yield from _of_budget(now.status.budget)
        # A preview has done nothing that could be measured.
        if real := [run for run in now.status.last_runs if not run.is_preview]:
            yield _of_run(real[0])


def _of_connection(now: Status) -> Iterator[Metric]:
    state = now.connection.state if now.connection is not None else None
    yield _gauges(
        "connection_state", "1 for the state it is in.", "state", {one: one == state for one in _STATES}
    )
    is_paused = troubles.lasting(now.connection) is not None
    yield _gauge("account_trouble", "1 while automatic sync is paused for it.", is_paused)


def _of_work(found: Figures, now: Standing, at: datetime) -> Iterator[Metric]:
    waiting = {"inbox": found.inbox, "outbox": found.outbox, "mails": found.unsent_mails}
    yield _gauges(
        "waiting", "What waits, up to 10,000.", "what", {name: one.number for name, one in waiting.items()}
    )
    ages = {name: _age_s(one.since, at) for name, one in waiting.items()}
    yield _gauges("waiting_age_seconds", "How long the first of it has waited.", "what", ages)
    yield _gauge("mails_failed", "Mails that nobody tries any more, up to 10,000.", found.failed_mails)
    held = now.held_objects + now.held_records
    needs = {"held": held, "failing": now.failing, "duplicates": now.duplicates, "asking": now.asking}
    yield _gauges("needs_a_person", "What waits for a person, each up to 1,000.", "what", needs)
    if found.pulled_at is not None:
        ended_at_s = found.pulled_at.timestamp()
        yield _gauge("last_pull_finished_timestamp_seconds", "When the last Pull finished.", ended_at_s)


def _of_redis(now: OfRedis) -> Iterator[Metric]:
    yield _gauges("queue_age_seconds", "How long the first job has waited.", "queue", now.queue_ages_s)
    if now.schedule_age_s is not None:
        yield _gauge("schedule_age_seconds", "Since the schedule was acted on.", now.schedule_age_s)
    yield _gauge("live_pages", "Live pages that are open, in all web processes.", now.live_pages)
    yield _histogram("request_seconds", "How long requests took.", now.requests)
    yield _histogram("hubspot_call_seconds", "How long calls of runs to HubSpot took.", now.hubspot_calls)


def _of_budget(budget: Budget) -> Iterator[Metric]:
    today = budget.days[0]
    yield _gauge("hubspot_calls_today", "Calls of the account's day.", today.calls)
    yield _gauge("hubspot_throttled_today", "Calls answered 429.", today.throttled)
    if budget.daily_remaining is not None:
        yield _gauge("hubspot_daily_remaining", "What is left of the quota.", budget.daily_remaining)


def _of_run(run: Run) -> Metric:
    labels = ("kind", "state", "object_type", "outcome")
    family = GaugeMetricFamily(
        "twinbook_last_run_records", "Records of the latest run by outcome.", labels=labels
    )
    for object_type, counts in run.counts.items():
        for outcome, count in counts.items():
            family.add_metric([run.kind, run.state, object_type, outcome], count)
    return family


def _age_s(since: datetime | None, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds()) if since is not None else 0.0


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"twinbook_{name}", about, value=value)


def _gauges(
    name: str, about: str, label: str, values: dict[str, float] | dict[str, int] | dict[str, bool]
) -> Metric:
    family = GaugeMetricFamily(f"twinbook_{name}", about, labels=[label])
    for one, value in values.items():
        family.add_metric([one], value)
    return family


def _histogram(name: str, about: str, found: dict[str, Histogram]) -> Metric:
    family = HistogramMetricFamily(f"twinbook_{name}", about, labels=["status"])
    for status, histogram in found.items():
        buckets = [(str(bound), float(count)) for bound, count in histogram.at_most.items()]
        family.add_metric([status], [*buckets, ("+Inf", float(histogram.total))], histogram.sum_s)
    return family
