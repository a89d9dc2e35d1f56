"""The jobs that workers accept: JSON with the name of a job of ours and row numbers. Redis is not trusted.

RQ by itself pickles what it queues and imports whatever a job names, so that whoever writes to Redis has
their code run by a worker. Here they can at most ask for work that is ours, about rows that exist.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from redis import Redis
from rq import Queue
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.serializers import JSONSerializer

from webapp.domain.people.actor import is_request_id

MODULE = "webapp.jobs"
NAMES = frozenset(
    {
        "run_slice",
        "begin_refresh",
        "begin_auto_push",
        "probe_account",
        "carry_out_decision",
        "count_rule_trial",
        "send_mail",
    }
)
"""The functions of that module which may be queued."""

_REQUEST = "request_id"

_log = structlog.get_logger()


class OwnJob(Job):
    """A job that runs nothing but the functions named here, with whole numbers.

    What is something else fails, as jobs do that an earlier version has pickled; the schedule queues again
    what the rows say is still to be done.
    """

    def restore(self, raw_data: Mapping[Any, Any]) -> Any:
        """Read what Redis has of a job, without what else it could have done at the job's end."""
        answer = super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []
        self.repeats_left = None
        return answer

    def _deserialize_data(self) -> None:
        super()._deserialize_data()  # type: ignore[no-untyped-call]
        if not _is_ours(self._func_name, self._instance, self._args, self._kwargs):
            _log.warning("job_refused", job_id=self.id)
            raise DeserializationError


def named_queue(redis: Redis, name: str) -> Queue:
    """A queue whose jobs are read in this way."""
    return Queue(name, connection=redis, job_class=OwnJob, serializer=JSONSerializer)


def meta_of(request_id: str) -> dict[str, str]:
    """What a job carries beside its numbers: the id of the request that it works for, if there is one."""
    return {_REQUEST: request_id} if request_id else {}


def request_of(job: Job) -> dict[str, str]:
    """What every line that is logged for a job says as well; nothing that only looks like an id of ours."""
    given = job.meta.get(_REQUEST) if isinstance(job.meta, dict) else None
    return {_REQUEST: given} if isinstance(given, str) and is_request_id(given) else {}


def address_of(name: str) -> str:
    """How a job names its function."""
    return f"{MODULE}.{name}"


def _is_ours(function: Any, instance: Any, args: Any, kwargs: Any) -> bool:
    return (
        function in {address_of(name) for name in NAMES}
        and instance is None
        and not kwargs
        and all(type(arg) is int for arg in args)
    )
