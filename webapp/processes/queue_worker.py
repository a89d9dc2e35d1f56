"""One worker process: takes jobs from its queues until a signal stops it."""

import gc
import logging
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from redis import ConnectionPool, Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import UnixSignalDeathPenalty

from webapp import jobs
from webapp.allowed_jobs import OwnJob, named_queue, request_of
from webapp.installation.embedded_redis import Patience
from webapp.services import Services
from webapp.store.database.engine import cache_for_bulk
from webapp.usecases.connection import keys
from webapp.usecases.runs.machinery import try_to_write, worker_sign
from webapp.usecases.runs.queues import BULK, REFRESH

# So often does a busy `refresh` let the queue behind it go first.
_YIELD_EVERY = 5

# Sixteen pages that are written together make some hundred thousand objects that live for moments; the
# collector's own pace would walk all of them again and again.
_NEW_OBJECTS_BETWEEN_COLLECTIONS = 200_000
_COLLECT_EVERY_S = 10.0
_ASK_AGAIN_S = 0.5

WORKER_TTL_S = 60
"""By this RQ measures how long a worker waits for its next job: for less, so that a Redis which has gone
without a word is noticed within a minute."""

_log = structlog.get_logger()


class QueueWorker(SimpleWorker):
    """Works jobs off in its own process, which keeps its connections; slices end soon when they should.

    Queues come in the order of their urgency, but a steady stream of refreshes must not starve a bulk run.
    """

    death_penalty_class = UnixSignalDeathPenalty
    job_class = OwnJob
    # Redis may come back any moment; do not sleep for a minute then.
    max_connection_wait_time = 3

    on_stop: Callable[[], None] | None = None
    """Is called when a signal stops the worker, so that a job that may take long comes to its end."""

    _turn = 0
    _collects_at_s = 0.0

    def perform_job(self, job: Job, queue: Queue, execution: Any) -> bool:
        """Work a job off, then let go of what it left, while next to nothing alive has to be walked.

        The worker counts as busy until then: a signal to stop is noted. To an idle one it is an error, which
        would be lost where the collector calls back.
        """
        with structlog.contextvars.bound_contextvars(**request_of(job)):
            is_done: bool = super().perform_job(job, queue, execution)
        now_s = time.monotonic()
        if now_s >= self._collects_at_s:
            gc.collect()
            self._collects_at_s = now_s + _COLLECT_EVERY_S
        return is_done

    def handle_warm_shutdown_request(self) -> None:
        """Tell the job in hand."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        if self.on_stop is not None:
            self.on_stop()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log by what a job has failed in our own words, before RQ does so in its own; see below."""
        _log.error("job_failed", job_id=job.id, exc_info=exc_info)
        super().handle_exception(job, *exc_info)

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: Any = None,
        exc_string: str = "",
        execution: Any = None,
    ) -> None:
        """Keep in Redis that a job has failed, and not by what: an error may quote a record."""
        # Our own log has it by now.
        del exc_string
        super().handle_job_failure(job, queue, started_job_registry, "", execution)

    def reorder_queues(self, reference_queue: Queue) -> None:
        """After every turn, put the queues in the order for the next."""
        del reference_queue
        self._turn += 1
        yields = self._turn % _YIELD_EVERY == 0
        self._ordered_queues = sorted(self.queues, key=lambda queue: _rank(queue.name, yields=yields))


def _rank(name: str, *, yields: bool) -> int:
    order = ("now", BULK, REFRESH) if yields else ("now", REFRESH, BULK)
    return order.index(name)


def _is_no_failure(record: logging.LogRecord) -> bool:
    """Whether a line of RQ's is about anything but a failed job: that quotes the job and its error."""
    return not hasattr(record, "job_id")


def run_worker(queues: Sequence[str], services: Services) -> None:
    """Work the queues off until SIGTERM; the job in hand comes to its end first.

    Raises:
        SettingsError: ENCRYPTION_KEY is another one than that of the database.
        SystemExit: Redis went away with a job in hand; who starts us again has us wait for it.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s %(message)s")
    jobs.bind(services)
    cache_for_bulk(services.database.engine)
    await_database(services)
    await_redis(services.redis)
    try:
        worker = queue_worker(queues, services.redis)
        worker.on_stop = services.stop.set
        _collect_less_often()
        with worker_sign(services, queues):
            worker.work(logging_level="WARNING")
    except RedisError as error:
        _log.warning("worker_lost_redis", error=type(error).__name__)
        raise SystemExit(1) from None


def queue_worker(queues: Sequence[str], redis: Redis) -> QueueWorker:
    """A worker that takes jobs of ours from these queues, over connections of its own.

    While it waits for a job RQ has its connections wait as long, by changing the pool that it is given: jobs
    that spoke with Redis over the same pool would hang for minutes where Redis does not answer.
    """
    logging.getLogger("rq.worker").addFilter(_is_no_failure)
    shared = redis.connection_pool
    options = {**shared.connection_kwargs, "retry": Patience()}
    own = Redis.from_pool(ConnectionPool(connection_class=shared.connection_class, **options))
    return QueueWorker(
        [named_queue(own, name) for name in queues],
        connection=own,
        serializer=JSONSerializer,
        log_job_description=False,
        worker_ttl=WORKER_TTL_S,
    )


def await_database(services: Services, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until the database has shown that our key is its own: with another one no job may be taken.

    Raises:
        SettingsError: it is another one.
    """
    is_logged = False
    while not keys.refuse_foreign_key(services):
        if not is_logged:
            _log.warning("worker_waits_for_database")
            is_logged = True
        sleep(_ASK_AGAIN_S)


def await_redis(redis: Redis, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until Redis takes something: ending and starting again would fill the log, and take a core."""
    is_logged = False
    while True:
        try:
            try_to_write(redis)
        except RedisError as error:
            if not is_logged:
                _log.warning("worker_waits_for_redis", error=type(error).__name__)
                is_logged = True
            sleep(_ASK_AGAIN_S)
        else:
            return


def _collect_less_often() -> None:
    """Spare the collector what stays for good, and a look at every page's short-lived objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS_BETWEEN_COLLECTIONS)
