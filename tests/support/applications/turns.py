"""The schedule and the workers in this process, turn by turn, at whatever time a test has travelled to."""

from __future__ import annotations

from tests.support.applications.services import bound_jobs, current_services
from webapp.allowed_jobs import named_queue
from webapp.processes import schedule
from webapp.usecases.runs.queues import QUEUES

# So many turns that queue nothing show that none does: what one of them has done the next one has seen.
_QUIET = 2


def take_turns(times: int = 10) -> None:
    """Let everything on the schedule come up so often, and work off what is queued then.

    Fewer turns are taken where two in a row have queued nothing: at the same time none does after them.
    """
    bound_jobs()
    quiet = 0
    for _ in range(times):
        # A beat lasts for seconds, which do not pass here.
        _forget_beats()
        for _, task in schedule.TASKS:
            task(current_services())
        quiet = 0 if _work_queues_off() else quiet + 1
        if quiet == _QUIET:
            return


def _work_queues_off() -> int:
    """Returns how many jobs there were."""
    worked_off = 0
    for name in QUEUES:
        queue = named_queue(current_services().redis, name)
        for job in queue.get_jobs():
            queue.remove(job)
            job.delete()
            assert job.func is not None
            job.func(*job.args)
            worked_off += 1
    return worked_off


def _forget_beats() -> None:
    redis = current_services().redis
    for key in redis.scan_iter("twinbook:beat:*"):
        redis.delete(key)
