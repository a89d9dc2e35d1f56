"""Imports of uploaded files in this process, as a person and a worker do them.

Call everything within an application context whose database has a connection.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from tests.support.applications.services import current_services
from tests.support.usecases import pulling
from webapp.domain.records.fields import ObjectType
from webapp.models import CsvImport, CsvImportRow, Run
from webapp.usecases.records.files import import_run, uploading


def uploaded(object_type: ObjectType, text: str | bytes, name: str = "file.csv") -> int:
    """A file that was uploaded; the number of its import."""
    content = text if isinstance(text, bytes) else text.encode()
    return uploading.receive(current_services(), object_type, io.BytesIO(content), name, user_id=None)


def chosen(import_id: int, columns: Sequence[str] | None = None, *, again: bool = False) -> int:
    """The columns chosen as given, else as they are recognised; the number of the import."""
    kept = import_of(import_id)
    object_type: ObjectType = "companies" if kept.object_type == "companies" else "contacts"
    headings = uploading.layout(kept).headings
    names = columns or uploading.suggested(current_services(), object_type, headings, {})
    uploading.choose(current_services(), import_id, headings, names, again=again)
    return import_id


def checked(object_type: ObjectType, text: str | bytes, columns: Sequence[str] | None = None) -> int:
    """A file uploaded and checked; the number of its import."""
    import_id = chosen(uploaded(object_type, text), columns or _header(text))
    check_again(import_id)
    return import_id


def _header(text: str | bytes) -> list[str]:
    first = (text if isinstance(text, str) else text.decode()).splitlines()[0]
    return first.split(",")


def check_again(import_id: int) -> Run:
    """A file checked by a run, worked off as far as it goes."""
    started = import_run.start(current_services(), import_id, user_id=None, is_preview=True)
    return pulling.worked_off(started.run_id)


def imported(import_id: int, *, skips_bad_rows: bool = False) -> Run:
    """A checked file imported by a run, worked off as far as it goes."""
    started = import_run.start(
        current_services(), import_id, user_id=None, is_preview=False, skips_bad_rows=skips_bad_rows
    )
    return pulling.worked_off(started.run_id)


def import_of(import_id: int) -> CsvImport:
    """An import as it is now."""
    [row] = pulling.all_rows(CsvImport, id=import_id)
    return row


def rows_of(import_id: int) -> list[CsvImportRow]:
    """What each row of a file would do."""
    return pulling.all_rows(CsvImportRow, import_id=import_id)
