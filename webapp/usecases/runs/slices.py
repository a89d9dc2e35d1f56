"""One slice of a run: two seconds of work under a fence; those that read ahead may have more."""

import threading
import time
from datetime import UTC, datetime

import structlog

from webapp.domain.runs.kinds import is_automatic
from webapp.domain.runs.origin import origin_of
from webapp.errors import FencedOffError, OtherVersionError
from webapp.services import Services
from webapp.store.database.trouble import TROUBLE_ERRORS
from webapp.store.runs import progress, runs
from webapp.usecases.connection import account_trouble
from webapp.usecases.runs import queues, stopping
from webapp.usecases.runs.lease import Lease, LocalWork, Work
from webapp.usecases.runs.lifecycle import enqueue_next_slice

SLICE_S = 2.0
_BEAT_EVERY_S = 1.5

_log = structlog.get_logger()


def run_slice(services: Services, run_id: int, fence: int, work: Work | LocalWork) -> None:
    """Work off one slice; then queue the next, wait, or end the run. An overtaken slice does nothing."""
    try:
        lease = _claim(services, run_id, fence)
    except TROUBLE_ERRORS as trouble:
        stopping.leave_to_the_sweep(run_id, trouble)
        return
    if lease is None:
        return
    try:
        with _Beating(services, run_id, lease.fence):
            is_done = _worked(lease, work)
        if _has_come_to_nothing(lease, is_done=is_done):
            stopping.go_on_later(lease, is_done=is_done)
        elif is_done:
            stopping.end(lease, "finished")
        else:
            enqueue_next_slice(services, run_id, lease.fence)
    except FencedOffError:
        _log.info("slice_fenced_off", run_id=run_id, fence=lease.fence)
    except Exception as error:  # noqa: BLE001 - every way in which a slice can stop must show on its run
        stopping.stop(lease, error)


def _claim(services: Services, run_id: int, fence: int) -> Lease | None:
    """The run's state for the first who comes with its fence; None for everybody else.

    The fence rises with the claim, since a Redis that comes back from its disk may hand out a job again.
    """
    with services.database.writing() as session:
        claimed = runs.next_fence(session, run_id, fence, datetime.now(UTC))
        run = runs.get(session, run_id)
        if run is None or claimed is None:
            return None
        began_at = progress.reached(session, run)
    return Lease(
        services=services,
        run_id=run_id,
        fence=claimed,
        connection_id=run.connection_id,
        checkpoint=run.checkpoint,
        options=runs.options_of(run),
        is_readable=runs.is_readable(run),
        origin=origin_of(is_automatic=is_automatic(run.trigger), subject=run.subject),
        is_preview=run.is_preview,
        is_allowed=run.approval == runs.GIVEN,
        ends_at_s=time.monotonic() + SLICE_S,
        began_at=began_at,
        attempts=run.attempts,
    )


def _worked(lease: Lease, work: Work | LocalWork) -> bool:
    if not lease.is_readable:
        raise OtherVersionError(str(lease.run_id))
    lease.keep_measured()
    try:
        if isinstance(work, LocalWork):
            return work.do(lease)
        client = lease.open_client()
        if lease.origin.waits_when_refused:
            account_trouble.wait_until_usable(lease.services, lease.connection_id, client)
        return work(lease, client)
    finally:
        for client in lease.clients:
            client.close()


def _has_come_to_nothing(lease: Lease, *, is_done: bool) -> bool:
    """Whether a slice has left everything as it was: the run where it stood, or what waits to be done.

    A run that is done has come to nothing only if it began in this slice and its work waits still: it would
    be begun again at once.
    """
    with lease.services.database.reading() as session:
        run = runs.get(session, lease.run_id)
        now_at = progress.reached(session, run) if run is not None else lease.began_at
    if is_done:
        has_begun = not lease.began_at.checkpoint
        return has_begun and lease.origin.waits_when_refused and now_at.has_same_work(lease.began_at)
    return now_at == lease.began_at


class _Beating:
    """Says that the slice is alive, also while a call takes long."""

    def __init__(self, services: Services, run_id: int, fence: int) -> None:
        self._beat_once = queues.pulse(services, run_id, fence)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        self._beat_once()
        while not self._stop.wait(_BEAT_EVERY_S):
            self._beat_once()
