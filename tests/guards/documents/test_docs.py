"""The documents name only what there is: paths, modules, functions, and the pages that they link to."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGES = [
    *(ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "sandbox" / "README.md"),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FOLDERS = ("webapp", "templates", "static", "sandbox", "bench", "tests", "docs", ".ci")
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
PACKAGES = "|".join(
    sorted(path.stem for path in (ROOT / "webapp").iterdir() if path.is_dir() or path.suffix == ".py")
)
DOTTED = re.compile(rf"(?:webapp\.)?((?:{PACKAGES})(?:\.\w+)+)(?:\(\))?")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text(page: Path) -> str:
    """A page without its listings, which show commands and results."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def paths(page: Path) -> Iterator[str]:
    """What a page names as a file or folder of the project; upper-case words stand for something."""
    for code in CODE.findall(text(page)):
        for word in code.split():
            is_path = word.split("/")[0] in FOLDERS and "/" in word
            if is_path and not re.search(r"[A-Z<>{*]{2}", word.removesuffix("README.md")):
                yield word


@cache
def defined(module: Path) -> frozenset[str]:
    """What a module defines at its top, imports included; of classes their members as well."""
    found: set[str] = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            own = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
            found |= {node.name, *(f"{node.name}.{member}" for member in own)}
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(found)


def exists(dotted: str) -> bool:
    """Whether below webapp/ there is a package, a module, or something in a module of this name."""
    parts = dotted.split(".")
    folder = ROOT / "webapp"
    for number, part in enumerate(parts):
        if (module := folder / f"{part}.py").is_file():
            inside = ".".join(parts[number + 1 :])
            return not inside or inside in defined(module)
        folder /= part
        if not folder.is_dir():
            return False
    return True


def on_pages(wrong: Callable[[Path], list[str]]) -> dict[str, list[str]]:
    """What is wrong on which page."""
    assert len(PAGES) > 20
    return {name(page): found for page in PAGES if (found := wrong(page))}


def test_what_a_page_marks_as_code_ends_again() -> None:
    def unended(page: Path) -> list[str]:
        return [one for one in re.split(r"\n\s*\n", text(page)) if one.count("`") % 2]

    assert on_pages(unended) == {}


def test_every_path_that_a_page_names_exists() -> None:
    assert on_pages(lambda page: [path for path in paths(page) if not (ROOT / path).exists()]) == {}


def test_every_module_and_function_that_a_page_names_exists() -> None:
    files = {".py", ".md", ".toml", ".lua"}

    def missing(page: Path) -> list[str]:
        named = [match[1] for code in CODE.findall(text(page)) if (match := DOTTED.fullmatch(code))]
        return [one for one in named if Path(one).suffix not in files and not exists(one)]

    assert on_pages(missing) == {}


def test_every_link_of_a_page_leads_to_a_file() -> None:
    def leading_nowhere(page: Path) -> list[str]:
        return [to for to in LINK.findall(text(page)) if not (page.parent / to).exists()]

    assert on_pages(leading_nowhere) == {}


def test_the_architecture_names_every_package() -> None:
    named = text(ROOT / "docs" / "architecture.md")
    packages = [path.parent for path in (ROOT / "webapp").glob("*/__init__.py")]
    assert [name(path) for path in packages if f"`{name(path)}`" not in named] == []


def test_the_check_of_names_tells_what_is_there_from_what_is_not() -> None:
    assert exists("usecases.pull.apply.apply_page")
    assert exists("usecases.runs.lease.Lease.is_over")
    assert exists("domain.reconcile.schedule")
    assert not exists("usecases.pull.apply.apply_pages")
    assert not exists("usecases.pulling.apply")
    assert not exists("usecases.runs.lease.Lease.was_over")


def test_the_behaviour_is_numbered_without_a_gap_and_holds_what_tests_cite() -> None:
    behaviour = text(ROOT / "docs" / "behaviour.md")
    numbers = [int(number) for number in re.findall(r"^- \*\*B(\d+)\*\* ", behaviour, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    cited = {
        int(number)
        for group in re.findall(r"\((B\d+[B\d, -]*)\)", tests)
        for number in re.findall(r"\d+", group)
    }
    assert cited
    assert cited <= set(numbers)


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    linked = set(LINK.findall(text(folder / "README.md")))
    assert {path.name for path in folder.glob("[0-9]*.md")} <= linked
