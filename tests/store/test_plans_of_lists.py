"""On SQLite a list of values leads to the rows that bear them, not through all of a connection or a run.

Without statistics SQLite takes it that a value of an index's first column leads to ten rows. So it may go by
the connection alone, and look up each of a million rows in the list: with every page that a run works on.
"""

from __future__ import annotations

import re

import pytest

from tests.support import pulling, pushing
from tests.support.factories import make_company, make_contact
from tests.support.previews import previewed
from tests.support.sandbox_server import SandboxServer
from tests.support.services import current_services, reading
from tests.support.statements import Sent, sent_statements
from webapp.usecases.undo import run as undo_run
from webapp.usecases.undo.run import UndoRequest

pytestmark = pytest.mark.sqlite

_SHARED = {"run_id", "object_type", "connection_id", "state", "link_state", "kind"}
"""Columns whose values thousands of rows may share."""
# They hold what a run has announced and not done yet, a few hundred rows at most.
_SMALL = ("announced_creates", "announced_updates", "announced_associations")
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
            _undone(run_id, is_preview=True)
            _undone(run_id, is_preview=False)
        for kind in ("pull", "pull", "push", "find_duplicates", "reconcile"):
            pulling.one_slice(pulling.begun(connection_id, kind))
    return sent


def _undone(run_id: int, *, is_preview: bool) -> None:
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
        return not scan[1].startswith("anon_")
    search = _SEARCH.match(step)
    if search is None or search[1] in _SMALL:
        return False
    columns = [_EQUAL.match(term) for term in search[2].split(" AND ")]
    return all(column is not None and column[1] in _SHARED for column in columns)
