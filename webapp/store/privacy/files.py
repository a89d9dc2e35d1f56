"""Uploaded files in which a person stands: a file is kept whole, so it goes whole."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.privacy.person import Person
from webapp.domain.privacy.traces import mentions
from webapp.models import CsvImport, CsvImportRow
from webapp.store.records.files import kept_files


def of_person(session: Session, person: Person) -> list[tuple[CsvImport, list[str]]]:
    """The files that name the person, each with the lines that do; kept for a week, they are few."""
    rows = select(CsvImportRow.import_id).where(CsvImportRow.record_id.in_(person.record_ids))
    query = select(CsvImport).where(CsvImport.object_type == "contacts", CsvImport.id.in_(rows))
    found = {one.id: (one, list[str]()) for one in session.scalars(query)}
    for one in session.scalars(select(CsvImport).order_by(CsvImport.id)).all():
        if lines := [line for line in _lines(session, one) if mentions(line, person)]:
            found[one.id] = (one, lines)
    return [found[number] for number in sorted(found)]


def forget(session: Session, person: Person) -> int:
    """Delete these files with all that is known of their rows; returns how many they were."""
    files = of_person(session, person)
    for one, _lines_of_person in files:
        kept_files.forget(session, one.id)
    return len(files)


def _lines(session: Session, one: CsvImport) -> Iterator[str]:
    layout: dict[str, Any] = one.layout
    content = b"".join(kept_files.content(session, one.id))
    yield from content.decode(str(layout.get("encoding", "utf-8")), errors="replace").splitlines()
