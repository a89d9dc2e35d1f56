"""Keys that an earlier version has stored are computed anew while the application serves."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_company, make_connection, make_contact, make_run
from webapp.domain.records.keys import company_keys, contact_keys
from webapp.models import Company, Contact, KeyRenewal, Run
from webapp.store.records.records import values_of
from webapp.usecases.matching import renewal

_OLD = {"place_key": "old", "letters_key": None, "street_key": "old", "phone_key": "old"}


@pytest.fixture
def old_keys(in_app: Flask) -> list[int]:  # noqa: ARG001 - within its context
    """Seven contacts and a company with keys of an earlier version; the numbers of the contacts."""
    home: dict[str, Any] = {"street": "Hafenstr. 3, 2. OG", "city": "24103 Kiel", "phone": "0431 551207"}
    ids = [make_contact(first_name="Imke", last_name=f"Lund{place}", **home).id for place in range(7)]
    make_company(name="Nordlicht Verlag", **home)
    with writing() as session:
        session.execute(delete(KeyRenewal))
        session.execute(update(Contact).values(house_key=None, town_key="old", **_OLD))
        session.execute(update(Company).values(**_OLD))
    return ids


def _stale() -> list[int]:
    """The contacts whose keys are not those of today."""
    with reading() as session:
        rows = session.scalars(select(Contact).order_by(Contact.id)).all()
        return [row.id for row in rows if not _is_fresh(row, contact_keys(values_of("contacts", row)))]


def _is_fresh(row: Any, keys: dict[str, str | None]) -> bool:
    return all(getattr(row, name) == key for name, key in keys.items())


@pytest.mark.usefixtures("old_keys")
def test_every_key_is_renewed_and_nobody_sees_an_edit() -> None:
    with reading() as session:
        before = {row.id: (row.version, row.updated_at) for row in session.scalars(select(Contact))}
    renewal.renew_keys(current_services())
    assert not _stale()
    with reading() as session:
        company = session.scalars(select(Company)).one()
        assert _is_fresh(company, company_keys(values_of("companies", company)))
        assert {row.id: (row.version, row.updated_at) for row in session.scalars(select(Contact))} == before
    assert renewal.renew_some(current_services()) is False


def test_a_renewal_goes_on_where_it_was_cut_off(old_keys: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "BATCH_SIZE", 3)
    services = current_services()
    while len(_stale()) == len(old_keys):
        assert renewal.renew_some(services)
    assert _stale() == old_keys[3:]
    with writing() as session:
        session.execute(update(Contact).where(Contact.id == old_keys[0]).values(place_key="looked at"))
    while renewal.renew_some(services):
        pass
    assert _stale() == old_keys[:1], "what was gone through is not gone through again"


@pytest.mark.usefixtures("old_keys")
def test_a_later_version_renews_them_once_more() -> None:
    while renewal.renew_some(current_services()):
        pass
    with writing() as session:
        session.execute(update(KeyRenewal).values(version=1))
        session.execute(update(Contact).values(house_key="1"))
    while renewal.renew_some(current_services()):
        pass
    assert not _stale()


@pytest.mark.usefixtures("old_keys")
def test_a_pull_at_work_goes_first() -> None:
    run = make_run(make_connection().id, kind="pull", state="running")
    assert renewal.renew_some(current_services()) is False
    with writing() as session:
        session.execute(update(Run).where(Run.id == run.id).values(state="finished"))
    renewal.renew_keys(current_services())
    assert not _stale()
