"""Whatever changes a record puts it into the queue of searches, by triggers that every migration has to keep.

SQLite drops a table's triggers where a migration makes the table anew (`batch_alter_table`). Such a migration
makes them again, as migration 0036 does.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_company, make_contact
from webapp.models import Company, Contact, ContactAddress, SearchChange
from webapp.store.database.lists import dialect_of
from webapp.usecases.records import search_texts

pytestmark = pytest.mark.one_database

_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
_ON_RECORDS = {
    *(f"search_{table}_{event}" for table in ("companies", "contacts") for event in ("updated", "deleted")),
    *("search_company_renamed", "search_contact_addresses_inserted", "search_contact_addresses_deleted"),
}
# On SQLite whoever inserts does it: see `webapp.store.records.searching.texts.queue_new`.
_ON_INSERTS = {f"search_{table}_inserted" for table in ("companies", "contacts")}
_ON_TEXTS = {
    f"{table}_texts_{event}"
    for table in ("company", "contact")
    for event in ("inserted", "updated", "deleted")
}


@pytest.mark.usefixtures("in_app")
def test_the_newest_revision_has_all_triggers() -> None:
    with reading() as session:
        is_sqlite = dialect_of(session) == "sqlite"
        found = set(session.scalars(text(_SQLITE if is_sqlite else _POSTGRESQL)))
    assert found == (_ON_RECORDS | (_ON_TEXTS if is_sqlite else _ON_INSERTS))


def _queued() -> list[tuple[str, int]]:
    with reading() as session:
        found = [(row.what, row.record_id) for row in session.query(SearchChange).order_by(SearchChange.id)]
    search_texts.bring_all_up_to_date(current_services())
    return found


@pytest.mark.usefixtures("in_app")
def test_only_what_a_search_can_see_wakes_them() -> None:
    company, contact = make_company(), make_contact()
    assert _queued() == [("companies", company.id), ("contacts", contact.id)]
    with writing() as session:
        session.get_one(Company, company.id).status = "Lead"
        session.get_one(Contact, contact.id).street = "Somewhere 1"
    assert _queued() == []
    with writing() as session:
        session.get_one(Company, company.id).name = "Other"
        session.get_one(Contact, contact.id).job_title = "Boss"
        session.add(ContactAddress(contact_id=contact.id, email_key="a@b.de"))
    assert sorted(_queued()) == [
        ("companies", company.id),
        ("contacts", contact.id),
        ("contacts", contact.id),
        ("contacts_of", company.id),
    ]
    with writing() as session:
        session.query(ContactAddress).delete()
        session.query(Contact).delete()
    assert _queued() == [("contacts", contact.id), ("contacts", contact.id)]
