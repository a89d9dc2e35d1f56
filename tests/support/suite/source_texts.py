"""Texts that stand in the source code of the product."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def modules_with(
    words: Collection[str], folders: Collection[str] = ("webapp",)
) -> Iterator[tuple[str, ast.Module]]:
    """Every module in whose text one of the words stands, parsed, with its path.

    A name stands in the text of a module that has it, and to parse all of them takes a second.
    """
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            if any(word in text for word in words):
                yield str(path.relative_to(ROOT)), ast.parse(text)


def texts_outside(
    tree: ast.AST, is_left_out: Callable[[ast.AST], bool], pattern: re.Pattern[str]
) -> list[str]:
    """The texts in which a pattern is found, but for those within what is left out."""
    left_out = {id(part) for node in ast.walk(tree) if is_left_out(node) for part in ast.walk(node)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in left_out
        and pattern.search(node.value)
    ]


def called(node: ast.AST) -> str:
    """The name of what a call calls, without what it is taken from; empty where nothing is called."""
    call = node.func if isinstance(node, ast.Call) else None
    return call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
