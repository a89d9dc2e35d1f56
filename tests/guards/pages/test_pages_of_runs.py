"""A page of a bulk run costs the same however much lies behind it: none of the rest is sorted for it.

PostgreSQL plans by statistics, which an empty table has none of. It is asked for a plan that sorts nothing,
and sorts all the same where no index has the order of a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests.support.applications.services import reading
from tests.support.databases.plans import plan_of
from tests.support.databases.statements import sent_statements
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.store.preview import push as preview_push
from webapp.store.push import associations as push_associations
from webapp.store.push import facts as push_facts
from webapp.store.push.scope import Scope
from webapp.store.undo import entries as undo_entries

# As SQLite and PostgreSQL word it.
_SORTS = re.compile(r"TEMP B-TREE FOR ORDER BY|^[ >-]*(?:Incremental )?Sort\b", re.MULTILINE)
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


@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize("page", [_pushed, _associated, _foreseen, _undo])
def test_a_page_sorts_nothing(page: Callable[[Session], None]) -> None:
    with reading() as session, sent_statements() as sent:
        page(session)
    selects = [one for one in sent if one.sql.startswith("SELECT")]
    assert selects
    with reading() as session:
        sorting = [one.sql for one in selects if _SORTS.search(plan_of(session, one, in_order=True))]
    assert not sorting
