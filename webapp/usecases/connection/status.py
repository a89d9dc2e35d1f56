"""The status of the installation: database, Redis, queues, workers, connection, last runs, call budget."""

from typing import Any, Literal, NamedTuple

from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy.exc import SQLAlchemyError

from webapp.services import Services
from webapp.store.connection import connections, troubles
from webapp.store.connection.connections import Connection
from webapp.store.operating import version
from webapp.store.runs import log
from webapp.store.runs.log import Run
from webapp.usecases.connection import budget as usage
from webapp.usecases.connection.budget import Budget
from webapp.usecases.runs import machinery
from webapp.usecases.runs.queues import QUEUES

_LAST_RUNS = 5


class Queues(NamedTuple):
    """Jobs waiting in each queue, the number of workers, and the age of the schedule's last turn."""

    waiting: dict[str, int]
    workers: int
    schedule_age_s: float | None


class Status(NamedTuple):
    """The state that the status command and the metrics show; `queues` is None when Redis does not answer."""

    connection: Connection | None
    queues: Queues | None
    last_runs: list[Run]
    budget: Budget | None


def gather(services: Services) -> Status:
    """Everything at once.

    Raises:
        SQLAlchemyError: the database does not answer.
    """
    with services.database.reading() as session:
        row = connections.latest(session)
        runs = [found.run for found in log.run_page(session, limit=_LAST_RUNS).rows]
    return Status(row, queues(services), runs, usage.budget(services, row) if row else None)


def queues(services: Services) -> Queues | None:
    """The queues and their workers; None when Redis does not answer."""
    redis = services.redis
    try:
        waiting: dict[str, int] = {name: Queue(name, connection=redis).count for name in QUEUES}
        # RQ counts a killed worker for minutes.
        age_s = machinery.schedule_age_s(services)
        return Queues(waiting, machinery.count_workers(services), None if age_s is None else round(age_s, 1))
    except RedisError:
        return None


DatabaseState = Literal["up", "newer", "too_new", "outdated", "down"]


def database_state(services: Services) -> DatabaseState:
    """Whether the database answers, and is at the version of this program.

    One that a newer program has upgraded is `newer` while it serves this one as well, else `too_new`.
    """
    newer = False
    try:
        if version.is_outdated(services.database.engine):
            return "outdated"
        newer = version.is_newer(services.database.engine)
        with services.database.reading() as session:
            connections.current(session)
    except SQLAlchemyError:
        return "too_new" if newer else "down"
    return "newer" if newer else "up"


def trouble_code(services: Services) -> str | None:
    """Why nothing is synced automatically: the connection's error, else its account's trouble."""
    try:
        with services.database.reading() as session:
            row = connections.current(session)
    except SQLAlchemyError:
        return None
    if row is None:
        return None
    trouble = troubles.lasting(row)
    return row.error or (trouble.code if trouble is not None else None)


def connection_json(
    row: Connection | None, error_text: str | None, trouble_text: str | None = None
) -> dict[str, Any] | None:
    """A connection as commands print it, with the texts of what is wrong with it: never a token."""
    if row is None:
        return None
    trouble = troubles.lasting(row)
    return {
        "portal_id": row.portal_id,
        "kind": row.kind,
        "state": row.state,
        "error": row.error,
        "error_text": error_text,
        "trouble": trouble.code if trouble else None,
        "trouble_text": trouble_text,
        "trouble_since": trouble.since.isoformat() if trouble else None,
        "account_type": row.portal.get("account_type"),
        "scopes": row.scopes,
        "connected_at": row.connected_at.isoformat(),
        "checked_at": row.checked_at.isoformat() if row.checked_at else None,
    }


def budget_json(budget: Budget | None) -> dict[str, Any] | None:
    """The call budget as commands print it."""
    if budget is None:
        return None
    return {
        "calls_today": budget.days[0].calls,
        "throttled_today": budget.days[0].throttled,
        "daily_limit": budget.daily_limit,
        "daily_remaining": budget.daily_remaining,
        "burst_limit": budget.burst_limit,
        "burst_interval_s": budget.burst_interval_s,
    }
