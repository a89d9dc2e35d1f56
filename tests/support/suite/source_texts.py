"""Texts that stand in the source code of the product."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable


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
