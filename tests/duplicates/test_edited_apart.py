"""The pairs of a record that a person edits are weighed by what it is now."""

from __future__ import annotations

import pytest

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_company, make_connection, make_contact, make_link
from tests.support.usecases.duplicates import ids_listed, list_pair, pairs_listed
from tests.support.usecases.pushing import change_company, change_contact
from webapp.domain.records.fields import ObjectType
from webapp.usecases.duplicates import decisions
from webapp.usecases.matching import finding

pytestmark = [pytest.mark.one_database, pytest.mark.usefixtures("in_app")]


def _found(object_type: ObjectType, record_id: int) -> list[int]:
    return [one.record_id for one in finding.after_edit(current_services(), object_type, record_id)]


@pytest.mark.every_database
def test_what_is_edited_until_unlike_is_listed_no_longer_and_again_once_it_is_alike() -> None:
    firm = make_company().id
    one, other = (
        make_contact(firm, first_name="Tuva", last_name="Ekelöf", email=None, phone="+46 46 211 804").id
        for _ in range(2)
    )
    assert _found("contacts", other) == [one]
    change_contact(other, first_name="Göran", last_name="Nyqvist", phone="+46 46 219 377")
    assert _found("contacts", other) == []
    assert ids_listed() == []
    change_contact(other, first_name="Tuva", last_name="Ekelöf", phone="+46 46 211 804")
    assert _found("contacts", other) == [one]


def test_what_is_less_alike_than_before_is_listed_by_what_is_left() -> None:
    one, other = (make_company(name="Ofenhaus Ek", domain="ofenhaus-ek.se", city="Lund").id for _ in range(2))
    assert _found("companies", other) == [one]
    change_company(other, domain=None)
    assert _found("companies", other) == [one]
    [row] = pairs_listed("open")
    assert (row.sign, "same_domain" in row.evidence) == ("same_name", False)


def test_what_was_decided_stays_decided_however_a_record_is_edited() -> None:
    one, other = (make_company(name="Ofenhaus Ek", domain=None, city="Lund").id for _ in range(2))
    assert _found("companies", other) == [one]
    decisions.keep_apart(current_services(), "companies", [(one, other)], user_id=None)
    change_company(other, name="Nattljus", city="Ystad")
    assert _found("companies", other) == []
    assert ids_listed("not_the_same") == [(one, other)]


def test_a_pair_by_a_domain_that_hubspot_alone_may_know_is_left_to_people() -> None:
    one = make_company(name="Ofenhaus Ek", domain="ofenhaus-ek.se").id
    other = make_company(name="Nattljus", domain="nattljus.se").id
    pair = list_pair("companies", one, other, evidence=("same_domain", "other_company_name"))
    make_link(make_connection().id, "companies", one, "77")
    assert _found("companies", other) == [one]
    assert [row.id for row in pairs_listed("open")] == [pair]
