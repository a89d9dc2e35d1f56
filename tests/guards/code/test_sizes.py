"""Files, functions and folders that can be read at once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("webapp", "sandbox", "bench", "tests")
LONGEST_FILE = 350
LONGEST_TEST_FILE = 500
LONGEST_FUNCTION = 60
MOST_MODULES = 12
FLAT_FOLDERS = re.compile(r"^\| flat folder \|.*?\n\n", re.DOTALL | re.MULTILINE)


def files() -> Iterator[Path]:
    """The modules that people write; a migration stays as it was when it was run."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "versions" not in path.parts:
                yield path


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function, less those that explain it."""
    assert function.end_lineno is not None
    first = function.body[0]
    explained = 0
    if ast.get_docstring(function, clean=False) is not None:
        assert first.end_lineno is not None
        explained = first.end_lineno - first.lineno + 1
    return function.end_lineno - function.lineno + 1 - explained


def long_functions(text: str) -> list[str]:
    if text.count("\n") < LONGEST_FUNCTION:
        return []
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > LONGEST_FUNCTION
    ]


def flat_folders() -> list[str]:
    """The folders that the architecture excuses."""
    table = FLAT_FOLDERS.search((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
    assert table is not None
    rows = table[0].strip().splitlines()
    return re.findall(r"`([^`]+)`", "".join(row.split("|")[1] for row in rows))


def test_no_file_is_too_long() -> None:
    found = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files()}
    assert len(found) > 500
    too_long = {
        path: lines
        for path, lines in found.items()
        if lines > (LONGEST_TEST_FILE if path.startswith("tests/") else LONGEST_FILE)
    }
    assert too_long == {}


def test_no_function_is_too_long() -> None:
    found = {name(path): long_functions(path.read_text(encoding="utf-8")) for path in files()}
    assert {path: functions for path, functions in found.items() if functions} == {}


def test_what_is_too_long_is_found() -> None:
    body = "    pass\n" * LONGEST_FUNCTION
    explained = '    """What it does.\n\n    And more.\n    """\n'
    assert long_functions(f"def short():\n{explained}{body[9:]}") == []
    assert long_functions(f"def long():\n{explained}{body}") == ["long"]


def test_a_folder_of_more_than_a_dozen_modules_is_excused_in_the_architecture() -> None:
    counts: dict[Path, int] = {}
    modules = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    for path in (*modules, *(ROOT / "templates").rglob("*.html"), *(ROOT / "static").rglob("*.[cj]s*")):
        counts[path.parent] = counts.get(path.parent, 0) + (path.name != "__init__.py")
    large = {name(folder) for folder, count in counts.items() if count > MOST_MODULES}
    assert sorted(large) == sorted(flat_folders())
