"""Companies and contacts as this application keeps them.

Columns ending in `_key` are derived (`domain.records.keys`) and exist to be indexed: matching and searching
read them, people never see them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text

IS_UUID_GIVEN = "uuid != ''"
"""As the index on uuids says it, so that a look-up that says the same may use it."""


class RecordColumns:
    """The columns that a company and a contact have in common.

    `uuid` names the record at HubSpot (never its number: a second installation would collide); it is empty
    for a record that came from there, until it is to be made there once more. `version` rises with every
    write, by which a concurrent edit is found. `is_linked` says that no look-up for mere likeness has to
    find it (`webapp.store.links.linked_flags`).
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), default="")
    phone: Mapped[str | None] = mapped_column(String(50))
    street: Mapped[str | None] = mapped_column(String(300))
    city: Mapped[str | None] = mapped_column(String(120))
    region: Mapped[str | None] = mapped_column(String(120))
    postcode: Mapped[str | None] = mapped_column(String(30))
    country: Mapped[str | None] = mapped_column(String(120))
    status: Mapped[str | None] = mapped_column(String(60))
    custom: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    is_active: Mapped[bool] = mapped_column(default=True)
    is_linked: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    name_key: Mapped[str | None] = mapped_column(key_text(300))
    phone_key: Mapped[str | None] = mapped_column(key_text(30))
    sort_key: Mapped[str] = mapped_column(key_text(300))
    place_key: Mapped[str | None] = mapped_column(key_text(60))
    letters_key: Mapped[str | None] = mapped_column(key_text(60))
    street_key: Mapped[str | None] = mapped_column(key_text(60))


def _uuid(table: str) -> Index:
    """The index on uuids, of the records that HubSpot may know by theirs."""
    is_given = text(IS_UUID_GIVEN)
    return Index(f"ix_{table}_uuid", "uuid", unique=True, sqlite_where=is_given, postgresql_where=is_given)


def _inactive(table: str) -> Index:
    """The index on deactivated records, so that their list does not go through all records."""
    return Index(
        f"ix_{table}_inactive",
        "sort_key",
        "id",
        sqlite_where=text("is_active IS 0"),
        postgresql_where=text("is_active IS false"),
    )


def _alike(table: str, name: str, *columns: str) -> Index:
    """An index on a key of mere likeness, of the unlinked records, which have the order of their numbers.

    So a key that too many share brings the same ones first, wherever the rows are.
    """
    return _unlinked(f"ix_{table}_unlinked_{name}", *columns, "id")


def _in_order(table: str) -> Index:
    """An index on the order of the unlinked records."""
    return _unlinked(f"ix_{table}_unlinked_by_order", "sort_key", "id")


def _unlinked(name: str, *columns: str) -> Index:
    """An index of the unlinked records.

    `is_linked` is a column of it, or SQLite would read each row to check the condition.
    """
    return Index(
        name,
        *columns,
        "is_linked",
        sqlite_where=text("is_linked IS 0"),
        postgresql_where=text("is_linked IS false"),
    )


class Company(RecordColumns, Base):
    """A company. `name_key` leaves legal forms out; `sort_key` is the name as lists order it."""

    __tablename__ = "companies"

    name: Mapped[str | None] = mapped_column(String(300))
    domain: Mapped[str | None] = mapped_column(String(253))
    website: Mapped[str | None] = mapped_column(String(500))
    industry: Mapped[str | None] = mapped_column(String(120))
    employees: Mapped[int | None]
    description: Mapped[str | None] = mapped_column(Text)
    domain_key: Mapped[str | None] = mapped_column(key_text(253))

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """Indexes: lists by name and by change, and one for each way to match."""
        return (
            Index(None, "sort_key", "id"),
            Index(None, "updated_at", "id"),
            Index(None, "domain_key"),
            Index(None, "name_key"),
            _alike("companies", "phone", "phone_key"),
            _alike("companies", "place", "place_key"),
            _alike("companies", "letters", "letters_key"),
            _alike("companies", "street", "street_key"),
            _in_order("companies"),
            _uuid("companies"),
            _inactive("companies"),
            # SQLite must never give a deleted record's number to another one.
            {"sqlite_autoincrement": True},
        )


class Contact(RecordColumns, Base):
    """A contact. `name_key` is "first last", `sort_key` "last first"; `email_key` is in lower case."""

    __tablename__ = "contacts"

    first_name: Mapped[str | None] = mapped_column(String(200))
    last_name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    mobile: Mapped[str | None] = mapped_column(String(50))
    job_title: Mapped[str | None] = mapped_column(String(300))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    email_key: Mapped[str | None] = mapped_column(key_text(254))
    initials_key: Mapped[str | None] = mapped_column(key_text(2))
    house_key: Mapped[str | None] = mapped_column(key_text(60))
    town_key: Mapped[str | None] = mapped_column(key_text(60))
    birthday_key: Mapped[str | None] = mapped_column(key_text(10))

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """Indexes: lists by name and by change, a company's contacts, and one for each way to match."""
        return (
            Index(None, "sort_key", "id"),
            Index(None, "updated_at", "id"),
            Index(None, "email_key"),
            # Many contacts share a name; few share it together with a phone or company.
            Index(None, "name_key", "company_id"),
            Index(None, "phone_key", "name_key"),
            _alike("contacts", "phone", "phone_key"),
            _alike("contacts", "place", "place_key"),
            _alike("contacts", "letters", "letters_key"),
            _alike("contacts", "street", "street_key"),
            _alike("contacts", "house", "house_key"),
            _alike("contacts", "town", "town_key"),
            _alike("contacts", "birthday", "birthday_key"),
            _alike("contacts", "initials", "company_id", "initials_key"),
            _in_order("contacts"),
            Index(None, "company_id", "sort_key", "id"),
            _uuid("contacts"),
            _inactive("contacts"),
            {"sqlite_autoincrement": True},
        )


class ContactAddress(Base):
    """A further e-mail address of a contact, in lower case, by which it can also be matched."""

    __tablename__ = "contact_addresses"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    email_key: Mapped[str] = mapped_column(key_text(254), primary_key=True, index=True)
