"""Whether everything behind the pages works: processes (by their signs of life in Redis), mail and disk."""

import contextlib
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from webapp.services import Services
from webapp.store.notifications import mails
from webapp.usecases.runs.queues import QUEUES

SIGN_LASTS_MS = 30_000
"""How long after its last sign a process counts as one that lives."""
_EVERY_S = 5.0
_SCHEDULE = "twinbook:sign:schedule"
_SCHEDULE_TURN = "twinbook:schedule:turn"
_WORKER = "twinbook:sign:worker:"
_QUEUE = "twinbook:sign:queue:"
# A mail leaves within seconds of its run's end.
_MAIL_IS_LATE = timedelta(seconds=30)
LOW_DISK_BYTES = 500 * 1024**2
"""With less room than this on the disk of the instance folder, it is time to make some."""


@contextmanager
def worker_sign(services: Services, queues: Sequence[str]) -> Iterator[None]:
    """Say, as long as the block lasts, that a worker takes up what comes into these queues."""
    own, stop = f"{_WORKER}{uuid4().hex}", threading.Event()
    keys = [own, *(f"{_QUEUE}{name}" for name in queues)]

    def beat() -> None:
        while not stop.wait(_EVERY_S):
            _sign(services, keys)

    _sign(services, keys)
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        with contextlib.suppress(RedisError):
            services.redis.delete(own)


def sign_schedule(services: Services) -> None:
    """Say that the schedule was acted on, and when, by the clock of Redis, which all machines share."""
    with contextlib.suppress(RedisError):
        services.redis.set(_SCHEDULE_TURN, _redis_time_s(services))
    _sign(services, [_SCHEDULE])


def schedule_age_s(services: Services) -> float | None:
    """How long ago the schedule was acted on for the last time, in seconds; None where it never was.

    Raises:
        RedisError: Redis does not answer.
    """
    turn = services.redis.get(_SCHEDULE_TURN)
    return None if turn is None else max(0.0, _redis_time_s(services) - float(turn))


def count_workers(services: Services) -> int:
    """How many worker processes live.

    Raises:
        RedisError: Redis does not answer.
    """
    return sum(1 for _ in services.redis.scan_iter(match=f"{_WORKER}*", count=1000))


def troubles(services: Services) -> list[str]:
    """The stable names of whatever does not work behind the pages; empty if all is well."""
    found = []
    try:
        schedule, *queues = services.redis.mget([_SCHEDULE, *(f"{_QUEUE}{name}" for name in QUEUES)])
    except RedisError:
        found.append("redis_gone")
    else:
        found += [] if all(queues) else ["no_worker"]
        found += [] if schedule else ["no_schedule"]
    with contextlib.suppress(SQLAlchemyError), services.database.reading() as session:
        if mails.overdue(session, datetime.now(UTC) - _MAIL_IS_LATE) is not None:
            found.append("mail_late")
    with contextlib.suppress(OSError):
        if shutil.disk_usage(services.settings.instance_path).free < LOW_DISK_BYTES:
            found.append("disk_low")
    return found


def _redis_time_s(services: Services) -> float:
    seconds, microseconds = services.redis.time()
    return float(seconds) + float(microseconds) / 1e6


def _sign(services: Services, keys: Sequence[str]) -> None:
    with contextlib.suppress(RedisError), services.redis.pipeline() as pipe:
        for key in keys:
            pipe.set(key, 1, px=SIGN_LASTS_MS)
        pipe.execute()
