"""The threat model names tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| (?!threat|who|---)(.+) \|$", re.MULTILINE)
CODE = re.compile(r"`(tests/[\w/]+\.py|test_\w+)`")


def threats() -> list[tuple[str, str]]:
    """Each threat with what its row names as tests."""
    tables = PAGE.read_text("utf-8").split("## Getting in")[1]
    return [(cells[0], cells[-1]) for row in ROW.findall(tables) if len(cells := row.split(" | ")) > 2]


def defined_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_threat_names_a_test_that_exists() -> None:
    found = threats()
    assert len(found) > 40
    wrong = []
    for threat, cell in found:
        path, names = "", 0
        for code in CODE.findall(cell):
            if code.startswith("tests/"):
                path = code
            elif path and code in defined_in(path):
                names += 1
            else:
                wrong.append((threat, code))
        if not names:
            wrong.append((threat, "no test"))
    assert wrong == []
