"""The manifest of a backup, and whether the backup may be restored here."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from webapp.errors import Problem, problem

Kind = Literal["sqlite", "postgresql"]

NAMES: dict[str, str] = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class File(Struct, frozen=True):
    """A file of a backup: its size, and the SHA-256 of its content."""

    size_bytes: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """The contents of a backup.

    Attributes:
        program: the version of the program that made it.
        revision: the version of its database.
        database: the kind of database; it can be restored to no other kind.
        made_at: the moment of its snapshot.
        counts: how many rows each table has.
        files: by name.
        key_proof: a text that only the ENCRYPTION_KEY of that database reads; None where it has none.
    """

    program: str
    revision: str
    database: Kind
    made_at: datetime
    counts: dict[str, int]
    files: dict[str, File]
    key_proof: bytes | None = None

    @property
    def records(self) -> int:
        """The number of companies and contacts in it."""
        return self.counts.get("companies", 0) + self.counts.get("contacts", 0)


def obstacle(manifest: Manifest, *, database: Kind, revision: str) -> Problem | None:
    """Why a backup cannot be restored here; None where it can.

    Args:
        manifest: of the backup.
        database: the kind of database that the settings name.
        revision: the version of a database that this program works with.
    """
    if manifest.database != database:
        return problem("backup_of_other_kind", made_of=NAMES[manifest.database], here=NAMES[database])
    if manifest.revision != revision:
        return problem(
            "backup_of_other_version",
            program=manifest.program,
            revision=manifest.revision,
            here=revision,
        )
    return None


def lost(expected: dict[str, int], found: dict[str, int]) -> list[str]:
    """The tables whose number of rows differs from the manifest."""
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
