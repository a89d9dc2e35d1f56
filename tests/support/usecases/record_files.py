"""The commands `records import` and `records export`, in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask


def run_records(app: Flask, *arguments: str) -> Result:
    """Run `flask records` with these arguments."""
    return app.test_cli_runner().invoke(args=["records", *arguments])


def import_text(
    app: Flask, tmp_path: Path, object_type: str, text: str | bytes, *options: str
) -> tuple[int, dict[str, Any]]:
    """Import a file with this content; the exit code and what was printed."""
    path = tmp_path / "file.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = run_records(app, "import", object_type, str(path), "--json", *options)
    return result.exit_code, json.loads(result.stdout)
