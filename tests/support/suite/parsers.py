"""Which functions of the product read what somebody else has written: found, not listed.

A parser is a function that calls something which refuses a text that does not fit: a number, a date, JSON, an
address, a certain encoding. What only asks a helper that does so is no parser itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# What our own code made is not read but kept: migrations, translations.
_OURS = {"migrations", "translations"}

_REFUSING = frozenset(
    {
        *("loads", "fromisoformat", "strptime", "parsedate_to_datetime", "fromhex", "unhexlify", "UUID"),
        *("urlsplit", "urlparse", "parse_qs", "parse_qsl", "unquote", "unquote_plus", "make_url", "from_url"),
        *("ip_address", "ip_network", "ip_interface", "validate_email", "getaddresses", "parseaddr"),
        *("b64decode", "urlsafe_b64decode", "decode", "convert", "reader", "DictReader", "feed", "ZoneInfo"),
        *("dotenv_values", "literal_eval", "safe_load", "fromstring"),
    }
)
# These also take what is a number already: they read where what is given is text, or may be anything.
_NUMBERS = frozenset({"int", "float", "Decimal", "fromtimestamp"})
_TEXT = re.compile(r"\b(?:str|bytes|Any|object|Mapping|dict|Sequence|list|Iterable|Json)\b")
# A text of ours, and a setting, which was checked at the start.
_CHECKED = re.compile(r"\bsettings\b|\.encode\(|^(?:urlsplit|make_url)\((?:'|\")")

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsers() -> dict[str, list[str]]:
    """By place, as `webapp/domain/webhooks/bodies.py:items_of`: the calls that refuse what does not fit."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "webapp").rglob("*.py")):
        if not _OURS & set(path.parts):
            place = str(path.relative_to(ROOT))
            for name, function in _functions(ast.parse(path.read_text()), ""):
                if calls := list(calls_in(function)):
                    found[f"{place}:{name}"] = calls
    return found


def calls_in(function: _Function) -> Iterator[str]:
    """The calls in a function, but not those in one inside it, that refuse what does not fit."""
    arguments = function.args
    texts = {
        one.arg
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        if one.annotation is not None and _TEXT.search(ast.unparse(one.annotation))
    }
    for node in _own(function):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            written = ast.unparse(node)
            reads = name in _REFUSING or (name in _NUMBERS and bool(_names(node) & texts))
            if reads and not _CHECKED.search(written):
                yield written


def _functions(tree: ast.AST, prefix: str) -> Iterator[tuple[str, _Function]]:
    """Every function with its qualified name, as Python has it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _Function):
            yield prefix + node.name, node
            yield from _functions(node, f"{prefix}{node.name}.<locals>.")
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")
        else:
            yield from _functions(node, prefix)


def _own(function: _Function) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, _Function):
            yield node
            waiting += ast.iter_child_nodes(node)


def _names(call: ast.Call) -> set[str]:
    return {node.id for one in call.args for node in ast.walk(one) if isinstance(node, ast.Name)}
