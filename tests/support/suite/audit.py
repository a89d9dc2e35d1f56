"""`python -m tests.support.suite.audit PIP_AUDIT`: the weaknesses that PyPI knows of the locked libraries.

It is 0 only where every library was looked up and none has a known weakness. pip-audit by itself is content
when its service knows none of them, and a mirror of PyPI often answers no such question.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, NamedTuple

_LOCK = "requirements-demo.lock"
_HOW = ("--require-hashes", "--disable-pip", "--format", "json")
CLEAN, WEAK, UNKNOWN = 0, 1, 3


class Verdict(NamedTuple):
    """How the audit ends, and what it says."""

    code: int
    lines: list[str]


def main(pip_audit: str) -> int:
    """Ask for every library of the lock file."""
    audit = subprocess.run(
        [pip_audit, "--requirement", _LOCK, *_HOW],
        capture_output=True,
        text=True,
        check=False,
    )
    found = verdict(audit.stdout, audit.stderr)
    sys.stderr.write("".join(f"{line}\n" for line in found.lines))
    return found.code


def verdict(answered: str, reported: str) -> Verdict:
    """What pip-audit's JSON comes to.

    Args:
        answered: its standard output.
        reported: its standard error, of which the last line is told where there is no JSON.
    """
    try:
        libraries: list[dict[str, Any]] = json.loads(answered)["dependencies"]
    except (ValueError, KeyError):
        why = reported.strip().splitlines()[-1:] or ["it said nothing"]
        return Verdict(UNKNOWN, [f"Nothing is known about weaknesses: PyPI has not answered ({why[0]})."])
    weak = [
        f"{one['name']} {one['version']}: {weakness['id']}, mended in {', '.join(weakness['fix_versions'])}"
        for one in libraries
        for weakness in one.get("vulns", [])
    ]
    unknown = [one["name"] for one in libraries if "skip_reason" in one]
    if unknown:
        weak.append(
            f"Of {len(libraries)} libraries PyPI tells nothing about {len(unknown)}: {_some(unknown)}. "
            "Repeat it where https://pypi.org/pypi/NAME/VERSION/json answers."
        )
    if len(weak) > bool(unknown):
        return Verdict(WEAK, weak)
    if unknown or not libraries:
        return Verdict(UNKNOWN, weak or ["Nothing was looked up: the lock file names no library."])
    return Verdict(CLEAN, [f"{len(libraries)} libraries were looked up; none has a known weakness."])


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and others" if len(names) > 3 else shown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
