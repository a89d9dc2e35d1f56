"""Pulls in this process: the slices of a run worked off as a worker would, against the sandbox portal.

Call everything within an application context whose settings lead to the sandbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import delete, inspect, select, update

from tests.support.applications.services import bound_jobs, current_services, reading, writing
from tests.support.servers.sandbox_server import TOKEN
from webapp.domain.runs.options import RunOptions
from webapp.hubspot.calls.objects import ObjectCalls
from webapp.hubspot.client import HubSpotClient
from webapp.models import (
    ApiUsage,
    Base,
    Company,
    Connection,
    Contact,
    ContactAddress,
    InboxEvent,
    Link,
    LogEntry,
    RemoteObject,
    Run,
    SyncRule,
    UnchangedLinks,
)
from webapp.store.connection import connections
from webapp.store.links import unchanged
from webapp.usecases.connection import connect
from webapp.usecases.held import carry_out, decisions
from webapp.usecases.runs import lifecycle, slices

_MOST_SLICES = 200

T = TypeVar("T", bound=Base)


def connected() -> int:
    """Connect the sandbox's portal by its token; returns the connection's number."""
    return connect.connect_with_token(current_services(), TOKEN, user_id=None).id


def connected_and_pulled() -> int:
    """The same, of an empty portal, as its first pull leaves it: with nothing but the time of that pull."""
    connection_id, now = connected(), datetime.now(UTC)
    with writing() as session:
        connections.record_first_pull(session, connection_id, watermark=now, now=now)
    return connection_id


def begun(
    connection_id: int, kind: str = "pull", *, is_preview: bool = False, options: RunOptions | None = None
) -> int:
    """Ask for a run and work nothing off yet; returns its number."""
    return lifecycle.start(
        current_services(),
        kind,
        connection_id=connection_id,
        trigger="command",
        started_by_id=None,
        is_preview=is_preview,
        options=options,
    ).run_id


def pulled(connection_id: int) -> Run:
    """A whole pull, or as much of one as comes before it waits."""
    return worked_off(begun(connection_id))


def worked_off(run_id: int) -> Run:
    """Work slices off until the run is over or waits; returns the run as it is then."""
    for _ in range(_MOST_SLICES):
        run = run_of(run_id)
        if run.state not in ("queued", "running") or run.not_before:
            return run
        bound_jobs().run_slice(run.id, run.fence)
    raise AssertionError(f"run {run_id} does not come to an end")


def one_slice(run_id: int) -> Run:
    """Work one slice off; with `short_slices` that is one page."""
    run = run_of(run_id)
    bound_jobs().run_slice(run.id, run.fence)
    return run_of(run_id)


def wait_is_over(run_id: int) -> Run:
    """Let the time that a run waits for come, and go on with it: the sweep takes it up."""
    current_services().redis.flushall()
    change(run_id, not_before=datetime.now(UTC))
    lifecycle.sweep(current_services())
    return worked_off(run_id)


def change(run_id: int, **values: Any) -> None:
    """Write columns of a run."""
    with writing() as session:
        session.execute(update(Run).where(Run.id == run_id).values(values))


def short_slices(patch: pytest.MonkeyPatch) -> None:
    """Let every slice end after one page."""
    patch.setattr(slices, "SLICE_S", 0.0)


def short_pages(patch: pytest.MonkeyPatch, size: int) -> None:
    """Ask the portal for pages of this size."""
    defaults = ObjectCalls.list_page.__kwdefaults__
    assert defaults is not None
    patch.setitem(defaults, "limit", size)


def hasty_retries(patch: pytest.MonkeyPatch) -> list[float]:
    """Let the client repeat calls without sleeping; returns the waits asked for, in seconds."""
    waits: list[float] = []
    defaults = HubSpotClient.__init__.__kwdefaults__
    assert defaults is not None
    patch.setitem(defaults, "sleep", waits.append)
    return waits


def decided(remote_object_id: int, verb: decisions.Verb, record_id: int | None = None) -> None:
    """Decide about a held object as a person does, and carry the decision out as the worker does."""
    decisions.resolve(current_services(), remote_object_id, verb, record_id, None)
    carry_out.carry_out(current_services(), remote_object_id)


def looked_again(connection_id: int) -> Run | None:
    """Let the refresh look at what waits in the inbox; None where nothing does."""
    if not all_rows(InboxEvent, connection_id=connection_id):
        return None
    bound_jobs().begin_refresh(connection_id)
    return worked_off(all_rows(Run, connection_id=connection_id, kind="refresh")[-1].id)


def add_rule(connection_id: int, object_type: str, *conditions: dict[str, Any], join: str = "all") -> None:
    """Set the rule for what comes in."""
    condition = {"join": join, "conditions": list(conditions)}
    with writing() as session:
        session.add(
            SyncRule(
                connection_id=connection_id, object_type=object_type, direction="in", condition=condition
            )
        )


def forget_looks(connection_id: int) -> None:
    """Let so much time pass that a look for missed changes is due, yet no comparison of everything."""
    with writing() as session:
        row = session.get_one(Connection, connection_id)
        row.reconciled_at, row.compared_at = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC)


def forget_everything() -> None:
    """Empty the tables of records, links and what was left out."""
    with writing() as session:
        for table in (Link, RemoteObject, ContactAddress, Contact, Company):
            session.execute(delete(table))


def run_of(run_id: int) -> Run:
    """A run as it is now."""
    return _one(Run, id=run_id)


def connection_of(connection_id: int) -> Connection:
    """A connection as it is now."""
    return _one(Connection, id=connection_id)


def usage_of(connection_id: int) -> tuple[int, int]:
    """The calls that all days say were made for a connection, and those that were refused."""
    days = all_rows(ApiUsage, connection_id=connection_id)
    return sum(day.calls for day in days), sum(day.throttled for day in days)


def companies() -> list[Company]:
    """All companies here, by number."""
    return all_rows(Company)


def contacts() -> list[Contact]:
    """All contacts here, by number."""
    return all_rows(Contact)


def company(record_id: int) -> Company:
    """One company here."""
    return _one(Company, id=record_id)


def contact(record_id: int) -> Contact:
    """One contact here."""
    return _one(Contact, id=record_id)


def links(object_type: str | None = None) -> list[Link]:
    """All links, by number, as the latest sync left or found them."""
    found = all_rows(Link, **({"object_type": object_type} if object_type else {}))
    with reading() as session:
        if session.scalar(select(UnchangedLinks.id).limit(1)) is None:
            return found
        return [unchanged.lay_over(session, one) for one in found]


def link_of(remote_id: str, object_type: str = "contacts") -> Link:
    """The link of an object, as the latest sync left or found it."""
    with reading() as session:
        return unchanged.lay_over(session, _one(Link, remote_id=remote_id, object_type=object_type))


def left_out(object_type: str | None = None) -> list[RemoteObject]:
    """The objects that were seen and not linked."""
    return all_rows(RemoteObject, **({"object_type": object_type} if object_type else {}))


def left_out_of(remote_id: str, object_type: str = "contacts") -> RemoteObject:
    """One object that was seen and not linked."""
    return _one(RemoteObject, remote_id=remote_id, object_type=object_type)


def entries(run_id: int) -> list[LogEntry]:
    """The log of a run."""
    with reading() as session:
        return list(session.scalars(select(LogEntry).where(LogEntry.run_id == run_id).order_by(LogEntry.seq)))


def outcomes(run_id: int) -> list[tuple[str | None, str, str | None]]:
    """Object, outcome and reason of every log entry of a run."""
    return [(entry.remote_id, entry.outcome, entry.reason) for entry in entries(run_id)]


def names(records: Sequence[Company] | Sequence[Contact]) -> list[str]:
    """What records are called, in order of the alphabet."""
    return sorted(
        str(record.name if isinstance(record, Company) else record.first_name) for record in records
    )


def all_rows(table: type[T], **values: Any) -> list[T]:
    """The rows of a table that hold these values, by number."""
    with reading() as session:
        in_order = inspect(table).primary_key
        return list(session.scalars(select(table).filter_by(**values).order_by(*in_order)))


def _one(table: type[T], **values: Any) -> T:
    found = all_rows(table, **values)
    assert len(found) == 1, f"{table.__name__} with {values}: {len(found)} rows"
    return found[0]
