"""Secrets are made in one way, so that the search for them in the suite's output knows each."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.support.suite.source_texts import modules_with

# Other ways to something that nobody can guess. A uuid4 may be a number that everybody may know.
_OTHER_WAYS = {"urandom", "getrandom", "generate_key", "randbytes"}
_OURS = {"token_bytes", "token_hex", "token_urlsafe"}


def others_in(tree: ast.AST) -> Iterator[str]:
    """The places at which something is called that makes a secret in another way."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in _OTHER_WAYS or (name in _OURS and not _is_of_secrets(node.func)):
                yield f"{node.lineno}: {name}"


def _is_of_secrets(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) or (
        isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "secrets"
    )


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("os.urandom(32)", 1),
        ("Fernet.generate_key()", 1),
        ("other.token_hex(3)", 1),
        ("secrets.token_hex(32)", 0),
        ("token_hex(32)", 0),
    ],
)
def test_the_guard_knows_other_ways(code: str, count: int) -> None:
    assert len(list(others_in(ast.parse(code)))) == count


def test_every_secret_is_made_in_the_same_way() -> None:
    modules = modules_with(_OTHER_WAYS | _OURS, ["webapp", "sandbox"])
    found = {path: list(others_in(tree)) for path, tree in modules}
    assert len(found) > 5
    assert {path: lines for path, lines in found.items() if lines} == {}
