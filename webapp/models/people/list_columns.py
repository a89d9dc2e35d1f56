"""People's choices of columns for their lists."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, json_data


class ListColumns(Base):
    """The columns that a person sees in the list of companies or of contacts, in order; by name."""

    __tablename__ = "list_columns"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    names: Mapped[list[str]] = mapped_column(json_data())
