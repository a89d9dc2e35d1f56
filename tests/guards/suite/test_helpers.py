"""What tests share stands in tests/support: nothing is imported from a test module or a conftest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MODULES = sorted((ROOT / "tests").rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    """The modules of tests/ that a file imports, with dots."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.startswith("tests."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tests":
            # `from tests.area import thing` may name a module or what is in one.
            yield from (f"{node.module}.{one.name}" for one in node.names)


def foreign(path: Path) -> list[str]:
    """What a file imports of other areas, of test modules and of conftests."""
    area = ".".join(path.relative_to(ROOT).parent.parts[:2])
    return [
        module
        for module in imported(path)
        if not module.startswith(("tests.support.", f"{area}."))
        or any(part == "conftest" or part.startswith("test_") for part in module.split("."))
    ]


def test_helpers_come_from_support_or_from_the_same_area() -> None:
    assert len(MODULES) > 100
    assert {name(path): found for path in MODULES if (found := foreign(path))} == {}
