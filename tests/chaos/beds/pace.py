"""The pace of the processes of a bed: what they do by the clock in life, they do ten times as often here."""

from __future__ import annotations

import time

from webapp.hubspot.client import HubSpotClient
from webapp.processes import schedule, workers
from webapp.usecases.duplicates import scan
from webapp.usecases.matching import renewal

_TIMES = 10
_RECORDS_AT_ONCE, _KEYS_AT_ONCE = 8, 20
"""A scan of the few records of a cell has several steps as well, and so has a renewal of their keys."""


def quicken() -> None:
    """Shorten, in this process and those forked from it, the waits that no fault of a cell rests on.

    These are the turns of the schedule, the pause before what has ended is started again, and the pauses
    between the tries of a call. What a scan and a renewal of keys do at once is made small.
    """
    schedule.TICK_S /= _TIMES
    schedule.LEASE_MS //= _TIMES
    schedule.TASKS = tuple((every_s / _TIMES, task) for every_s, task in schedule.TASKS)
    scan.RECORDS_AT_ONCE, scan.KEYS_AT_ONCE = _RECORDS_AT_ONCE, _KEYS_AT_ONCE
    renewal.BATCH_SIZE = _RECORDS_AT_ONCE
    workers.RESTART_PAUSE_S /= _TIMES
    workers.POLL_S /= _TIMES
    defaults = HubSpotClient.__init__.__kwdefaults__
    assert defaults is not None
    defaults["sleep"] = lambda seconds: time.sleep(seconds / _TIMES)
