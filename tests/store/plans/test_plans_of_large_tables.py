"""In a large book PostgreSQL answers whatever a journey through the product asks it by indexes.

The statements are recorded while pages are looked at and runs are at work, and planned once more with the
statistics of the filled tables: none may read a large table from one end to the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from bench import book
from tests.support.applications.services import current_services, reading, writing
from tests.support.databases.statements import Sent, sent_statements
from tests.support.pages.pages import PAGES
from tests.support.samples.factories import make_run
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models.people.users import User

pytestmark = [pytest.mark.postgresql, pytest.mark.long]

_CONTACTS = 40_000
_LARGE = 5_000
"""Tables with fewer rows may be read whole: that is what an index is not worth."""
# They say how many records something concerns, all of them if need be; so do runs when they begin.
_COUNTING_PAGES = ("/changes?", "/deletion", "/bulk", "/integrations/hubspot/rules", "/setup/pull")
_ENTRIES = """
    INSERT INTO log_entries
           (run_id, seq, at, object_type, record_id, remote_id, name, outcome, is_association)
    SELECT :run, n, now(), 'contacts', n, CAST(10000000 + n AS varchar), 'Contact ' || n,
           CASE WHEN n % 50 = 0 THEN 'held' WHEN n % 3 = 0 THEN 'updated' ELSE 'created' END, false
    FROM generate_series(:first, :last) n
"""
_LEFT_OUT = """
    INSERT INTO remote_objects
           (connection_id, object_type, remote_id, display_name, email_key, properties,
            state, reason, read_at)
    SELECT :connection, 'contacts', CAST(90000000 + n AS varchar), 'Object ' || n, 'o' || n || '@n.de',
           jsonb_build_object('job_title', repeat('x', 600)),
           CASE WHEN n % 100 = 0 THEN 'held' ELSE 'excluded' END,
           CASE WHEN n % 100 = 0 THEN 'doubtful_match' ELSE 'rule_excluded' END, now()
    FROM generate_series(1, :count) n
"""
_EDITS = """
    INSERT INTO record_edits (object_type, record_id, at, origin, changes)
    SELECT 'contacts', n, now(), 'person', '[["city", null, "Ulm"]]' FROM generate_series(1, :count) n
"""


@pytest.fixture
def journey(
    in_app: Flask,
    sandbox: SandboxServer,
    administrator: User,
    logged_in: Callable[[User], FlaskClient],
) -> list[Sent]:
    """What was sent to a large book while somebody used it."""
    assert in_app
    connection_id = pulling.connected()
    book.fill(connection_id, _CONTACTS)
    _fill_logs(connection_id, make_run(connection_id).id)
    sandbox.restore_defaults(companies=40, contacts=200)
    client = logged_in(administrator)
    with sent_statements() as sent:
        for address in PAGES:
            if not (address.endswith("/stream") or any(part in address for part in _COUNTING_PAGES)):
                client.get(address)
        begun_at = len(sent)
        for kind in ("pull", "pull", "push", "find_duplicates"):
            pulling.one_slice(pulling.begun(connection_id, kind))
    return sent[:begun_at] + [one for one in sent[begun_at:] if not one.sql.startswith("SELECT count(")]


def _fill_logs(connection_id: int, run_id: int) -> None:
    with writing() as session:
        given = {"run": run_id, "first": 1, "last": _CONTACTS}
        session.execute(text(_ENTRIES), given)
        session.execute(text("UPDATE runs SET last_seq = :last WHERE id = :run"), given)
        session.execute(text(_LEFT_OUT), {"connection": connection_id, "count": _CONTACTS})
        session.execute(text(_EDITS), {"count": _CONTACTS // 4})
    engine = current_services().database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))


def test_no_statement_reads_a_large_table_whole(journey: list[Sent]) -> None:
    large = _large_tables()
    assert {"contacts", "companies", "links", "log_entries", "remote_objects"} <= large
    planned = {one.sql: one for one in journey if _can_be_planned(one.sql)}
    found = {sql: scanned for sql, one in planned.items() if (scanned := _scanned(one) & large)}
    assert len(planned) > 100
    shown = (f"{sorted(scanned)}: {' '.join(sql.split())[:700]}" for sql, scanned in found.items())
    assert not found, "\n".join(shown)


def _large_tables() -> set[str]:
    with reading() as session:
        query = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > :rows")
        return set(session.scalars(query, {"rows": _LARGE}))


def _can_be_planned(sql: str) -> bool:
    return sql.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH", "INSERT", "("))


def _scanned(sent: Sent) -> set[str]:
    """The tables that PostgreSQL would read whole."""
    with current_services().database.engine.connect() as connection:
        if sent.without_scans:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sent.sql}", sent.parameters).scalar_one()
    return set(_scans(json.loads(plan)[0]["Plan"] if isinstance(plan, str) else plan[0]["Plan"]))


def _scans(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for part in node.get("Plans", ()):
        if not (node["Node Type"] == "Limit" and _stops_early(node, part)):
            yield from _scans(part)


def _stops_early(limit: dict[str, Any], scan: dict[str, Any]) -> bool:
    """Whether no more rows than asked for are read: any row will do, or most of them."""
    is_any = scan["Node Type"] == "Seq Scan" and "Filter" not in scan
    return is_any or (scan["Node Type"] == "Seq Scan" and 2 * limit["Total Cost"] < scan["Total Cost"])
