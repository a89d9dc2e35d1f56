"""Migrations follow one another in one line, so that `db upgrade` knows where it ends."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parents[2]


def test_the_migrations_end_in_one_head() -> None:
    assert len(ScriptDirectory(str(ROOT / "webapp" / "migrations")).get_heads()) == 1
