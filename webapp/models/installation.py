"""The identity of this installation, and the files that it has imported."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data


class Installation(Base):
    """The one row that names this installation.

    Attributes:
        mark: the first twelve hexadecimal digits of every key that it gives to a record.
        key_proof: a fixed text, encrypted as the tokens are: who cannot read it has another ENCRYPTION_KEY.
        erasure_key: the key of the marks of erased people's addresses; None before the first erasure.
    """

    __tablename__ = "installations"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(12))
    key_proof: Mapped[bytes | None] = mapped_column(LargeBinary)
    erasure_key: Mapped[str | None] = mapped_column(String(64))


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
