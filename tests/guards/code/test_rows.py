"""Rows are the read model: pages and use cases read them, and only the store writes them.

The store's functions return rows, so a page can be made from a row; but an attribute set elsewhere would be
written by whatever transaction happens to hold the row.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from webapp import models
from webapp.models import Base

ROOT = Path(__file__).resolve().parents[3]

_ROWS = {row.__name__ for row in vars(models).values() if isinstance(row, type) and issubclass(row, Base)}
_ROWS |= {"Record"}
_A_ROW = re.compile(rf"\b({'|'.join(sorted(_ROWS))})\b")
_WRITES = {"add", "add_all", "delete", "merge", "flush", "commit", "execute", "bulk_save_objects"}
_OTHERS = sorted(
    path
    for path in ROOT.glob("webapp/**/*.py")
    if path.relative_to(ROOT / "webapp").parts[0] not in ("store", "models", "migrations")
)


@cache
def _returning_rows() -> set[str]:
    """The functions of the store that return a row, or several, as `module.function`."""
    found = set()
    for path in ROOT.glob("webapp/store/**/*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(path.read_text()).body:
            if (
                isinstance(node, ast.FunctionDef)
                and node.returns
                and _A_ROW.search(ast.unparse(node.returns))
            ):
                found.add(f"{module}.{node.name}")
    return found | _passed_on(found)


def _passed_on(found: set[str]) -> set[str]:
    """The same functions under the names of the modules of the store that import them."""
    return {
        ".".join((*path.relative_to(ROOT).with_suffix("").parts, name))
        for path in ROOT.glob("webapp/store/**/*.py")
        for name, place in _imported(ast.parse(path.read_text())).items()
        if place in found
    }


def _imported(tree: ast.Module) -> dict[str, str]:
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _is_rows(value: ast.expr, imported: dict[str, str], names: set[str]) -> bool:
    """Whether an expression is a row, or something made of rows."""
    if isinstance(value, ast.Call):
        first, _, rest = ast.unparse(value.func).partition(".")
        called = f"{imported.get(first, first)}.{rest}".rstrip(".")
        return called in _returning_rows()
    return isinstance(value, ast.Name) and value.id in names


def _rows_of(function: ast.FunctionDef, imported: dict[str, str]) -> set[str]:
    """The names in a function that stand for rows, or for lists of them."""
    arguments = [*function.args.args, *function.args.kwonlyargs]
    names = {one.arg for one in arguments if one.annotation and _A_ROW.search(ast.unparse(one.annotation))}
    while True:
        before = len(names)
        for node in ast.walk(function):
            pairs = []
            if isinstance(node, ast.Assign):
                pairs = [(target, node.value) for target in node.targets]
            elif isinstance(node, ast.NamedExpr):
                pairs = [(node.target, node.value)]
            elif isinstance(node, ast.For | ast.comprehension):
                pairs = [(node.target, node.iter)]
            names |= {
                target.id
                for target, value in pairs
                if isinstance(target, ast.Name) and _is_rows(value, imported, names)
            }
        if len(names) == before:
            return names


def _written(text: str) -> Iterator[str]:
    """What a file writes of rows, and what it has sessions write."""
    tree = ast.parse(text)
    imported = _imported(tree)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        rows = _rows_of(function, imported)
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                owner = node.value
                if isinstance(owner, ast.Name) and owner.id in rows:
                    yield ast.unparse(node)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr":
                yield ast.unparse(node)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = ast.unparse(node.func.value).rpartition(".")[2]
                if name in ("session", "page_session()") and node.func.attr in _WRITES:
                    yield ast.unparse(node.func)


def test_only_the_store_writes_rows() -> None:
    assert len(_OTHERS) > 100
    written = {str(path.relative_to(ROOT)): sorted(set(_written(path.read_text()))) for path in _OTHERS}
    assert {path: found for path, found in written.items() if found} == {}


@pytest.mark.parametrize(
    "body",
    [
        "run = runs.get(session, 1)\n    run.state = 'over'",
        "for one in queries.working(session, 1):\n        one.fence += 1",
        "if (found := present.current(session)):\n        found.error = None",
        "kept = runs.get(session, 1)\n    also = kept\n    also.state, rest = 'over', 1",
        "setattr(run, 'state', 'over')",
        "session.add(run)",
        "services.database.session.delete(run)",
        "page_session().flush()",
    ],
)
def test_what_writes_rows_is_found(body: str) -> None:
    imports = "from webapp.store.connection import present\nfrom webapp.store.runs import queries, runs\n"
    assert list(_written(f"{imports}def write(session):\n    {body}\n"))


def test_a_row_that_is_given_is_known_by_its_annotation() -> None:
    assert list(
        _written("def write(run: Run | None, *, of: Connection):\n    run.state = of.error = ''")
    ) == [
        "run.state",
        "of.error",
    ]
    assert not list(_written("def write(step: Step):\n    step.outcome = 'held'"))
