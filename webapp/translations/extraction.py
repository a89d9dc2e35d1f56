"""Finds the texts of tables for the catalogues of translations, which pybabel cannot see.

`babel.cfg` names it for `webapp/text`. A table is a `Table` of a dictionary, which stands in it or has a
name; what `gettext`, `ngettext` and `mark` are handed is taken as anywhere else.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from babel.messages.extract import extract_python

Message = tuple[Any, ...]
"""Line, function, text and comments of a text, as pybabel asks for them."""


def extract(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Sequence[str], options: dict[str, Any]
) -> Iterator[Message]:
    """Yields every text of a module."""
    tree = ast.parse(file.read())
    for one in table_texts(tree):
        # Told as of `gettext`, so that every text takes the same way into the catalogue.
        yield one.lineno, "gettext", str(one.value), ()
    file.seek(0)
    yield from extract_python(file, keywords, comment_tags, options)  # type: ignore[arg-type]


def table_texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yields every text of the tables of a module."""
    named = {name: value for node in tree.body for name, value in _assigned(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Table":
            yield from _texts(node.args[0], named)


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        yield node.targets[0].id, node.value


def _texts(table: ast.expr, named: Mapping[str, ast.expr]) -> Iterator[ast.Constant]:
    """Yields the texts of one; what it has of another table of the module, by `**`, is among them."""
    if isinstance(table, ast.Name) and table.id in named:
        yield from _texts(named[table.id], named)
    if not isinstance(table, ast.Dict):
        return
    for key, value in zip(table.keys, table.values, strict=True):
        if key is None:
            yield from _texts(value, named)
            continue
        for part in ast.walk(value):
            found = named.get(part.id) if isinstance(part, ast.Name) else part
            if isinstance(found, ast.Constant) and isinstance(found.value, str) and found.value:
                yield found
