"""The health of everything behind the pages: processes (by their signs of life in Redis), mail and disk."""

import contextlib
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from webapp.errors import RefusedError
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
_MAIL_SERVER = "twinbook:sign:mail_server"
# As long as a mail is tried: settings change seldom, and the machines that have them are not always at work.
_MAIL_SERVER_LASTS_MS = 24 * 3600 * 1000
# Written to see whether anything can be.
_TRIED = "twinbook:sign:tried"
_TRIED_LASTS_MS = 1_000
# A mail leaves within seconds of its run's end.
_MAIL_IS_LATE = timedelta(seconds=30)
LOW_DISK_BYTES = 500 * 1024**2
"""With less room than this on a disk that holds something of ours, it is time to make some."""


@contextmanager
def worker_sign(services: Services, queues: Sequence[str]) -> Iterator[None]:
    """Say, as long as the block lasts, that a worker takes up what comes into these queues."""
    own, stop = f"{_WORKER}{uuid4().hex}", threading.Event()
    keys = [own, *(f"{_QUEUE}{name}" for name in queues)]

    def beat() -> None:
        while not stop.wait(_EVERY_S):
            sign()

    def sign() -> None:
        _sign(services, keys)
        sign_mail_server(services)

    sign()
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


def sign_mail_server(services: Services) -> None:
    """Say that mail leaves from this machine, where it does."""
    if services.settings.mail_server:
        _sign(services, [_MAIL_SERVER], _MAIL_SERVER_LASTS_MS)


def mail_leaves_elsewhere(services: Services) -> bool:
    """Whether another machine has a mail server, and this one has none."""
    if services.settings.mail_server:
        return False
    with contextlib.suppress(RedisError):
        return bool(services.redis.exists(_MAIL_SERVER))
    return False


def schedule_age_s(services: Services) -> float | None:
    """How long ago the schedule was acted on for the last time, in seconds; None where nobody has said so.

    Raises:
        RedisError: Redis does not answer.
    """
    turn = services.redis.get(_SCHEDULE_TURN)
    try:
        return None if turn is None else max(0.0, _redis_time_s(services) - float(turn))
    except ValueError:
        return None


def count_workers(services: Services) -> int:
    """How many worker processes live.

    Raises:
        RedisError: Redis does not answer.
    """
    return sum(1 for _ in services.redis.scan_iter(match=f"{_WORKER}*", count=1000))


def refuse_while_running(services: Services) -> None:
    """Let nobody change what workers rely on; those that cannot be counted, as Redis is away, do not work.

    Raises:
        RefusedError: `workers_run`.
    """
    with contextlib.suppress(RedisError):
        if workers := count_workers(services):
            raise RefusedError("workers_run", workers=workers)


def troubles(services: Services) -> list[str]:
    """The stable names of processes and servers that do not work; empty if all do."""
    found = _missing(services.redis)
    with contextlib.suppress(SQLAlchemyError), services.database.reading() as session:
        if mails.overdue(session, datetime.now(UTC) - _MAIL_IS_LATE) is not None:
            found.append("mail_late")
    with contextlib.suppress(OSError):
        if free_and_total(services)[0] < LOW_DISK_BYTES:
            found.append("disk_low")
    return found


def free_and_total(services: Services) -> tuple[int, int]:
    """The room on the disk that has the least, in bytes: that of the instance folder, or of SQLite's file.

    Raises:
        OSError: one of them is away.
    """
    folders = [services.settings.instance_path]
    database = make_url(services.settings.database_url)
    if database.drivername == "sqlite" and database.database:
        folders.append(Path(database.database).resolve().parent)
    found = min(map(shutil.disk_usage, folders), key=attrgetter("free"))
    return found.free, found.total


def try_to_write(redis: Redis) -> None:
    """Write something that is gone in a moment.

    Raises:
        ResponseError: Redis answers, and takes nothing: it is full, a replica, or cannot write to its disk.
        RedisError: Redis does not answer.
    """
    redis.set(_TRIED, 1, px=_TRIED_LASTS_MS)


def _missing(redis: Redis) -> list[str]:
    """Which processes do not sign; where they cannot, the server is to blame."""
    try:
        schedule, *queues = redis.mget([_SCHEDULE, *(f"{_QUEUE}{name}" for name in QUEUES)])
        if schedule and all(queues):
            return []
        try_to_write(redis)
    except ResponseError:
        return ["redis_refuses"]
    except RedisError:
        return ["redis_gone"]
    return [*([] if all(queues) else ["no_worker"]), *([] if schedule else ["no_schedule"])]


def _redis_time_s(services: Services) -> float:
    seconds, microseconds = services.redis.time()
    return float(seconds) + float(microseconds) / 1e6


def _sign(services: Services, keys: Sequence[str], lasts_ms: int = SIGN_LASTS_MS) -> None:
    with contextlib.suppress(RedisError), services.redis.pipeline() as pipe:
        for key in keys:
            pipe.set(key, 1, px=lasts_ms)
        pipe.execute()
