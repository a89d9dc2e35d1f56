"""Redis away for a while at each moment of a flow: it costs time, never work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NamedTuple

from redis import Redis

from tests.chaos.beds.bed import Bed
from tests.chaos.faults import Baseline, Strike, behind, of_flow
from tests.support.servers.redis_refusals import REFUSALS, Refuse, take_again

_AWAY_S = 2.5
"""Longer than a call waits for Redis to answer."""
_PRESS, _WAIT = "the press", "a wait for HubSpot"


def outages(baseline: Baseline) -> Iterator[Strike]:
    """Redis away at each moment of a flow: killed, and in one of the other ways, which take turns.

    The moments are the press, each durable step, and a wait for HubSpot where the flow calls it.
    """
    steps = list(dict.fromkeys(of_flow(baseline.steps)))
    moments = [_PRESS, *steps, *([_WAIT] if baseline.calls else [])]
    killed, *others = OUTAGES
    for number, moment in enumerate(moments):
        for name in (killed, others[(number + len(moments)) % len(others)]):
            yield away(name, moment)


def away(name: str, moment: str) -> Strike:
    """Redis away for a while behind a step of a flow, by a name in `OUTAGES`."""
    around_of = {_PRESS: _away_at_the_press, _WAIT: _away_in_a_wait}.get(moment, _away_behind)
    return Strike(f"Redis {name}", moment, partial(around_of, step=moment, outage=OUTAGES[name]))


class Outage(NamedTuple):
    """A way in which Redis is away for a while.

    Attributes:
        begin, end: break the server of a bed, and mend it.
    """

    begin: Callable[[Bed], None]
    end: Callable[[Bed], None]


def _refusing(refuse: Refuse) -> Outage:
    def begin(bed: Bed) -> None:
        with Redis.from_url(bed.redis.url) as client:
            refuse(client, bed.redis.data)

    def end(bed: Bed) -> None:
        with Redis.from_url(bed.redis.url) as client:
            take_again(client, bed.redis.data)

    return Outage(begin, end)


OUTAGES: dict[str, Outage] = {
    "killed, and back with nothing": Outage(lambda bed: bed.redis.kill(), lambda bed: bed.redis.start()),
    "without an answer": Outage(lambda bed: bed.redis.pause(), lambda bed: bed.redis.go_on()),
    **{f"that takes nothing: {name}": _refusing(refuse) for name, refuse in REFUSALS.items()},
}


@contextmanager
def _away_behind(bed: Bed, *, step: str, outage: Outage) -> Iterator[Callable[[], bool]]:
    """Have a process go on behind a step while Redis is away."""

    def act(bed: Bed) -> None:
        with _away(bed, outage):
            bed.orders.let_go()
            time.sleep(_AWAY_S)

    with behind(bed, step=step, act=act) as strike:
        yield strike


@contextmanager
def _away_in_a_wait(bed: Bed, *, step: str, outage: Outage) -> Iterator[Callable[[], bool]]:
    """Have a run wait for HubSpot while Redis is away."""
    del step
    # What looks at the portal for a picture speaks another version of the API.
    bed.sandbox.fault("status", path="/crm/objects/*", status=429, policy="daily", retry_after_s=60)
    try:
        with _away_behind(bed, step="committed usecases.runs.stopping._wait", outage=outage) as strike:
            yield strike
    finally:
        bed.sandbox.clear_faults()


@contextmanager
def _away_at_the_press(bed: Bed, *, step: str, outage: Outage) -> Iterator[Callable[[], bool]]:
    """Have a flow begin while Redis is away."""
    del step
    with ExitStack() as away:
        away.enter_context(_away(bed, outage))
        is_back: list[bool] = []

        def strike() -> bool:
            if not is_back:
                time.sleep(_AWAY_S)
                away.close()
                is_back.append(True)
            return True

        # Some flows wait in the middle of what begins them.
        bed.ahead_of_rest = strike
        try:
            yield strike
        finally:
            bed.ahead_of_rest = lambda: None


@contextmanager
def _away(bed: Bed, outage: Outage) -> Iterator[None]:
    outage.begin(bed)
    try:
        yield
    finally:
        outage.end(bed)
