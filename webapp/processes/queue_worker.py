"""One worker process: takes jobs from its queues until it is told to stop."""

import gc
import logging
import sys
from collections.abc import Sequence

from flask import Flask
from rq import Queue, SimpleWorker
from rq.timeouts import UnixSignalDeathPenalty

from webapp.current import current_redis
from webapp.extensions import db
from webapp.store.database.engine import cache_for_bulk
from webapp.usecases.runs.queues import BULK, REFRESH

# So often does a busy `refresh` let the queue behind it go first.
_YIELD_EVERY = 5

# A page makes some ten thousand objects that live for moments; the collector's own pace would walk all of
# them again and again.
_NEW_OBJECTS_BETWEEN_COLLECTIONS = 50_000


class QueueWorker(SimpleWorker):
    """Works jobs off in its own process, which keeps its connections; slices are short enough for that.

    Queues come in the order of their urgency, but a steady stream of refreshes must not starve a bulk run.
    """

    death_penalty_class = UnixSignalDeathPenalty
    # Redis may come back any moment; do not sleep for a minute then.
    max_connection_wait_time = 3

    _turn = 0

    def reorder_queues(self, reference_queue: Queue) -> None:
        """After every turn, put the queues in the order for the next."""
        del reference_queue
        self._turn += 1
        yields = self._turn % _YIELD_EVERY == 0
        self._ordered_queues = sorted(self.queues, key=lambda queue: _rank(queue.name, yields=yields))


def _rank(name: str, *, yields: bool) -> int:
    order = ("now", BULK, REFRESH) if yields else ("now", REFRESH, BULK)
    return order.index(name)


def run_worker(queues: Sequence[str], app: Flask) -> None:
    """Work the queues off until SIGTERM; the job in hand is finished first."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s %(message)s")
    with app.app_context():
        cache_for_bulk(db.engine)
        redis = current_redis()
        worker = QueueWorker(
            [Queue(name, connection=redis) for name in queues], connection=redis, log_job_description=False
        )
        worker.push_exc_handler(_forget_session)  # type: ignore[no-untyped-call]
        _collect_less_often()
        worker.work(logging_level="WARNING")


def _collect_less_often() -> None:
    """Spare the collector what stays for good, and a look at every page's short-lived objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS_BETWEEN_COLLECTIONS)


def _forget_session(*_: object) -> bool:
    """Leave no half-done reading behind for the next job."""
    db.session.remove()
    return True
