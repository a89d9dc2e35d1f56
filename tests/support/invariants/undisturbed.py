"""What a pull has to leave behind, however often it was cut off: the same as one that nothing disturbed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete

from tests.support.applications.services import writing
from tests.support.applications.worker_process import WorkerProcess, wait_until
from tests.support.usecases import pulling
from webapp.domain.records.fields import FIELDS, OBJECT_TYPES, ObjectType
from webapp.models import Company, Contact, LogEntry, Run


def pull(connection_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Pull in this process; what it leaves, and its counts. Everything is as before afterwards."""
    run = pulling.pulled(connection_id)
    assert run.state == "finished", run.error_text
    result = left_behind(run.id)
    pulling.forget_everything()
    with writing() as session:
        session.execute(delete(LogEntry))
        session.execute(delete(Run))
    return result, run.counts


def wait_for_end(run_id: int, worker: WorkerProcess) -> Run:
    """Wait until a run is over; returns it."""
    try:
        wait_until(lambda: pulling.run_of(run_id).state not in ("queued", "running"), f"run {run_id} is over")
    except AssertionError as error:
        run = pulling.run_of(run_id)
        state = f"{run.state}, waits for {run.waiting_for} until {run.not_before}, {run.counts}"
        raise AssertionError(f"{error}: {state}\n{worker.log()}") from None
    return pulling.run_of(run_id)


def cut_wait_short(run_id: int) -> None:
    """Where a run waits for its next try, which is a minute away, let that time come now."""
    wait_until(
        lambda: (run := pulling.run_of(run_id)).not_before is not None or run.state != "running",
        "the run waits or is over",
    )
    if pulling.run_of(run_id).state == "running":
        pulling.change(run_id, not_before=datetime.now(UTC))


def done_of(run_id: int, object_type: str) -> int:
    """How many objects of a type a run has handled."""
    return sum(pulling.run_of(run_id).counts.get(object_type, {}).values())


def assert_whole(run: Run, expected: dict[str, Any], counts: dict[str, Any]) -> None:
    """A finished run left just this, counted each object once, and numbered its entries without a gap."""
    assert (run.state, run.error_text) == ("finished", None)
    assert run.counts == counts
    entries = pulling.entries(run.id)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert run.last_seq == len(entries)
    assert left_behind(run.id) == expected


def left_behind(run_id: int) -> dict[str, Any]:
    """Links, records, what was left out, and the log, without our own numbers: those of two pulls differ."""
    remote_of = {(link.object_type, link.record_id): link.remote_id for link in pulling.links()}
    assert len(remote_of) == len({(link.object_type, link.remote_id) for link in pulling.links()})
    records: dict[ObjectType, Sequence[Company | Contact]] = {
        "companies": pulling.companies(),
        "contacts": pulling.contacts(),
    }
    return {
        "records": {
            kind: sorted(_described(kind, record, remote_of) for record in records[kind])
            for kind in OBJECT_TYPES
        },
        "left out": sorted(
            (one.object_type, one.remote_id, one.state, one.reason) for one in pulling.left_out()
        ),
        "log": Counter(
            (one.object_type, one.remote_id, one.outcome, one.reason) for one in pulling.entries(run_id)
        ),
    }


def _described(kind: Any, record: Any, remote_of: dict[tuple[str, int], str]) -> tuple[str, ...]:
    """The object that a record is linked to, and its values; its company by the object it is linked to."""
    values = {field.name: getattr(record, field.name) for field in FIELDS[kind]}
    if values.get("company_id") is not None:
        values["company_id"] = remote_of.get(("companies", values["company_id"]))
    return (remote_of.get((kind, record.id), ""), *(f"{name}={value}" for name, value in values.items()))
