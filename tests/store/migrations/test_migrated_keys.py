"""The keys that records get by a migration, and by the renewal behind it, are those of today."""

from __future__ import annotations

from typing import Any

import flask_migrate
import pytest
from sqlalchemy import select

from tests.support.applications.services import current_services, reading
from tests.support.samples.factories import make_company, make_contact
from webapp.domain.records.keys import company_keys, contact_keys
from webapp.models import Company, Contact
from webapp.usecases.matching import renewal

_BEFORE = "0024"
_COMPANIES: tuple[dict[str, Any], ...] = (
    {
        "name": "Nordlicht & Söhne GmbH",
        "phone": "+45 12 34 56 78",
        "street": "Hafenstraße 12a",
        "city": "Kiel",
    },
    {"name": "Æther Łódź (Ulm)", "street": "9 Seventh Avenue", "postcode": "89073", "phone": "030 1234567"},
    {"name": "The Kern Group AG", "street": "Am Wall", "phone": "0000000"},
    {"name": "Юпитер", "street": "7th St. 4"},
    {"name": None, "domain": "nobody.de"},
)
_CONTACTS: tuple[dict[str, Any], ...] = (
    {"first_name": "Bob", "last_name": "von der Leyen", "city": "Ulm", "phone": "+49 (0)30 123456"},
    {"first_name": "Dr. Łucja", "last_name": "Ćwik-Müller", "postcode": "10115", "street": "Ringweg 3"},
    {"first_name": "Hans Peter", "last_name": "Kern", "custom": {"date_of_birth": "1980-02-03"}},
    {"first_name": None, "last_name": "Kern", "mobile": "0170 1234567"},
    {"first_name": "Юрий", "last_name": "Иванов"},
)


@pytest.mark.usefixtures("in_app")
def test_records_that_are_there_get_the_keys_of_today() -> None:
    for values in _COMPANIES:
        make_company(**values)
    for values in _CONTACTS:
        make_contact(**values)
    flask_migrate.downgrade(revision=_BEFORE)
    flask_migrate.upgrade()
    renewal.renew_keys(current_services())
    with reading() as session:
        companies, contacts = session.scalars(select(Company)).all(), session.scalars(select(Contact)).all()
        assert (len(companies), len(contacts)) == (len(_COMPANIES), len(_CONTACTS))
        for rows, keys_of in ((companies, company_keys), (contacts, contact_keys)):
            for row in rows:
                assert _keys(row) == _expected(row, keys_of), row.sort_key


def _keys(row: Any) -> dict[str, str | None]:
    names = (
        "phone_key",
        "place_key",
        "letters_key",
        "street_key",
        "initials_key",
        "birthday_key",
        "house_key",
    )
    return {name: getattr(row, name) for name in names if hasattr(row, name)}


def _expected(row: Any, keys_of: Any) -> dict[str, str | None]:
    values = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    values |= {f"custom.{name}": value for name, value in (row.custom or {}).items()}
    found = keys_of(values)
    return {name: found[name] for name in _keys(row)}
