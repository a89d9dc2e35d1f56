"""A kind of run is a row of the table, a work function and a label; nothing else knows kinds by heart."""

from __future__ import annotations

import ast
from pathlib import Path

from webapp.domain.runs.kinds import KINDS, Queue
from webapp.jobs import WORK
from webapp.text.runs import runs as texts
from webapp.usecases.runs import queues
from webapp.usecases.runs.lease import LocalWork

ROOT = Path(__file__).resolve().parents[3]
# The table itself, what it is completed by, and the two that a person starts by a button of the pages.
_KNOW_KINDS = {"webapp/domain/runs/kinds.py", "webapp/web/runs/start.py"}


def test_every_kind_has_a_work_function() -> None:
    assert set(WORK) == set(KINDS)


def test_what_works_without_a_connection_is_given_no_client() -> None:
    local = {name for name, work in WORK.items() if isinstance(work, LocalWork)}
    assert local == {name for name, kind in KINDS.items() if kind.is_local} | {"undo"}


def test_every_kind_has_a_label_of_its_own() -> None:
    assert set(texts.KINDS) == set(KINDS)
    assert len(set(texts.KINDS.values())) == len(KINDS)


def test_every_queue_of_the_table_is_one_of_the_three() -> None:
    assert Queue.__args__ == queues.QUEUES  # type: ignore[attr-defined]
    assert {kind.queue for kind in KINDS.values()} <= set(queues.QUEUES)


def _names(node: ast.AST) -> set[str]:
    """The kinds that a list of constants holds."""
    if not isinstance(node, ast.Tuple | ast.List | ast.Set):
        return set()
    texts = {one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return texts & set(KINDS)


def test_no_list_of_kinds_stands_anywhere_else() -> None:
    """A trait that is a list of kinds in some file is forgotten when a kind is added."""
    listing = {
        str(path.relative_to(ROOT))
        for layer in ("domain", "store", "usecases", "web", "commands", "models", "processes")
        for path in (ROOT / "webapp" / layer).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if len(_names(node)) > 1
    }
    assert listing <= _KNOW_KINDS
