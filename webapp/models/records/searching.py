"""Search texts of the records, and the queue of records whose text is out of date.

Both are kept by the database: triggers of the tables of records fill the queue, whoever writes there, and on
SQLite triggers of the texts keep their index of trigrams. Migration 0036 has them.
"""

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base


def _trigrams(table: str) -> Index:
    """PostgreSQL's index of trigrams; where its role may not have the extension there is none."""
    return Index(
        f"ix_{table}_trigrams", "text", postgresql_using="gin", postgresql_ops={"text": "gin_trgm_ops"}
    ).ddl_if(dialect="postgresql")


class CompanyText(Base):
    """The text by which a company is found (`domain.records.searching.text_of`)."""

    __tablename__ = "company_texts"
    __table_args__ = (_trigrams("company_texts"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)


class ContactText(Base):
    """The text by which a contact is found."""

    __tablename__ = "contact_texts"
    __table_args__ = (_trigrams("contact_texts"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)


class SearchChange(Base):
    """A record whose text may be out of date.

    Attributes:
        what: `companies`, `contacts`, or `contacts_of`: all contacts of a company that has another name now.
        record_id: the number of the record, or of that company.

    Its numbers have 64 bits on either database: a million changes a day use up 32 in six years.
    """

    __tablename__ = "search_changes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    what: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
