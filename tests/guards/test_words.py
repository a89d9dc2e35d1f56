"""Every stable name that code uses has its words for the screen."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.domain.runs import outcomes

ROOT = Path(__file__).resolve().parents[2]


def test_every_outcome_has_a_text() -> None:
    named = {value for name, value in vars(outcomes).items() if name.isupper() and isinstance(value, str)}
    assert named <= set(outcomes.OUTCOMES)
    assert all(text.strip() for text in outcomes.OUTCOMES.values())


@pytest.mark.parametrize("reason", outcomes.REASONS)
def test_every_reason_has_a_text(reason: str) -> None:
    assert outcomes.REASONS[reason].text.endswith(".")


@pytest.mark.parametrize("error", outcomes.RUN_ERRORS)
def test_every_end_of_a_run_has_a_text_and_a_remedy(error: str) -> None:
    assert outcomes.RUN_ERRORS[error].text.endswith(".")
    assert outcomes.RUN_ERRORS[error].remedy.endswith(".")


def test_every_reason_that_code_gives_is_one_with_a_text() -> None:
    known = set(outcomes.REASONS)
    unknown = {
        f"{path.name}: {value}"
        for path in ROOT.glob("webapp/domain/**/*.py")
        for value in reasons_given(path)
        if value not in known
    }
    assert unknown == set()


def test_every_reason_is_given_by_some_code() -> None:
    rules = [path for path in ROOT.glob("webapp/**/*.py") if path.name != "outcomes.py"]
    texts = {
        node.value
        for path in rules
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(outcomes.REASONS) - texts == set()


def reasons_given(path: Path) -> Iterator[str]:
    """Yields the texts handed over as `reason=`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.keyword) and node.arg == "reason":
            value = getattr(node.value, "value", None)
            if isinstance(value, str) and value:
                yield value
