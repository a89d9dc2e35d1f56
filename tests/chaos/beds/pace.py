"""The pace of the processes of a bed: what they do by the clock in life, they do ten times as often here."""

from __future__ import annotations

import time

from webapp.hubspot.client import HubSpotClient
from webapp.processes import schedule, workers

_TIMES = 10


def quicken() -> None:
    """Shorten, in this process and those forked from it, the waits that no fault of a cell rests on.

    These are the turns of the schedule, the pause before what has ended is started again, and the pauses
    between the tries of a call.
    """
    schedule.TICK_S /= _TIMES
    schedule.LEASE_MS //= _TIMES
    schedule.TASKS = tuple((every_s / _TIMES, task) for every_s, task in schedule.TASKS)
    workers.RESTART_PAUSE_S /= _TIMES
    workers.POLL_S /= _TIMES
    defaults = HubSpotClient.__init__.__kwdefaults__
    assert defaults is not None
    defaults["sleep"] = lambda seconds: time.sleep(seconds / _TIMES)
