"""Files that people upload to import them: received, kept, and cleared away again."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from msgspec import convert, to_builtins

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.encoding import Other
from webapp.domain.records.files.headings import LEFT_OUT, heading_key, recognised
from webapp.domain.records.values import unturned, writable
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.operating.clock import surely_past
from webapp.store.records.files import kept_files
from webapp.store.records.files.kept_files import CsvImport
from webapp.usecases.records.files.reading import FileLook, Layout, layout_of

KEPT_FOR = timedelta(days=7)
"""How long a file is kept after somebody worked on it last."""

_CLEARED_AT_ONCE = 5


def receive(
    services: Services, object_type: ObjectType, stream: IO[bytes], file_name: str, *, user_id: int | None
) -> int:
    """Keep an uploaded file, whose size `web.bodies` has limited; returns the number of its import.

    Raises:
        RefusedError: `unreadable`, `empty_file`, `too_many_columns` or `no_rows`; nothing is kept.
    """
    with NamedTemporaryFile(prefix="twinbook-") as copy:
        shutil.copyfileobj(stream, copy)
        copy.flush()
        layout = layout_of(Path(copy.name), object_type)
        if not layout.rows:
            raise RefusedError("no_rows")
        copy.seek(0)
        with services.database.writing() as session:
            return kept_files.add(
                session,
                object_type,
                # Whoever sends a file names it, and others read that name.
                file_name=unturned(writable(file_name)),
                digest=layout.digest,
                layout=to_builtins(layout),
                content=kept_files.parts_of(copy),
                user_id=user_id,
                now=datetime.now(UTC),
            )


def layout(kept: CsvImport) -> Layout:
    """How a kept file is written."""
    return convert(kept.layout, Layout)


def read_as(services: Services, import_id: int, encoding: Other) -> None:
    """Read a kept file in the encoding that a person has chosen; its columns are to be chosen anew.

    Raises:
        RefusedError: `unreadable` in it, or `file_gone`.
    """
    with services.database.reading() as session:
        kept = kept_files.get(session, import_id)
    if kept is None:
        raise RefusedError("file_gone")
    object_type: ObjectType = "companies" if kept.object_type == "companies" else "contacts"
    with as_file(services, import_id) as path:
        found = layout_of(path, object_type, encoding)
    with services.database.writing() as session:
        kept_files.read_anew(session, import_id, to_builtins(found), datetime.now(UTC))


def look(kept: CsvImport) -> FileLook:
    """How the rows of a kept file are read, once its columns were chosen."""
    found = layout(kept)
    return FileLook(found.digest, found.encoding, found.separator, tuple(kept.columns or ()))


@contextmanager
def as_file(services: Services, import_id: int) -> Iterator[Path]:
    """A kept file on this machine's disk, for as long as it is needed."""
    with NamedTemporaryFile(prefix="twinbook-") as copy:
        with services.database.reading() as session:
            for part in kept_files.content(session, import_id):
                copy.write(part)
        copy.flush()
        yield Path(copy.name)


def suggested(
    services: Services, object_type: ObjectType, headings: Sequence[str], labels: Mapping[str, str]
) -> list[str]:
    """The field of each column, as far as it is recognised.

    Args:
        services: What it works with.
        object_type: Companies or contacts.
        headings: What stands above the columns.
        labels: What a column can be, each with what it is called here.
    """
    with services.database.reading() as session:
        known = kept_files.remembered(session, object_type, map(heading_key, headings))
    return recognised(object_type, headings, labels, known)


def choose(
    services: Services, import_id: int, headings: Sequence[str], columns: Sequence[str], *, again: bool
) -> None:
    """Keep what a person chose for the columns of a file, and remember it for others like it.

    Raises:
        RefusedError: `no_columns`, none of them is read; `columns_twice`, a field is chosen for several.
    """
    chosen = [one for one in columns if one != LEFT_OUT]
    if not chosen:
        raise RefusedError("no_columns")
    if twice := sorted({one for one in chosen if chosen.count(one) > 1}):
        raise RefusedError("columns_twice", names=twice)
    with services.database.writing() as session:
        kept = kept_files.get(session, import_id, is_locked=True)
        if kept is None:
            raise RefusedError("file_gone")
        kept_files.choose(session, import_id, columns, again=again, now=datetime.now(UTC))
        object_type: ObjectType = "companies" if kept.object_type == "companies" else "contacts"
        kept_files.remember(session, object_type, _by_heading(headings, columns))


def _by_heading(headings: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """What was chosen for each heading; of several columns under one, for the first that is read."""
    found: dict[str, str] = {}
    for heading, name in zip(headings, columns, strict=True):
        key = heading_key(heading)
        found[key] = found.get(key, LEFT_OUT) or name
    return found


def discard(services: Services, import_id: int) -> None:
    """Delete a file and what is kept about it; what was imported stays."""
    with services.database.writing() as session:
        kept_files.forget(session, import_id)


def clear_old(services: Services) -> None:
    """Delete files on which nobody works any more."""
    past = surely_past(services.database.engine, datetime.now(UTC))
    with services.database.reading() as session:
        found = kept_files.old(session, past - KEPT_FOR, _CLEARED_AT_ONCE)
    for import_id in found:
        discard(services, import_id)
