"""The check of an installation, part by part, measured here, judged by `domain.operating.check`."""

import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError, ResponseError
from sqlalchemy.exc import SQLAlchemyError

from webapp.domain.operating import check
from webapp.domain.operating.check import Disk, Finding, RedisFacts
from webapp.errors import SettingsError, TwinbookError
from webapp.hubspot.reach import Reached, reach
from webapp.installation import doubtful_settings
from webapp.services import Services
from webapp.settings import given_names
from webapp.store.connection import connections
from webapp.store.database.trouble import answer_of, trouble_of
from webapp.store.notifications import mails
from webapp.store.operating import pooler, trial_write, version
from webapp.store.operating.clock import ahead_of_database_s
from webapp.usecases.connection import keys, live_calls
from webapp.usecases.connection.refusals import of_stored
from webapp.usecases.operating.mail_server import probe
from webapp.usecases.runs import machinery

_MOST_MAILS = 1000
_KEY_FILES = ("secret_key", "encryption_key")

Explain = Callable[[TwinbookError], str]
"""What is read of a refusal; texts stand above the use cases."""


def findings(services: Services, explain: Explain) -> Iterator[Finding]:
    """Every part in turn, so that each can be shown before the next one is waited for."""
    yield from _settings(services)
    database, is_foreign = _database(services), _has_foreign_key(services)
    yield from _keys(services, is_foreign=is_foreign, is_proven=database.level != "error")
    yield database
    yield from _pooler(services)
    redis = _redis(services)
    yield from redis
    reached = _reached(services)
    yield from _clock(services, reached)
    # What this key does not read is not to be called broken, nor what is asked by way of something else.
    missing = check.missing_for_hubspot(database, redis, is_foreign=is_foreign)
    yield _hubspot(services, reached, explain, missing)
    yield check.of_mail(probe(services.settings), leaves_elsewhere=machinery.mail_leaves_elsewhere(services))
    yield from _given_up_mails(services)
    yield check.of_disk(Disk(*machinery.free_and_total(services)), machinery.LOW_DISK_BYTES)
    yield from _processes(services)


def _settings(services: Services) -> list[Finding]:
    doubts = doubtful_settings.doubts(services.settings, given_names())
    return check.of_settings([(one.kind, one.name, one.nearest) for one in doubts])


def _has_foreign_key(services: Services) -> bool:
    try:
        keys.refuse_foreign_key(services)
    except SettingsError:
        return True
    return False


def _keys(services: Services, *, is_foreign: bool, is_proven: bool) -> list[Finding]:
    folder = services.settings.instance_path
    readable = stat.S_IRWXG | stat.S_IRWXO
    found = [folder / name for name in _KEY_FILES if (folder / name).exists()]
    open_to_others = [str(path) for path in found if path.stat().st_mode & readable]
    keys_here = len(services.settings.encryption_key)
    return check.of_keys(keys_here, open_to_others, is_foreign=is_foreign, is_proven=is_proven)


def _database(services: Services) -> Finding:
    engine = services.database.engine
    name = "SQLite" if engine.dialect.name == "sqlite" else "PostgreSQL"
    try:
        stored, is_outdated = version.stored(engine), version.is_outdated(engine)
        refused = trial_write.refusal(engine)
    except SQLAlchemyError as error:
        code = "database_full" if trouble_of(error) == "full" else "database_unreachable"
        return Finding("database", "error", code, {"answer": answer_of(error)})
    refusal = answer_of(refused) if refused is not None else ""
    return check.of_database(name, stored, version.newest(), is_outdated=is_outdated, refusal=refusal)


def _pooler(services: Services) -> list[Finding]:
    engine = services.database.engine
    prepares = services.settings.database_prepared_statements
    if engine.dialect.name == "sqlite" or not prepares:
        return []
    with suppress(SQLAlchemyError):
        return check.of_pooler(is_pooled=pooler.is_before(engine), prepares=prepares)
    return []


def _redis(services: Services) -> list[Finding]:
    try:
        info: dict[str, Any] = services.redis.info()
        facts = RedisFacts(
            version=str(info.get("redis_version", "")),
            name=str(info.get("server_name", "redis")),
            keeps_data=_keeps_data(services, info),
            policy=info.get("maxmemory_policy"),
            takes_data=_takes_data(services),
        )
    except RedisError as error:
        return [Finding("redis", "error", "redis_unreachable", {"answer": str(error).rstrip(".")})]
    return check.of_redis(facts)


def _takes_data(services: Services) -> bool:
    try:
        machinery.try_to_write(services.redis)
    except ResponseError:
        return False
    return True


def _keeps_data(services: Services, info: dict[str, Any]) -> bool | None:
    if info.get("aof_enabled"):
        return True
    try:
        return bool(services.redis.config_get("save").get("save"))
    except RedisError:
        # Hosted Redis often does not show its configuration.
        return None


def _reached(services: Services) -> Reached | TwinbookError:
    try:
        return reach(services.settings.hubspot_api_url)
    except TwinbookError as error:
        return error


def _clock(services: Services, reached: Reached | TwinbookError) -> list[Finding]:
    of_hubspot = reached.ahead_s if isinstance(reached, Reached) else None
    of_database = None
    with suppress(SQLAlchemyError):
        of_database = ahead_of_database_s(services.database.engine, datetime.now(UTC))
    return check.of_clocks([("HubSpot", of_hubspot), ("PostgreSQL", of_database)])


def _hubspot(
    services: Services, reached: Reached | TwinbookError, explain: Explain, missing: str | None
) -> Finding:
    """`missing`: the part without which the connected portal cannot be asked."""
    address = services.settings.hubspot_api_url
    if isinstance(reached, TwinbookError):
        answer = explain(of_stored(services, reached))
        return Finding("hubspot", "error", "hubspot_unreachable", {"address": address, "answer": answer})
    if missing is not None:
        return Finding("hubspot", "warning", "hubspot_unseen", {"address": address, "part": missing})
    with services.database.reading() as session:
        row = connections.current(session)
    if row is None:
        return Finding("hubspot", "warning", "hubspot_reached", {"address": address})
    try:
        found = live_calls.of_connection(services, row)
    except TwinbookError as error:
        params = {"portal": row.portal_id, "answer": explain(of_stored(services, error))}
        return Finding("hubspot", "error", "hubspot_refused", params)
    return check.of_scopes(row.portal_id, found.missing)


def _given_up_mails(services: Services) -> list[Finding]:
    with suppress(SQLAlchemyError), services.database.reading() as session:
        return check.of_given_up_mails(mails.count_given_up(session, limit=_MOST_MAILS))
    return []


def _processes(services: Services) -> list[Finding]:
    try:
        workers, troubles = machinery.count_workers(services), machinery.troubles(services)
        age_s = machinery.schedule_age_s(services)
    except RedisError:
        return check.of_unseen_processes()
    if "redis_refuses" in troubles:
        return check.of_unseen_processes()
    return [check.of_workers(workers, troubles), check.of_schedule(age_s)]
