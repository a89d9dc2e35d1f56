"""The measured figures of an installation, for monitoring."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from redis import Redis
from redis.exceptions import RedisError

from webapp.services import Services
from webapp.store.home import standing
from webapp.store.home.standing import Standing
from webapp.store.operating import figures as stored
from webapp.store.operating.figures import Figures
from webapp.usecases.connection import status
from webapp.usecases.connection.status import Status
from webapp.usecases.operating import live_pages
from webapp.usecases.operating.durations import HUBSPOT_CALLS, REQUESTS, Histogram
from webapp.usecases.runs import machinery
from webapp.usecases.runs.queues import QUEUES


class OfRedis(NamedTuple):
    """The figures that Redis alone has.

    Attributes:
        queue_ages_s: how long the first job of each queue has waited.
        schedule_age_s: since the schedule was acted on; None where it never was.
        requests, hubspot_calls: durations by status.
        live_pages: how many are open in all web processes.
    """

    queue_ages_s: dict[str, float]
    schedule_age_s: float | None
    requests: dict[str, Histogram]
    hubspot_calls: dict[str, Histogram]
    live_pages: int


class Measured(NamedTuple):
    """Everything that is measured at one moment; `redis` is None while Redis does not answer."""

    at: datetime
    status: Status
    standing: Standing
    figures: Figures
    redis: OfRedis | None


def measure(services: Services) -> Measured:
    """The figures of this moment.

    Raises:
        SQLAlchemyError: the database does not answer.
    """
    with services.database.reading() as session:
        found, now = stored.read(session), standing.read(session)
    return Measured(datetime.now(UTC), status.gather(services), now, found, _of_redis(services))


def _of_redis(services: Services) -> OfRedis | None:
    redis = services.redis
    try:
        REQUESTS.flush(redis)
        return OfRedis(
            queue_ages_s={name: _age_s(redis, name) for name in QUEUES},
            schedule_age_s=machinery.schedule_age_s(services),
            requests=REQUESTS.read(redis),
            hubspot_calls=HUBSPOT_CALLS.read(redis),
            live_pages=live_pages.count(redis),
        )
    except RedisError:
        return None


def _age_s(redis: Redis, queue: str) -> float:
    """How long the first job of a queue has waited; 0 where none does. By RQ's keys: no job is loaded."""
    first: Any = redis.lindex(f"rq:queue:{queue}", 0)
    since: Any = redis.hget(b"rq:job:" + first, "enqueued_at") if first else None
    try:
        queued_at = datetime.fromisoformat((since or b"").decode())
        return max(0.0, (datetime.now(UTC) - queued_at).total_seconds())
    except (ValueError, TypeError):
        # No job waits, or what stands there is none that RQ has queued.
        return 0.0
