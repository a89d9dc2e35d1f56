"""Rows of a file that say the same as others of it: looked for on disk, however many rows there are."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
CREATE TABLE seen (token TEXT NOT NULL, row INTEGER NOT NULL);
"""
_COMPARE = """
CREATE TABLE repeated (token TEXT PRIMARY KEY, first INTEGER, last INTEGER) WITHOUT ROWID;
INSERT INTO repeated
  SELECT token, min(row), max(row) FROM seen GROUP BY token HAVING min(row) <> max(row);
CREATE INDEX seen_row ON seen (row);
"""
_OTHERS = """
SELECT seen.row, seen.token, CASE WHEN seen.row = first THEN last ELSE first END
FROM seen JOIN repeated USING (token) WHERE seen.row BETWEEN ? AND ? ORDER BY seen.row, seen.token
"""


class RepeatedRows:
    """Collects what no two rows may share, and says which do."""

    def __init__(self, table: sqlite3.Connection) -> None:
        self._table = table
        table.executescript(_SCHEMA)

    def add(self, tokens: Iterable[tuple[str, int]]) -> None:
        """Take in what rows hold: `(token, number of the row)`."""
        self._table.executemany("INSERT INTO seen VALUES (?, ?)", tokens)

    def compare(self) -> int:
        """Look for repetitions, once every row is in; how many tokens are in more than one row."""
        self._table.commit()
        self._table.executescript(_COMPARE)
        [[count]] = self._table.execute("SELECT count(*) FROM repeated")
        return int(count)

    def between(self, first: int, last: int) -> list[tuple[int, str, int]]:
        """The repetitions among rows `first` to `last`: `(row, token, another row that holds it)`."""
        return self._table.execute(_OTHERS, (first, last)).fetchall()


@contextmanager
def repeated_rows() -> Iterator[RepeatedRows]:
    """A collection in a file of its own, which is gone afterwards."""
    # A database without a name is kept in a temporary file that has none either.
    with closing(sqlite3.connect("")) as table:
        yield RepeatedRows(table)
