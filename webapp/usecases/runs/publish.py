"""Wakes the pages that watch a run or a record. Only a hint: each reads the rows again."""

import json

import structlog
from redis.exceptions import RedisError

from webapp.services import Services

CHANGES_CHANNEL = "twinbook:changes"

_log = structlog.get_logger()


def run_changed(services: Services, run_id: int) -> None:
    """Say that a run has new entries or another state, and with it perhaps records; after the commit."""
    _publish(services, {"run_id": run_id})


def records_changed(services: Services) -> None:
    """Say that a person has changed records; call it after the commit."""
    _publish(services, {"run_id": None})


def _publish(services: Services, message: dict[str, int | None]) -> None:
    try:
        services.redis.publish(CHANGES_CHANNEL, json.dumps(message))
    except RedisError:
        # The streams look again after a few seconds anyway.
        _log.warning("publish_failed", **message)
