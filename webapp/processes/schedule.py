"""The schedule: what happens regularly, in exactly one of the processes that run it."""

import threading
import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from webapp.services import Services
from webapp.usecases.connection import account_trouble
from webapp.usecases.held import carry_out
from webapp.usecases.home import overview
from webapp.usecases.mapping import definitions
from webapp.usecases.matching import renewal
from webapp.usecases.notifications import due as notifications_due
from webapp.usecases.notifications import sending as mail_sending
from webapp.usecases.operating import clock_set_back
from webapp.usecases.people import clearing as people_clearing
from webapp.usecases.privacy import person as persons
from webapp.usecases.push import automatic as automatic_push
from webapp.usecases.push.new_objects import creation_checks
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.records import search_texts
from webapp.usecases.records.files import uploading
from webapp.usecases.rules import trials as rule_trials
from webapp.usecases.runs import lifecycle, machinery, retention
from webapp.usecases.webhooks import refresh

_LEASE_KEY = "twinbook:schedule"
LEASE_MS = 8_000
"""How long a process that has gone silent keeps the schedule from the others."""
TICK_S = 2.0
"""The longest pause between two turns."""

_log = structlog.get_logger()

TASKS: tuple[tuple[float, Callable[[Services], None]], ...] = (
    (0.0, lifecycle.sweep),
    (TICK_S, lifecycle.go_on_with_redis),
    (TICK_S, mail_sending.send_due),
    (TICK_S, refresh.begin_forgotten),
    (TICK_S, automatic_push.begin_forgotten),
    (TICK_S, search_texts.bring_up_to_date),
    (TICK_S, renewal.renew_keys),
    (5.0, begin_reconcile.begin_due),
    (5.0, creation_checks.begin_due),
    (5.0, persons.go_on_forgotten),
    (15.0, overview.count_in_sync),
    (30.0, account_trouble.probe_forgotten),
    (30.0, rule_trials.go_on_forgotten),
    (60.0, carry_out.carry_out_forgotten),
    (60.0, clock_set_back.let_go_on),
    (60.0, retention.clear_old),
    (60.0, people_clearing.clear_old),
    (60.0, definitions.renew_due),
    (60.0, uploading.clear_old),
    (60.0, notifications_due.add_due),
)
"""How often, in seconds, and what; 0 is in every turn."""


def run_schedule(services: Services, stop: threading.Event) -> None:
    """Act on the schedule whenever this process holds the lease, until it is stopped."""
    me = uuid4().hex
    due = dict.fromkeys(range(len(TASKS)), 0.0)
    while not stop.is_set():
        holds_lease = _holds_lease(services.redis, me)
        if holds_lease is None:
            # There is nothing to act on; but that runs wait for Redis each of us may say.
            _attempt(lifecycle.sweep, services)
        elif holds_lease:
            for number, (every_s, task) in enumerate(TASKS):
                if time.monotonic() >= due[number]:
                    due[number] = time.monotonic() + every_s
                    _attempt(task, services)
            machinery.sign_schedule(services)
        stop.wait(_pause_s(services))


def _pause_s(services: Services) -> float:
    """Until the next turn: a run that waits for HubSpot's next ten seconds is not kept waiting for ours."""
    try:
        return min(TICK_S, lifecycle.next_wait_ends_in_s(services))
    except (RedisError, SQLAlchemyError, OSError):
        return TICK_S


def _holds_lease(redis: Redis, me: str) -> bool | None:
    """Take the lease, or keep it; who stops renewing it loses it within seconds. None without Redis."""
    try:
        if redis.set(_LEASE_KEY, me, nx=True, px=LEASE_MS):
            return True
        if redis.get(_LEASE_KEY) != me.encode():
            return False
        return bool(redis.set(_LEASE_KEY, me, xx=True, px=LEASE_MS))
    except RedisError:
        return None


def _attempt(task: Callable[[Services], None], services: Services) -> None:
    """A task that fails is tried again in its next turn; the schedule itself never ends."""
    try:
        task(services)
    except (SQLAlchemyError, RedisError, OSError) as error:
        _log.warning("schedule_task_failed", task=task.__qualname__, error=type(error).__name__)
    except Exception:  # noqa: BLE001 - reported with its traceback; the other tasks go on
        _log.exception("schedule_task_failed", task=task.__qualname__)
