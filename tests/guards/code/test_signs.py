"""Every sign of matching has a line that says when it is given."""

from __future__ import annotations

import re
from pathlib import Path

from webapp.domain.matching.evidence import EVIDENCE

SOURCE = Path(__file__).resolve().parents[3] / "webapp" / "domain" / "matching" / "evidence.py"


def test_every_sign_stands_below_a_line_of_its_own() -> None:
    found = re.findall(r'^    # .+\.\n    "(\w+)": Signal', SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(found) == set(EVIDENCE)
