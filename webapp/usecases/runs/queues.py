"""The three queues. RQ carries ids only: wiping Redis costs time, never work."""

import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from redis.exceptions import RedisError

from webapp.allowed_jobs import address_of, meta_of, named_queue
from webapp.domain.records.normal.whole_numbers import count_in
from webapp.domain.runs.kinds import Queue as QueueName
from webapp.services import Services

NOW: QueueName = "now"
REFRESH: QueueName = "refresh"
BULK: QueueName = "bulk"
LOOK = "refresh"
AUTO_PUSH = "auto_push"
"""The work that `enqueue_automatic` may queue."""
QUEUES = (NOW, REFRESH, BULK)

# A slice works for 2 s; one that takes longer than this hangs, and the sweep has queued another long ago.
_JOB_TIMEOUT_S = 300
_BEAT_LASTS_MS = 5_000
# A lost job is made good by the schedule; until then one that waits is not queued twice.
_REQUEST_LASTS_MS = 2_000
_BUSY_SPAN_S = 2
_KEEP_FAILED_S = int(timedelta(hours=1).total_seconds())

_log = structlog.get_logger()


def enqueue_slice(services: Services, run_id: int, fence: int, queue: QueueName = BULK) -> bool:
    """Queue the slice of a run that holds this fence; False when Redis does not answer."""
    return _enqueue(services, queue, "run_slice", _slice_id(run_id, fence), run_id, fence)


def enqueue_automatic(services: Services, what: str, connection_id: int) -> None:
    """Queue a look at waiting events, or a push of edits; while it is queued, repeating changes nothing."""
    try:
        is_first = services.redis.set(_request_key(what, connection_id), 1, nx=True, px=_REQUEST_LASTS_MS)
    except RedisError:
        _log.warning("enqueue_failed", job_id=f"{what}-{connection_id}")
        return
    if is_first:
        _enqueue(services, REFRESH, f"begin_{what}", f"{what}-{connection_id}", connection_id)


def is_urgent_work_waiting(services: Services) -> bool:
    """Whether work waits that precedes bulk work, or the worker is to end.

    False when Redis does not answer.
    """
    return _is_any_waiting(services, (NOW, REFRESH))


def is_other_work_waiting(services: Services) -> bool:
    """Whether any work waits, such as bulk work of other connections, or the worker is to end."""
    return _is_any_waiting(services, QUEUES)


def _is_any_waiting(services: Services, queues: Sequence[str]) -> bool:
    if services.stop.is_set():
        return True
    try:
        with services.redis.pipeline(transaction=False) as pipe:
            for name in queues:
                pipe.llen(named_queue(services.redis, name).key)
            return any(pipe.execute())
    except RedisError:
        return False


def record_begun(services: Services, what: str, connection_id: int) -> None:
    """Have whatever arrives from now on queued again."""
    with contextlib.suppress(RedisError):
        services.redis.delete(_request_key(what, connection_id))


def record_refreshed(services: Services, connection_id: int, objects: int) -> None:
    """Remember for a few seconds how many objects were looked at: a hint of how busy HubSpot is."""
    key = _busy_keys(connection_id)[0]
    with contextlib.suppress(RedisError), services.redis.pipeline() as pipe:
        pipe.incrby(key, objects)
        pipe.expire(key, 3 * _BUSY_SPAN_S)
        pipe.execute()


def refreshed_lately(services: Services, connection_id: int) -> int:
    """How many objects were looked at in the last two to four seconds."""
    try:
        return sum(count_in(count) for count in services.redis.mget(_busy_keys(connection_id)))
    except RedisError:
        return 0


def _busy_keys(connection_id: int) -> list[str]:
    """The present span of time and the one before."""
    span = int(time.time()) // _BUSY_SPAN_S
    return [f"twinbook:refreshed:{connection_id}:{number}" for number in (span, span - 1)]


def _request_key(what: str, connection_id: int) -> str:
    return f"twinbook:asked:{what}:{connection_id}"


def enqueue_decision(services: Services, remote_object_id: int) -> None:
    """Queue the carrying out of a person's decision about a held object."""
    _enqueue(services, NOW, "carry_out_decision", f"decision-{remote_object_id}", remote_object_id)


def enqueue_mail(services: Services, mail_id: int) -> None:
    """Queue one try to send a mail."""
    _enqueue(services, NOW, "send_mail", f"mail-{mail_id}", mail_id)


def enqueue_probe(services: Services, connection_id: int) -> None:
    """Queue a look whether the trouble of an account has ended."""
    _enqueue(services, REFRESH, "probe_account", f"probe-{connection_id}", connection_id)


def enqueue_rule_trial(services: Services, trial_id: int, after_id: int) -> None:
    """Queue the next part of counting what a rule would change."""
    _enqueue(services, BULK, "count_rule_trial", _trial_id(trial_id, after_id), trial_id)


def is_trial_queued(services: Services, trial_id: int, after_id: int) -> bool:
    """Whether a part waits in its queue; it counts as queued when Redis does not answer."""
    try:
        return _is_in_a_queue(services, _trial_id(trial_id, after_id))
    except RedisError:
        return True


def _trial_id(trial_id: int, after_id: int) -> str:
    return f"trial-{trial_id}-{after_id}"


def pulse(services: Services, run_id: int, fence: int) -> Callable[[], None]:
    """A function that reports a slice as alive; it may be called at any time, from any thread."""
    redis = services.redis

    def beat() -> None:
        try:
            redis.set(f"twinbook:beat:{run_id}", fence, px=_BEAT_LASTS_MS)
        except RedisError:
            _log.warning("beat_failed", run_id=run_id)

    return beat


def is_slice_alive(services: Services, run_id: int, fence: int) -> bool | None:
    """Whether the slice beats or waits in its queue; None when Redis does not answer: then look later.

    What RQ keeps of a job does not say: to a worker that dies as soon as it has taken a job, the job is
    "queued" for ever, and in no queue.
    """
    redis = services.redis
    try:
        if redis.get(f"twinbook:beat:{run_id}") == str(fence).encode():
            return True
        return _is_in_a_queue(services, _slice_id(run_id, fence))
    except RedisError:
        return None


def _is_in_a_queue(services: Services, job_id: str) -> bool:
    redis = services.redis
    keys = [named_queue(redis, name).key for name in QUEUES]
    return any(redis.lpos(key, job_id) is not None for key in keys)


def _slice_id(run_id: int, fence: int) -> str:
    return f"run-{run_id}-{fence}"


def _enqueue(services: Services, queue: QueueName, function: str, job_id: str, *args: int) -> bool:
    try:
        named_queue(services.redis, queue).enqueue(
            address_of(function),
            *args,
            job_id=job_id,
            job_timeout=_JOB_TIMEOUT_S,
            result_ttl=0,
            failure_ttl=_KEEP_FAILED_S,
            meta=meta_of(services.actor.request_id),
        )
    except RedisError:
        _log.warning("enqueue_failed", job_id=job_id)
        return False
    return True
