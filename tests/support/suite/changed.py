"""`python -m tests.support.suite.changed [BRANCH]` prints the paths of the tests to run for a change.

The rules and the guards always; then every area of tests that bears the name of a capability with a change in
it (`webapp/store/pull/`, `webapp/text/rules.py`, `templates/pull/`), and test files that changed themselves.
What lies outside those folders (`webapp/app.py`, `static/`, `sandbox/`) names no area: `make test` covers it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[3]
ALWAYS = ("tests/domain", "tests/guards")


def areas_for(paths: Iterable[str]) -> list[str]:
    """The test folders and files for changed paths, without what a folder among them holds already."""
    chosen = dict.fromkeys((*ALWAYS, *(one for path in paths for one in _named(path))))
    there = [one for one in chosen if (ROOT / one).exists()]
    return [one for one in there if not any(str(parent) in there for parent in PurePosixPath(one).parents)]


def changed_since(branch: str) -> list[str]:
    """The files that differ from where this branch left another one, committed or not."""
    base = _git("merge-base", "HEAD", branch)[0]
    return [*_git("diff", "--name-only", base), *_git("ls-files", "--others", "--exclude-standard")]


def _named(path: str) -> Iterator[str]:
    match PurePosixPath(path).parts:
        case ("tests", _, *_, name) if name.startswith("test_"):
            yield path
        case ("tests", area, *_, name) if area != "support" and name.endswith(".py"):
            yield f"tests/{area}"
        case ("webapp", _, capability, *_) | ("templates", capability, _, *_):
            yield f"tests/{capability.removesuffix('.py')}"


def _git(*command: str) -> list[str]:
    return subprocess.run(
        ["git", *command], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()


if __name__ == "__main__":
    print(*areas_for(changed_since(sys.argv[1] if len(sys.argv) > 1 else "main")))  # noqa: T201 - its answer
