"""Pulls under HubSpot's own limits and distances: how much of what the limit allows is used."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bench.stage import Stage
from bench.table import Figure
from tests.support.servers.sandbox_server import SandboxServer

CALLS_PER_WINDOW = 110
_WINDOW_S = 10.0
LATENCY_S = 0.1
MOST = 1.15
_PAGE = 100


class Far(NamedTuple):
    """A limit in calls per ten seconds, a distance in seconds, and what Twinbook takes of the limit.

    `allowed` is 95 % of the limit less what is kept for calls that a person waits for.
    """

    limit: int
    latency_s: float
    allowed: int


FAR = (Far(110, 0.3, 99), Far(190, 0.15, 171))
SHARE = 0.9
# No reader of an opaque list is faster than one page after the other.
_OPAQUE_SHARE = 0.8
# From afar a pull of the size of the near one is over too soon after the first window.
_LARGER = 1.5


def measure(stage: Stage, sizes: tuple[int, int]) -> list[Figure]:
    """The time of a first pull near by, and the use that pulls from afar make of what is allowed."""
    return [
        _near(stage, sizes),
        *(figure for far in FAR for figure in _far(stage, sizes, far)),
        _opaque(stage, sizes),
    ]


def _near(stage: Stage, sizes: tuple[int, int]) -> Figure:
    """The time of a first pull against what the limit and sequential paging allow."""
    with (
        SandboxServer().start(
            companies=sizes[0],
            contacts=sizes[1],
            rate_limit=CALLS_PER_WINDOW,
            latency_ms=LATENCY_S * 1000,
        ) as portal,
        stage.database("sqlite") as url,
        stage.connected(url, portal),
    ):
        pull = stage.pull(url, portal)
        refused = portal.counts()["throttled"]
    allowed_s = allowed(pull.calls)
    ratio = pull.took_s / allowed_s
    return Figure(
        f"pull under {CALLS_PER_WINDOW} calls per 10 s, {LATENCY_S * 1000:.0f} ms away",
        f"{pull.calls} calls in {pull.took_s:.1f} s, {ratio:.2f} times the {allowed_s:.1f} s allowed, "
        f"{refused} refused",
        f"≤ {MOST:g} times",
        ratio <= MOST,
    )


def _far(stage: Stage, sizes: tuple[int, int], far: Far) -> list[Figure]:
    """What a first and an unchanged pull read from the second window on, against what the limit allows."""
    figures = []
    with (
        SandboxServer().start(
            companies=sizes[0],
            contacts=int(sizes[1] * _LARGER),
            rate_limit=far.limit,
            search_limit=5,
            latency_ms=far.latency_s * 1000,
        ) as portal,
        stage.database("sqlite") as url,
        stage.connected(url, portal),
    ):
        for name in ("first", "unchanged"):
            before = len(_lists(portal))
            pull = stage.pull(url, portal)
            refused = portal.counts()["throttled"]
            share = share_used(_lists(portal)[before:], far)
            figures.append(
                Figure(
                    f"{name} pull, {far.limit} calls per 10 s, {far.latency_s * 1000:.0f} ms away",
                    f"{share:.2f} of the {far.allowed * _PAGE / _WINDOW_S:,.0f} records/s allowed; "
                    f"{pull.calls} calls in {pull.took_s:.1f} s, {refused} refused",
                    f"≥ {SHARE:g}, 0 refused",
                    share >= SHARE and not refused,
                )
            )
    return figures


def _opaque(stage: Stage, sizes: tuple[int, int]) -> Figure:
    """Where cursors tell nothing one reader reads as fast as one page after the other can be."""
    far = FAR[0]
    with (
        SandboxServer().start(
            companies=sizes[0] // 4,
            contacts=sizes[1] // 4,
            rate_limit=far.limit,
            latency_ms=far.latency_s * 1000,
            set={"cursors": "opaque"},
        ) as portal,
        stage.database("sqlite") as url,
        stage.connected(url, portal),
    ):
        pull = stage.pull(url, portal)
    share = pull.records / _PAGE * far.latency_s / pull.took_s
    return Figure(
        f"the same with opaque cursors, {far.latency_s * 1000:.0f} ms away",
        f"{share:.2f} of one page after the other; {pull.calls} calls in {pull.took_s:.1f} s",
        f"≥ {_OPAQUE_SHARE:g}",
        share >= _OPAQUE_SHARE,
    )


def _lists(portal: SandboxServer) -> list[dict[str, Any]]:
    """The calls for pages of a list, of the last thousand calls of any kind."""
    return [
        entry
        for entry in portal.log()
        if entry["method"] == "GET" and entry["path"].endswith(("/companies", "/contacts"))
    ]


def allowed(calls: int) -> float:
    """The shortest time in seconds for so many calls, each sent when the one before is answered.

    One after the other they take `calls * latency`. The limit lets 110 go at once and the next 110 ten
    seconds later, so that the last window begins after `(windows - 1) * 10 s`. The longer of the two holds.
    """
    windows = math.ceil(calls / CALLS_PER_WINDOW)
    return max(calls * LATENCY_S, (windows - 1) * _WINDOW_S)


def share_used(calls: Sequence[dict[str, Any]], far: Far) -> float:
    """The share of what is allowed that calls from the second window on have used."""
    moments = sorted(datetime.fromisoformat(entry["at"]).timestamp() for entry in calls)
    begin = moments[0] + _WINDOW_S
    later = [moment for moment in moments if moment > begin]
    if not later:
        return math.inf
    return len(later) / ((later[-1] - begin) * far.allowed / _WINDOW_S)
