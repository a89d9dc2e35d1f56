"""A file being imported: its rows in batches, and the plan of each with the present records."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.recognition import Known
from webapp.domain.records.files.row_plan import Planner, RowPlan
from webapp.domain.records.files.rows import Row
from webapp.errors import Problem
from webapp.services import Services
from webapp.store.records import custom_fields
from webapp.store.records.files import file_imports, matches
from webapp.usecases.records.files.reading import FileLook, rows_of

CHARACTERS_AT_ONCE = 4_000_000
"""The text of one batch: longer rows make smaller batches, so that memory is bounded."""

Doubles = dict[int, dict[str, Problem]]


class OpenFile(Struct, frozen=True):
    """The file at work.

    Attributes:
        newest: the largest number of a record when the import began.
        again: whether rows are stored even if they were stored from this file before.
    """

    object_type: ObjectType
    path: Path
    look: FileLook
    planner: Planner
    newest: int
    again: bool

    def batches(self, most: int, *, after: int = 1) -> Iterator[list[Row]]:
        """Its next rows after a given one, in a batch of limited size."""
        return _batches(rows_of(self.path, self.look, self.object_type, after=after), most)

    def known(self, session: Session, rows: list[Row]) -> Known:
        """The records here that rows may mean."""
        found = matches.known(session, self.object_type, rows, self.newest)
        if not self.again:
            found.stored_rows = file_imports.stored_rows(session, self.object_type, self.look.digest)
        return found

    def plans(self, services: Services, rows: list[Row], doubles: Doubles) -> tuple[list[RowPlan], Known]:
        """The plans of some rows, and the facts that they rest on."""
        with services.database.reading() as session:
            known = self.known(session, rows)
        return [self.planner.plan(row, known, doubles) for row in rows], known


def opened(
    services: Services,
    object_type: ObjectType,
    path: Path,
    look: FileLook,
    *,
    again: bool,
    newest: int | None = None,
) -> OpenFile:
    """Get a file ready to be planned.

    Args:
        services: What it works with.
        object_type: Companies or contacts.
        path: The file.
        look: How it is read.
        again: Whether every row is stored, even those stored from this file before.
        newest: The largest number of a record when the import began; None where it begins now.
    """
    with services.database.reading() as session:
        planner = Planner(object_type, custom_fields.load(session, object_type), len(look.names))
        if newest is None:
            newest = matches.newest_id(session, object_type)
    return OpenFile(object_type, path, look, planner, newest, again)


def _batches(rows: Iterable[Row], most: int) -> Iterator[list[Row]]:
    batch: list[Row] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += sum(map(len, row.given.values()))
        if len(batch) >= most or characters >= CHARACTERS_AT_ONCE:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
