"""Migrations follow one another in one line, so that `db upgrade` knows where it ends."""

from __future__ import annotations

import re
from pathlib import Path

from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parents[3]
VERSIONS = ROOT / "webapp" / "migrations" / "versions"


def test_the_migrations_end_in_one_head() -> None:
    assert len(ScriptDirectory(str(ROOT / "webapp" / "migrations")).get_heads()) == 1


# Those before have built their indexes in their transaction, and stay as they are.
_FIRST_ONLINE = "0047"
_MADE_HERE = re.compile(r"""op\.create_table\(\s*['"](\w+)['"]""")
_INDEXED = re.compile(r"""op\.create_index\(\s*[^,]+,\s*['"](\w+)['"]""")


def _blocking(source: str) -> set[str]:
    """The tables that writers wait for while a migration builds an index on them."""
    return set(_INDEXED.findall(source)) - set(_MADE_HERE.findall(source))


def test_new_migrations_build_indexes_on_tables_in_use_while_others_write() -> None:
    new = [path for path in VERSIONS.glob("*.py") if path.name[:4] >= _FIRST_ONLINE]
    blocking = {path.name: tables for path in new if (tables := _blocking(path.read_text()))}
    assert blocking == {}, "use webapp.migrations.online.create_index, in a migration that does nothing else"


def test_a_migration_that_builds_an_index_online_does_nothing_else() -> None:
    """It is cut off between transactions, and is repeated from its beginning."""
    mixed = [
        path.name
        for path in VERSIONS.glob("*.py")
        if "online." in (source := path.read_text()) and re.search(r"\bop\.(?!get_)\w+\(", source)
    ]
    assert mixed == []


def test_the_check_tells_a_new_table_from_one_in_use() -> None:
    made = "op.create_table(\n        'a')\nop.create_index('ix_a_b', 'a', ['b'])"
    assert _blocking(made) == set()
    assert _blocking(made + "\nop.create_index('ix_c_b', 'c', ['b'])") == {"c"}


# The release before, 0.1.0, is at work while these run.
_FIRST_BESIDE_ANOTHER = "0018"
# What takes nothing away that the release reads, with the reason.
_TAKES_NOTHING = {
    "0020": "a column may be empty from then on",
    "0034": "a column gets a default; it goes on SQLite alone, which is upgraded while nothing runs",
}
_TAKES_AWAY = re.compile(
    r"\b(?:op|batch_op)\.(?:drop_column|drop_table|rename_table|alter_column)\(|\bdrop (?:column|table)\b",
    re.IGNORECASE,
)


def _upgrade(source: str) -> str:
    return source.partition("def upgrade(")[2].partition("def downgrade(")[0]


def test_nothing_goes_away_that_the_version_before_reads() -> None:
    taking = [
        path.name
        for path in VERSIONS.glob("*.py")
        if path.name[:4] >= _FIRST_BESIDE_ANOTHER
        and path.name[:4] not in _TAKES_NOTHING
        and _TAKES_AWAY.search(_upgrade(path.read_text()))
    ]
    assert taking == [], (
        "leave it for a release: the version before answers with errors until it is restarted"
    )


def test_the_check_sees_what_goes_away() -> None:
    gone = "def upgrade() -> None:\n    op.drop_column('links', 'a')\ndef downgrade() -> None:\n    pass"
    assert _TAKES_AWAY.search(_upgrade(gone))
    assert not _TAKES_AWAY.search(_upgrade(gone.replace("upgrade", "other").replace("downgrade", "upgrade")))
