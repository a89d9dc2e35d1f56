"""Which part may import which, as pyproject.toml draws it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_import_contracts_are_kept() -> None:
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_no_file_of_the_product_imports_the_sandbox() -> None:
    importing = [
        str(path.relative_to(ROOT))
        for path in [*ROOT.glob("webapp/**/*.py"), ROOT / "worker.py"]
        for line in path.read_text().splitlines()
        if line.strip().startswith(("import sandbox", "from sandbox"))
    ]
    assert importing == []
