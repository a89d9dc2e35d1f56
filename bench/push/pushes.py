"""Pushes of a large book, half of which HubSpot has already, in rounds with the floor between them."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import text

from bench.pull.limited import CALLS_PER_WINDOW, FAR, LATENCY_S, MOST, SHARE, Far, share_used
from bench.stage import Floor, Stage, Work
from bench.table import Figure
from tests.support.applications.services import reading, writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.pushing import give_key
from webapp.domain.records.values import Value
from webapp.store.connection import connections
from webapp.store.records import records

_PUSH_FLOORS = 3.0
_IDLE_PUSH_SHARE = 0.5
_CALLS_PER_100_LINKED = 2.2
_CALLS_PER_100_NEW_COMPANIES = 3.2
_CONTACTS_OF_A_COMPANY = 10
_WINDOW_S = 10.0
_SEARCHES_PER_S = 5


class Round(NamedTuple):
    """The floor, a push that has everything to do, and one that has nothing to do."""

    floor: Floor
    full: Work
    idle: Work
    calls: dict[str, int]
    idle_writes: int


def measure(stage: Stage, companies: int, rounds: int, report: Callable[[str], None]) -> list[Figure]:
    """The figures of a push of so many companies, with ten contacts each."""
    done = []
    for number in range(1, rounds + 1):
        done.append(_round(stage, companies))
        one = done[-1]
        report(
            f"round {number}: floor {one.floor.took_s:.1f} s, push {one.full.took_s:.1f} s, "
            f"with nothing to do {one.idle.took_s:.1f} s"
        )
    return _figures(done)


def measure_limited(stage: Stage, companies: int) -> list[Figure]:
    """The time of a push near by against what the limit allows, and how much of it pushes from afar use."""
    with _book(stage, companies, rate_limit=CALLS_PER_WINDOW, latency_ms=0) as (url, portal):
        # The allowed time counts on a free first window, which filling the book has just used up.
        time.sleep(_WINDOW_S)
        portal.settings(latency_ms=LATENCY_S * 1000)
        push = stage.run("push", url, portal)
        refused = portal.counts()["throttled"]
        portal.settings(latency_ms=0)
        stage.finish_checks(url, portal)
        far_ones = [_far(stage, url, portal, far) for far in FAR]
    allowed_s = max(0.0, math.ceil(push.calls / CALLS_PER_WINDOW) - 1) * _WINDOW_S
    # The calls of a small push fit into the first window, where the limit delays nothing.
    ratio = push.took_s / (allowed_s or push.took_s)
    name = f"push under {CALLS_PER_WINDOW} calls per 10 s, {LATENCY_S * 1000:.0f} ms away"
    measured = (
        f"{push.calls} calls in {push.took_s:.1f} s, {ratio:.2f} times the {allowed_s:.1f} s allowed, "
        f"{refused} refused"
    )
    return [Figure(name, measured, f"≤ {MOST:g} times", ratio <= MOST and refused == 0), *far_ones]


def _far(stage: Stage, url: str, portal: SandboxServer, far: Far) -> Figure:
    """What a push of edited records sends from the second window on, against what the limit allows."""
    _edit_all(f"{far.limit} calls")
    portal.settings(rate_limit=far.limit, latency_ms=0)
    time.sleep(_WINDOW_S)
    portal.settings(latency_ms=far.latency_s * 1000)
    before = portal.counts()["throttled"]
    push = stage.run("push", url, portal)
    refused = portal.counts()["throttled"] - before
    share = share_used(portal.log()[-push.calls :], far)
    return Figure(
        f"push of edited records, {far.limit} calls per 10 s, {far.latency_s * 1000:.0f} ms away",
        f"{share:.2f} of the {far.allowed / _WINDOW_S:.1f} calls/s allowed; "
        f"{push.calls} calls in {push.took_s:.1f} s, {refused} refused",
        f"≥ {SHARE:g}, 0 refused",
        share >= SHARE and not refused,
    )


def _edit_all(city: str) -> None:
    with writing() as session:
        for table in ("companies", "contacts"):
            session.execute(text(f"UPDATE {table} SET city = :city"), {"city": city})  # noqa: S608 - our own names


def _round(stage: Stage, companies: int) -> Round:
    with SandboxServer().start(companies=0, contacts=0) as portal, stage.database("sqlite") as url:
        with stage.connected(url, portal):
            give_key(portal, _connection_id())
        floor = stage.push_floor(portal, companies)
    with _book(stage, companies) as (url, portal):
        before = portal.counts()
        full = stage.run("push", url, portal)
        after = portal.counts()
        stage.finish_checks(url, portal)
        before_idle = portal.counts()
        idle = stage.run("push", url, portal)
        idle_writes = portal.counts()["writes"] - before_idle["writes"]
    for outcomes in full.counts.values():
        assert not set(outcomes) - {"created", "updated", "unchanged"}, full.counts
    calls = Counter(after["calls_by_route"])
    calls.subtract(before["calls_by_route"])
    return Round(floor, full, idle, dict(+calls), idle_writes)


@contextmanager
def _book(stage: Stage, companies: int, **options: Any) -> Iterator[tuple[str, SandboxServer]]:
    """Half of the companies, with their contacts, are linked and edited since; the others are new."""
    with (
        SandboxServer().start(companies=0, contacts=0, **options) as portal,
        stage.database("sqlite") as url,
        stage.connected(url, portal),
    ):
        give_key(portal, _connection_id())
        _fill(range(companies // 2))
        stage.run("push", url, portal)
        stage.finish_checks(url, portal)
        _edit_all("Ulm")
        _fill(range(companies // 2, companies))
        yield url, portal


def _fill(numbers: range) -> None:
    """Add companies, each with ten contacts."""
    for start in range(numbers.start, numbers.stop, 500):
        some = range(start, min(start + 500, numbers.stop))
        with writing() as session:
            ids = records.insert_many(session, "companies", [_company(number) for number in some])
        people = [
            _contact(number * _CONTACTS_OF_A_COMPANY + place, company_id, number)
            for number, company_id in zip(some, ids, strict=True)
            for place in range(_CONTACTS_OF_A_COMPANY)
        ]
        with writing() as session:
            records.insert_many(session, "contacts", people)


def _company(number: int) -> dict[str, Value]:
    return {"name": f"Firm {number}", "domain": f"firm-{number}.de", "city": "Bonn", "status": "Lead"}


def _contact(number: int, company_id: int, firm: int) -> dict[str, Value]:
    names: dict[str, Value] = {"first_name": f"First {number}", "last_name": f"Last {number}"}
    email = f"p{number}@firm-{firm}.de"
    rest: dict[str, Value] = {"phone": f"+49 228 {number:06}", "city": "Bonn", "postcode": "53111"}
    return {**names, **rest, "email": email, "company_id": company_id}


def _connection_id() -> int:
    with reading() as session:
        connection = connections.current(session)
    assert connection is not None
    return connection.id


def _figures(done: Sequence[Round]) -> list[Figure]:
    floor_s = median(one.floor.took_s for one in done)
    ratio = median(one.full.took_s / one.floor.took_s for one in done)
    share = median(one.idle.took_s / one.full.took_s for one in done)
    per_s = median(one.full.records / one.full.took_s for one in done)
    cpu_us = median(one.full.cpu_s / one.full.records for one in done) * 1e6
    full = done[-1].full
    others = {route: calls for route, calls in done[-1].calls.items() if "associations" not in route}
    of_companies = sum(calls for route, calls in others.items() if route.endswith(" companies"))
    of_contacts = sum(calls for route, calls in others.items() if route.endswith(" contacts"))
    per_contacts = of_contacts / sum(full.counts["contacts"].values()) * 100
    per_companies = of_companies / sum(full.counts["companies"].values()) * 100
    most_companies = (_CALLS_PER_100_LINKED + _CALLS_PER_100_NEW_COMPANIES) / 2
    floor_per_s = median(one.floor.records_per_s for one in done)
    idle_writes = max(one.idle_writes for one in done)
    searches = sum(calls for route, calls in done[-1].calls.items() if "search" in route)
    return [
        Figure("floor: requests and JSON, upserts", f"{floor_s:.2f} s, {floor_per_s:,.0f} records/s"),
        Figure(
            f"push of {full.records:,}, half of them linked",
            f"{full.took_s:.1f} s, {per_s:,.0f} records/s, {cpu_us:.0f} µs worker CPU a record",
        ),
        Figure(
            "push, against the floor",
            f"{ratio:.2f} times",
            f"≤ {_PUSH_FLOORS:g} times",
            ratio <= _PUSH_FLOORS,
        ),
        Figure(
            "searches for new companies, which the floor does without",
            f"{searches}; HubSpot takes five a second: {searches / _SEARCHES_PER_S:.1f} s at the least",
        ),
        Figure(
            "calls per 100 contacts",
            f"{per_contacts:.2f}",
            f"≤ {_CALLS_PER_100_LINKED:g}",
            per_contacts <= _CALLS_PER_100_LINKED,
        ),
        Figure(
            "calls per 100 companies, half of them new",
            f"{per_companies:.2f}",
            f"≤ {most_companies:g}",
            per_companies <= most_companies,
        ),
        Figure(
            "push with nothing to do",
            f"{share:.2f} of the full one's time, {idle_writes} writes",
            f"≤ {_IDLE_PUSH_SHARE:g}, 0 writes",
            share <= _IDLE_PUSH_SHARE and idle_writes == 0,
        ),
    ]
