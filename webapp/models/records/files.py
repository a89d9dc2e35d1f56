"""CSV files that people have uploaded: their content, their columns, and what each row would do."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class CsvImport(Base):
    """A file that was uploaded, until it is cleared away.

    Attributes:
        digest: of its content.
        layout: `webapp.usecases.records.files.reading.Layout` as data.
        columns: the field of each column; None until a person has chosen.
        again: whether rows are stored even if they were stored from this file before.
        foreseen: the number of rows by outcome, and of rows that look like records here; None until checked.
        check_id, run_id: the runs that checked it last, and imported it since.
        touched_at: when a person worked on it last.
    """

    __tablename__ = "csv_imports"
    __table_args__ = (
        Index("ix_csv_imports_object_type", "object_type", "id"),
        Index(None, "touched_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    layout: Mapped[dict[str, Any]] = mapped_column(json_data())
    columns: Mapped[list[str] | None] = mapped_column(json_data())
    again: Mapped[bool] = mapped_column(default=False)
    foreseen: Mapped[dict[str, int] | None] = mapped_column(json_data())
    check_id: Mapped[int | None]
    run_id: Mapped[int | None]
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CsvImportPart(Base):
    """A part of a file's content. It lies in the database, so that a worker on any machine can read it."""

    __tablename__ = "csv_import_parts"

    import_id: Mapped[int] = mapped_column(ForeignKey("csv_imports.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CsvImportRow(Base):
    """The plan of one row of a file.

    Attributes:
        number: as spreadsheets count; the header is row 1.
        outcome: as `webapp.domain.records.files.row_plan` has it.
        record_id: the record that it is.
        changes: `[[field, old, new], …]`.
        errors, warnings: by column, `webapp.errors.Problem` as data.
        values: of columns with errors or warnings the beginning of what stands there.
        alike: records here and other rows that it looks like: `[{"record_id" or "row", "name", …}, …]`.
        is_alike: whether there are any.
        compared: the values with which a new record is compared with other rows.
    """

    __tablename__ = "csv_import_rows"
    __table_args__ = (
        Index("ix_csv_import_rows_outcome", "import_id", "outcome", "number"),
        Index("ix_csv_import_rows_alike", "import_id", "is_alike", "number"),
        {"sqlite_with_rowid": False},
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("csv_imports.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(300))
    changes: Mapped[list[Any] | None] = mapped_column(json_data())
    errors: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    warnings: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    values: Mapped[dict[str, str] | None] = mapped_column(json_data())
    alike: Mapped[list[Any] | None] = mapped_column(json_data())
    is_alike: Mapped[bool] = mapped_column(default=False)
    compared: Mapped[dict[str, Any] | None] = mapped_column(json_data())


class CsvImportToken(Base):
    """A value that no two rows of a file may share, and a row that has it."""

    __tablename__ = "csv_import_tokens"
    __table_args__ = (
        Index("ix_csv_import_tokens_import_id", "import_id", "number"),
        {"sqlite_with_rowid": False},
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("csv_imports.id"), primary_key=True)
    token: Mapped[str] = mapped_column(key_text(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class CsvColumn(Base):
    """The field that somebody chose last for columns with this heading; empty where it is not read."""

    __tablename__ = "csv_columns"

    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    heading: Mapped[str] = mapped_column(key_text(100), primary_key=True)
    column: Mapped[str] = mapped_column(String(100))


class FileImport(Base):
    """A file that was imported, in whole or until something ended the import.

    Attributes:
        digest: of the file's content.
        stored: the numbers of its rows that were stored, as ranges: `[[first, last], …]`.
    """

    __tablename__ = "file_imports"
    __table_args__ = (UniqueConstraint("object_type", "digest", name="uq_file_imports_object_type"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    stored: Mapped[list[Any]] = mapped_column(json_data())
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
