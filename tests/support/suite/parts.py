"""What each part of the suite took, said at the end of a run."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

_KEY = "part of the suite"
_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def part_of(item: pytest.Item, kind: str) -> str:
    """In which part a test is counted, by what takes its time.

    Args:
        item: The test.
        kind: The database that it would get.
    """
    for marker in ("browser", "long"):
        if item.get_closest_marker(marker):
            return marker
    has_database = "databases" in getattr(item, "fixturenames", ())
    return _KINDS.get(kind, kind) if has_database else "no database"


def note(item: pytest.Item, part: str) -> None:
    """Let the reports of a test tell its part, also from another process."""
    item.user_properties.append((_KEY, part))


def tell(terminalreporter: Any) -> None:
    """Say how many tests each part has, and for how long they worked or waited."""
    tests: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            # What was deselected stands there as well.
            noted = dict(report.user_properties) if isinstance(report, pytest.TestReport) else {}
            if _KEY in noted:
                part = str(noted[_KEY])
                tests[part] += report.when == "call"
                seconds[part] += report.duration
    if tests:
        terminalreporter.section("what each part took, added up over all processes")
    for part, took in seconds.most_common():
        terminalreporter.write_line(f"{part:12}{tests[part]:>7,} tests {took:>7,.0f} s")
