"""A plugin of pytest: which functions of the product the property tests go through, and nothing else.

With `-p tests.support.suite.reached` only tests with Hypothesis are run, each with few examples; the
functions are written to the file that REACHED_FILE names, one a line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[3]
FILE = "REACHED_FILE"
_PRODUCT = f"{ROOT}/webapp/"
_reached: set[CodeType] = set()


def pytest_configure() -> None:
    """Few examples go through the same functions as many."""
    now = hypothesis.settings()
    hypothesis.settings.register_profile("few", now, max_examples=25, derandomize=True, deadline=None)
    hypothesis.settings.load_profile("few")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only property tests."""
    items[:] = [item for item in items if hasattr(getattr(item, "obj", None), "hypothesis")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """Note what is called."""
    sys.setprofile(_note)
    try:
        return (yield)
    finally:
        sys.setprofile(None)


def pytest_sessionfinish() -> None:
    """Write down what was noted."""
    lines = {
        f"{code.co_filename.removeprefix(f'{ROOT}/')}:{code.co_qualname}"
        for code in _reached
        if code.co_filename.startswith(_PRODUCT)
    }
    Path(os.environ[FILE]).write_text("\n".join(sorted(lines)))


def _note(frame: FrameType, event: str, _: Any) -> None:
    if event == "call":
        _reached.add(frame.f_code)
