"""Rows for tests, believable by default; each is committed at once, within an application context."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.support.applications.services import writing
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import company_keys, contact_keys
from webapp.models import Company, Connection, Contact, Link, LogEntry, RemoteObject, Run
from webapp.store.links.linked_flags import mark_linked
from webapp.store.mapping import mappings
from webapp.store.records.searching import texts

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def make_connection(portal_id: str = "4711001", state: str = "connected") -> Connection:
    """A connection with the default mapping and no token that could be used."""
    with writing() as session:
        row = Connection(
            portal_id=portal_id,
            kind="token",
            state=state,
            portal={"ui_domain": "app.hubspot.com"},
            scopes=[],
            connected_at=NOW,
        )
        session.add(row)
        session.flush()
        mappings.add_defaults(session, row.id)
    return row


def make_run(connection_id: int, **values: Any) -> Run:
    """A run: a finished pull unless `values` says otherwise."""
    given: dict[str, Any] = {
        "kind": "pull",
        "trigger": "button",
        "state": "finished",
        "options": {},
        "created_at": NOW,
        "touched_at": NOW,
        "started_at": NOW,
        "checkpoint": {},
        "counts": {},
        "totals": {},
    }
    if values.get("state", "finished") not in ("queued", "running"):
        given["finished_at"] = NOW + timedelta(seconds=12)
    with writing() as session:
        row = Run(connection_id=connection_id, **(given | values))
        session.add(row)
    return row


def change_run(run_id: int, **values: Any) -> None:
    """Write columns of a run."""
    with writing() as session:
        row = session.get_one(Run, run_id)
        for name, value in values.items():
            setattr(row, name, value)


def make_entries(run_id: int, count: int, **values: Any) -> None:
    """The next `count` entries of a run, named "Contact 1", "Contact 2" … by their seq."""
    add_entries(run_id, ({"record_id": None, **values} for _ in range(count)))


def add_entries(run_id: int, entries: Iterable[dict[str, Any]]) -> None:
    """Further entries of a run, each given by what is not as usual; counts and `last_seq` follow."""
    with writing() as session:
        run = session.get_one(Run, run_id)
        counts = {object_type: dict(outcomes) for object_type, outcomes in run.counts.items()}
        for values in entries:
            run.last_seq += 1
            entry = _entry(run_id, run.last_seq, values)
            session.add(entry)
            of_type = counts.setdefault(entry.object_type, {})
            of_type[entry.outcome] = of_type.get(entry.outcome, 0) + 1
        run.counts = counts


def make_company(**values: Any) -> Company:
    """A company with its derived columns."""
    given = {"name": "Nordlicht Verlag GmbH", "domain": "nordlicht-verlag.de", **values}
    with writing() as session:
        given.setdefault("uuid", str(uuid4()))
        row = Company(created_at=NOW, updated_at=NOW, **given, **company_keys(given))
        session.add(row)
        session.flush()
        texts.queue_new(session, "companies", [row.id])
    return row


def make_contact(company_id: int | None = None, **values: Any) -> Contact:
    """A contact with its derived columns."""
    given = {"first_name": "Jonas", "last_name": "Wieland", "email": "jonas@nordlicht-verlag.de", **values}
    with writing() as session:
        given.setdefault("uuid", str(uuid4()))
        row = Contact(
            created_at=NOW,
            updated_at=NOW,
            company_id=company_id,
            **given,
            **contact_keys(given),
        )
        session.add(row)
        session.flush()
        texts.queue_new(session, "contacts", [row.id])
    return row


def make_link(connection_id: int, object_type: ObjectType, record_id: int, remote_id: str) -> Link:
    """A link between a record and an object."""
    with writing() as session:
        row = Link(
            connection_id=connection_id,
            object_type=object_type,
            record_id=record_id,
            remote_id=remote_id,
            state="linked",
            local_seen={},
            remote_seen={},
            linked_at=NOW,
        )
        session.add(row)
        mark_linked(session, object_type, [record_id])
    return row


def make_remote_object(connection_id: int, remote_id: str, **values: Any) -> RemoteObject:
    """An object seen and not linked: a held contact unless `values` says otherwise."""
    [row] = make_remote_objects(connection_id, [remote_id], **values)
    return row


def make_remote_objects(connection_id: int, remote_ids: Iterable[str], **values: Any) -> list[RemoteObject]:
    """As many of them, alike but for their ids."""
    given: dict[str, Any] = {
        "object_type": "contacts",
        "display_name": "Jonas Wieland",
        "properties": {"firstname": "Jonas", "lastname": "Wieland", "email": "j.wieland@example.org"},
        "state": "held",
        "reason": "doubtful_match",
        "read_at": NOW,
    }
    rows = [
        RemoteObject(connection_id=connection_id, remote_id=one, **(given | values)) for one in remote_ids
    ]
    with writing() as session:
        session.add_all(rows)
    return rows


def _entry(run_id: int, seq: int, values: dict[str, Any]) -> LogEntry:
    given: dict[str, Any] = {
        "at": NOW + timedelta(milliseconds=10 * seq),
        "object_type": "contacts",
        "record_id": seq,
        "remote_id": str(50_000_000_000 + seq),
        "name": f"Contact {seq}",
        "outcome": "created",
    }
    return LogEntry(run_id=run_id, seq=seq, **(given | values))
