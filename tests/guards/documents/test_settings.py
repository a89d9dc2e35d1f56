"""The settings and their documentation say the same."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from webapp.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
# What an operator's shell tells every program; not a setting of ours.
SHELL = {"PORT"}


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    documented = re.findall(
        r"^\| `([A-Z0-9_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE
    )
    assert sorted(documented) == sorted(field.name.upper() for field in fields(Settings))


def test_the_environment_is_read_where_settings_are_read_and_nowhere_else() -> None:
    reading = {
        str(path.relative_to(ROOT))
        for path in [*ROOT.glob("webapp/**/*.py"), ROOT / "worker.py"]
        if re.search(r"os\.environ|getenv", path.read_text())
    }
    assert reading <= {"webapp/settings.py", "webapp/launch/serve.py", "webapp/launch/demo.py"}
    launch = (ROOT / "webapp/launch/serve.py").read_text() + (ROOT / "webapp/launch/demo.py").read_text()
    assert set(re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', launch)) <= SHELL
