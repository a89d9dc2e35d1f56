"""Wake whoever watches a run. A hint only: everyone reads the row again."""

import json

import structlog
from redis.exceptions import RedisError

from webapp.current import current_redis

RUNS_CHANNEL = "twinbook:runs"

_log = structlog.get_logger()


def run_changed(run_id: int) -> None:
    """Say that a run has new entries or another state; call it after the commit."""
    try:
        current_redis().publish(RUNS_CHANNEL, json.dumps({"run_id": run_id}))
    except RedisError:
        # The streams look again by themselves after a few seconds.
        _log.warning("publish_failed", run_id=run_id)
