"""`make audit` is content with what was looked up alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.suite.audit import CLEAN, UNKNOWN, WEAK, verdict

pytestmark = pytest.mark.one_database

SOUND = {"name": "flask", "version": "3.1.3", "vulns": []}
ABSENT = {"name": "redis", "skip_reason": "Dependency not found on PyPI"}
BROKEN = {
    "name": "rq",
    "version": "3.0.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.0.1"], "aliases": [], "description": ""}],
}


def answered(*libraries: dict[str, Any]) -> str:
    return json.dumps({"dependencies": libraries, "fixes": []})


def test_all_looked_up_and_sound_is_clean() -> None:
    assert verdict(answered(SOUND), "") == (
        CLEAN,
        ["1 libraries were looked up; none has a known weakness."],
    )


def test_what_the_service_does_not_know_is_not_clean() -> None:
    found = verdict(answered(SOUND, ABSENT), "")
    assert found.code == UNKNOWN
    assert "Of 2 libraries PyPI tells nothing about 1: redis" in found.lines[0]


def test_a_weakness_is_named_whatever_else_is_unknown() -> None:
    found = verdict(answered(ABSENT, BROKEN), "")
    assert found.code == WEAK
    assert found.lines[0] == "rq 3.0.0: PYSEC-1, mended in 3.0.1"


def test_no_answer_and_no_library_are_not_clean() -> None:
    assert verdict("", "ERROR: Max retries exceeded").code == UNKNOWN
    assert "Max retries" in verdict("", "ERROR: Max retries exceeded").lines[0]
    assert verdict(answered(), "").code == UNKNOWN
