"""The check of an installation, part by part, measured here, judged by `domain.operating.check`."""

import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError, ResponseError
from sqlalchemy.exc import SQLAlchemyError

from webapp.domain.operating import check
from webapp.domain.operating.check import Disk, Finding, RedisFacts
from webapp.errors import SettingsError, TwinbookError
from webapp.hubspot.reach import reach
from webapp.installation import doubtful_settings
from webapp.services import Services
from webapp.settings import given_names
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.operating import version
from webapp.store.operating.clock import ahead_of_database_s
from webapp.usecases.connection import keys, live_calls
from webapp.usecases.connection.refusals import of_stored
from webapp.usecases.operating.mail_server import probe
from webapp.usecases.runs import machinery

_KEY_FILES = ("secret_key", "encryption_key")

Explain = Callable[[TwinbookError], str]
"""What is read of a refusal; texts stand above the use cases."""


def findings(services: Services, explain: Explain) -> Iterator[Finding]:
    """Every part in turn, so that each can be shown before the next one is waited for."""
    yield from _settings(services)
    is_foreign = _has_foreign_key(services)
    yield from _keys(services, is_foreign=is_foreign)
    row, is_known = None, False
    try:
        yield _database(services)
        # What this key does not read is not to be called broken.
        row, is_known = (None, False) if is_foreign else (_connection(services), True)
    except SQLAlchemyError as error:
        yield Finding("database", "error", "database_unreachable", {"answer": _short(error)})
    yield from _redis(services)
    yield from _clock_and_hubspot(services, row, explain, is_known=is_known)
    yield check.of_mail(probe(services.settings))
    usage = shutil.disk_usage(services.settings.instance_path)
    yield check.of_disk(Disk(usage.free, usage.total), machinery.LOW_DISK_BYTES)
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


def _keys(services: Services, *, is_foreign: bool) -> list[Finding]:
    folder = services.settings.instance_path
    readable = stat.S_IRWXG | stat.S_IRWXO
    found = [folder / name for name in _KEY_FILES if (folder / name).exists()]
    open_to_others = [str(path) for path in found if path.stat().st_mode & readable]
    return check.of_keys(len(services.settings.encryption_key), open_to_others, is_foreign=is_foreign)


def _database(services: Services) -> Finding:
    engine = services.database.engine
    name = "SQLite" if engine.dialect.name == "sqlite" else "PostgreSQL"
    return check.of_database(
        name, version.stored(engine), version.newest(), is_outdated=version.is_outdated(engine)
    )


def _connection(services: Services) -> Connection | None:
    if version.is_outdated(services.database.engine):
        return None
    with services.database.reading() as session:
        return connections.current(session)


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
    except RedisError:
        return [Finding("redis", "error", "redis_gone")]
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
        # Who offers Redis as a service often keeps its configuration to himself.
        return None


def _clock_and_hubspot(
    services: Services, row: Connection | None, explain: Explain, *, is_known: bool
) -> Iterator[Finding]:
    """`is_known`: whether the database has told if a portal is connected."""
    address = services.settings.hubspot_api_url
    try:
        reached = reach(address)
    except TwinbookError as error:
        answer = explain(of_stored(services, error))
        yield from _clock_of_database(services)
        yield Finding("hubspot", "error", "hubspot_unreachable", {"address": address, "answer": answer})
        return
    if reached.ahead_s is not None:
        yield check.of_clock("HubSpot", reached.ahead_s)
    yield from _clock_of_database(services)
    if row is None:
        if is_known:
            yield Finding("hubspot", "warning", "hubspot_reached", {"address": address})
        return
    try:
        found = live_calls.of_connection(services, row)
    except TwinbookError as error:
        params = {"portal": row.portal_id, "answer": explain(of_stored(services, error))}
        yield Finding("hubspot", "error", "hubspot_refused", params)
    else:
        yield check.of_scopes(row.portal_id, found.missing)


def _clock_of_database(services: Services) -> Iterator[Finding]:
    try:
        ahead_s = ahead_of_database_s(services.database.engine, datetime.now(UTC))
    except SQLAlchemyError:
        return
    if ahead_s is not None:
        yield check.of_clock("PostgreSQL", ahead_s)


def _processes(services: Services) -> Iterator[Finding]:
    try:
        workers, troubles = machinery.count_workers(services), machinery.troubles(services)
        if "redis_refuses" in troubles:
            return
        yield check.of_workers(workers, troubles)
        yield check.of_schedule(machinery.schedule_age_s(services))
    except RedisError:
        # That the queue server is away, or stores nothing, has been said.
        return


def _short(error: SQLAlchemyError) -> str:
    """The first line of what the driver says; the rest is the statement and where to read on."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(error).__name__
