"""The number of our writes to a portal, by which a read from before them is found."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, key_text


class WriteGeneration(Base):
    """The number of our writes to a portal so far: a clock that shows whether a read is older."""

    __tablename__ = "write_generations"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    generation: Mapped[int]


class UnlinkedWrite(Base):
    """An object without link that we wrote to, archived or unlinked, and in which generation.

    Needed only while reads from before may still be applied; the rows of yesterday are deleted.
    """

    __tablename__ = "unlinked_writes"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    remote_id: Mapped[str] = mapped_column(key_text(30), primary_key=True)
    generation: Mapped[int]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
