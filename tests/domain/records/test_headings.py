"""Which field a column of a file is, told from its heading (B58)."""

from __future__ import annotations

import pytest

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.header import separator_of
from webapp.domain.records.files.headings import fitting_names, heading_key, recognised


def _recognised(kind: ObjectType, *headings: str, **remembered: str) -> list[str]:
    labels = {name: name for name in fitting_names(kind, ["custom.tier"])} | {"custom.tier": "Our tier"}
    return recognised(kind, headings, labels, {heading_key(one): name for one, name in remembered.items()})


def test_what_an_export_names_is_taken_as_it_is() -> None:
    names = ("id", "hubspot_id", "name", "domain", "custom.tier", "custom.unknown")
    assert _recognised("companies", *names) == list(names)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        *(("Company name", "name"), ("Firma", "name"), ("Company Domain Name", "domain")),
        *(("Straße", "street"), ("STRASSE", "street"), ("Postal Code", "postcode"), ("PLZ", "postcode")),
        *(("State/Region", "region"), ("Country/Region", "country"), ("Record ID", "hubspot_id")),
        *(("Number of Employees", "employees"), ("our-TIER", "custom.tier"), ("Colour", "")),
    ],
)
def test_a_heading_of_another_program_is_recognised(heading: str, field: str) -> None:
    assert _recognised("companies", heading) == [field]


def test_a_contacts_headings_are_recognised() -> None:
    headings = ("First Name", "Nachname", "E-Mail-Adresse", "Mobile Phone Number", "Job Title", "Prénom")
    found = ["first_name", "last_name", "email", "mobile", "job_title", ""]
    assert _recognised("contacts", *headings) == found


def test_a_company_by_name_alone_is_not_taken_for_its_number() -> None:
    labels = {"company_id": "Company, by its number here"}
    assert recognised("contacts", ["Company"], labels, {}) == ["company_name"]


def test_a_field_is_one_columns_and_its_own_name_comes_first() -> None:
    assert _recognised("companies", "Firma", "name", "Company") == ["", "name", ""]


def test_what_a_person_chose_before_comes_before_what_is_guessed() -> None:
    assert _recognised("companies", "Firma", "Colour", Firma="", Colour="industry") == ["", "industry"]


def test_what_was_chosen_before_and_is_gone_is_passed_over() -> None:
    assert _recognised("companies", "Colour", Colour="custom.gone") == [""]


def test_without_a_known_heading_the_separator_of_most_columns_is_found() -> None:
    assert separator_of("Firma;Straße, Nr.;Ort\n", "companies") == ";"
    assert separator_of("name,x;y;z\n", "companies") == ",", "what is known counts more"
