"""On SQLite a list of values leads to the rows that bear them, not through all of a connection or a run.

Without statistics SQLite takes it that a value of an index's first column leads to ten rows. So it may go by
the connection alone, and look up each of a million rows in the list: with every page that a run works on.
"""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.support.applications.services import bound_jobs, current_services, reading
from tests.support.databases.statements import Sent, sent_statements
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling, pushing
from tests.support.usecases.deleting import deleted_many
from tests.support.usecases.editing import edit
from tests.support.usecases.importing import checked, imported
from tests.support.usecases.previews import previewed
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import DeleteOptions
from webapp.models import Run
from webapp.store.records.records import TABLES
from webapp.usecases.undo import run as undo_run
from webapp.usecases.undo.run import UndoRequest

pytestmark = pytest.mark.sqlite

_SHARED = {"run_id", "object_type", "connection_id", "state", "link_state", "kind"}
"""Columns whose values thousands of rows may share."""
# A mapping has a few dozen fields; what a run has announced and not done yet is a few hundred rows at most.
_SMALL = ("field_mappings", "announced_creates", "announced_updates", "announced_associations")
_SEARCH = re.compile(r"SEARCH (\w+) .*\((.*)\)$")
_SCAN = re.compile(r"SCAN (\w+)(?! VIRTUAL)\b")
_EQUAL = re.compile(r"(\w+)=\?$")


@pytest.fixture
def journey(in_app: object, sandbox: SandboxServer) -> list[Sent]:
    """What is sent while records come, go, and are undone."""
    assert in_app
    connection_id = pushing.connected_with_key(sandbox)
    sandbox.reset(companies=20, contacts=60)
    for number in range(5):
        company = make_company(name=f"Own {number}", domain=f"own{number}.example")
        make_contact(first_name="Ana", last_name=f"Own{number}", company_id=company.id)
    with sent_statements() as sent:
        for kind in ("pull", "push"):
            previewed(connection_id, kind)
            run_id = pulling.begun(connection_id, kind)
            pulling.worked_off(run_id)
            _undo(run_id, is_preview=True)
            _undo(run_id, is_preview=False)
        for kind in ("pull", "pull", "push", "find_duplicates", "reconcile"):
            pulling.one_slice(pulling.begun(connection_id, kind))
        _kept_in_step(connection_id, sandbox)
        imported(checked("contacts", "email,last_name\nnew@file.example,New\n"), skips_bad_rows=True)
        deleted_many(DeleteOptions(object_type="contacts", records=_ids("contacts")[:3]))
        deleted_many(DeleteOptions(object_type="companies", records=_ids("companies")[:2]))
    return sent


def _kept_in_step(connection_id: int, sandbox: SandboxServer) -> None:
    """An edit on either side, and what automatic sync makes of it."""
    for link in pulling.links("contacts")[:3]:
        sandbox.update("contacts", link.remote_id, {"jobtitle": "Head"})
    pulling.looked_again(connection_id)
    for record_id in _ids("contacts")[:3]:
        edit(record_id, city="Ulm")
    bound_jobs().begin_auto_push(connection_id)
    for run in pulling.all_rows(Run, kind="auto_push"):
        pulling.one_slice(run.id)


def _ids(object_type: ObjectType) -> tuple[int, ...]:
    with reading() as session:
        return tuple(session.scalars(select(TABLES[object_type].id)))


def _undo(run_id: int, *, is_preview: bool) -> None:
    request = UndoRequest(run_id=run_id, archives=True)
    undo = undo_run.start(current_services(), request, trigger="command", user_id=None, is_preview=is_preview)
    pulling.worked_off(undo.run_id)


def test_a_list_leads_to_its_own_rows(journey: list[Sent]) -> None:
    with_lists = {one.sql: one for one in journey if "json_each(" in one.sql}
    assert len(with_lists) > 60
    found = {sql: steps for sql, one in with_lists.items() if (steps := _long_ways(one))}
    shown = (f"{'; '.join(steps)}: {' '.join(sql.split())[:600]}" for sql, steps in found.items())
    assert not found, "\n".join(shown)


def _long_ways(sent: Sent) -> list[str]:
    """The steps of a plan that lead through rows which have nothing of the list."""
    with reading() as session:
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sent.sql}", sent.parameters)
        steps = [str(row[-1]) for row in rows]
    return [step for step in steps if _is_long(step)]


def _is_long(step: str) -> bool:
    if (scan := _SCAN.match(step)) is not None:
        return not (scan[1].startswith("anon_") or scan[1] in _SMALL)
    search = _SEARCH.match(step)
    if search is None or search[1] in _SMALL:
        return False
    columns = [_EQUAL.match(term) for term in search[2].split(" AND ")]
    return all(column is not None and column[1] in _SHARED for column in columns)
