"""`make test-fast` runs the tests of what has changed."""

from __future__ import annotations

import pytest

from tests.support.suite.changed import ALWAYS, areas_for


@pytest.mark.parametrize(
    ("changed", "run"),
    [
        ("webapp/store/pull/apply.py", ["tests/pull"]),
        ("webapp/domain/undo/local.py", ["tests/undo"]),
        ("templates/held/_pager.html", ["tests/held"]),
        ("tests/push/test_bulk.py", ["tests/push/test_bulk.py"]),
        ("tests/push/conftest.py", ["tests/push"]),
        ("tests/domain/test_rules.py", []),
        ("tests/support/samples/rows.py", []),
        ("webapp/app.py", []),
        ("webapp/models/links/links.py", []),
        ("webapp/text/rules.py", ["tests/rules"]),
        ("webapp/store/pull/gone.py", ["tests/pull"]),
        ("tests/push/test_that_was_deleted.py", []),
        ("README.md", []),
    ],
)
def test_a_change_runs_the_tests_of_its_capability(changed: str, run: list[str]) -> None:
    assert areas_for([changed]) == [*ALWAYS, *run]


def test_a_file_is_not_run_beside_its_folder() -> None:
    assert areas_for(["tests/push/test_bulk.py", "webapp/store/push/apply.py"]) == [*ALWAYS, "tests/push"]
