"""A pull under HubSpot's own limit and distance: 110 calls in ten seconds, 100 ms away."""

import math

from bench.stage import Stage
from bench.table import Figure
from tests.support.sandbox_server import SandboxServer

CALLS_PER_WINDOW = 110
_WINDOW_S = 10.0
LATENCY_S = 0.1
MOST = 1.15


def measure(stage: Stage, sizes: tuple[int, int]) -> list[Figure]:
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
    return [
        Figure(
            f"pull under {CALLS_PER_WINDOW} calls per 10 s, {LATENCY_S * 1000:.0f} ms away",
            f"{pull.calls} calls in {pull.took_s:.1f} s, {ratio:.2f} times the {allowed_s:.1f} s allowed, "
            f"{refused} refused",
            f"≤ {MOST:g} times",
            ratio <= MOST,
        )
    ]


def allowed(calls: int) -> float:
    """The shortest time in seconds for so many calls, each sent when the one before is answered.

    One after the other they take `calls * latency`. The limit lets 110 go at once and the next 110 ten
    seconds later, so that the last window begins after `(windows - 1) * 10 s`. The longer of the two holds.
    """
    windows = math.ceil(calls / CALLS_PER_WINDOW)
    return max(calls * LATENCY_S, (windows - 1) * _WINDOW_S)
