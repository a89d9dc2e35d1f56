"""The identity of this installation."""

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base


class Installation(Base):
    """The one row that names this installation.

    Attributes:
        key_prefix: the first twelve hexadecimal digits of every key that it gives to a record.
        key_proof: a fixed text, encrypted as the tokens are: who cannot read it has another ENCRYPTION_KEY.
        erasure_key: the key of the digests of erased people's addresses; None before the first erasure.
    """

    __tablename__ = "installations"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_prefix: Mapped[str] = mapped_column("mark", String(12))
    key_proof: Mapped[bytes | None] = mapped_column(LargeBinary)
    erasure_key: Mapped[str | None] = mapped_column(String(64))
