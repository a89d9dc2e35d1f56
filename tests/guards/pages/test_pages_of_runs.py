"""A page of a bulk run costs the same however much lies behind it: SQLite sorts none of the rest for it.

PostgreSQL plans by statistics, which an empty table has none of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.support.applications.services import current_services, reading
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.store.preview import push as preview_push
from webapp.store.push import associations as push_associations
from webapp.store.push import facts as push_facts
from webapp.store.push.scope import Scope
from webapp.store.undo import entries as undo_entries

_SCOPES = (Scope(), Scope("linked"), Scope("outbox"))


def _pushed(session: Session) -> None:
    for kind in OBJECT_TYPES:
        for scope in _SCOPES:
            push_facts.page(session, 1, 1, kind, scope, after_id=0, limit=10)


def _associated(session: Session) -> None:
    for scope in _SCOPES:
        push_associations.page(session, 1, scope, after_id=0, limit=10)


def _foreseen(session: Session) -> None:
    preview_push.pairs(session, 1, 1, Scope(), after_id=0, limit=10)


def _undo(session: Session) -> None:
    undo_entries.page(session, undo_entries.Part(1), before_seq=100, limit=10)


@pytest.mark.sqlite
@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize("page", [_pushed, _associated, _foreseen, _undo])
def test_a_page_sorts_nothing(page: Callable[[Session], None]) -> None:
    statements: list[tuple[str, Any]] = []

    def record_statement(
        _c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any
    ) -> None:
        if statement.startswith("SELECT"):
            statements.append((statement, parameters))

    with reading() as session:
        event.listen(current_services().database.engine, "before_cursor_execute", record_statement)
        try:
            page(session)
        finally:
            event.remove(current_services().database.engine, "before_cursor_execute", record_statement)
        sorted_ = [
            statement
            for statement, parameters in statements
            for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            if "TEMP B-TREE FOR ORDER BY" in str(row[-1])
        ]
    assert statements
    assert not sorted_
