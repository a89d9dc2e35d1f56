"""Which record a row of a file is, and that an import that is repeated makes no doubles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support.applications.services import reading, writing
from tests.support.samples.factories import NOW, make_company, make_connection, make_contact, make_link
from tests.support.usecases.record_files import import_text, run_records
from webapp.models import Company, Contact, ContactAddress, MergedRecord, OutboxRecord
from webapp.usecases.records.files import import_at_once

pytestmark = pytest.mark.one_database


def _rows(app: Flask, table: Any) -> list[Any]:
    with app.app_context(), reading() as session:
        return list(session.query(table).order_by(table.id))


def _wrong(printed: dict[str, Any]) -> dict[int, dict[str, str]]:
    return {error["row"]: error["errors"] for error in printed["errors"]}


@pytest.fixture
def acme(app: Flask) -> Company:
    """A company of the book, number 1."""
    with app.app_context():
        return make_company(name="Acme", domain="acme.de", city="Ulm")


@pytest.mark.every_database
@pytest.mark.parametrize(
    "text",
    [
        "id,city\n1,Kiel\n",
        "domain,city\nACME.de,Kiel\n",
        "domain,city\nhttps://www.acme.de/about,Kiel\n",
        "hubspot_id,city\n900,Kiel\n",
        "id,name,city\n1,Acme Works,Kiel\n",
    ],
)
def test_a_company_is_known_by_number_object_or_domain(
    app: Flask, tmp_path: Path, acme: Company, text: str
) -> None:
    with app.app_context():
        connection = make_connection()
        make_link(connection.id, "companies", acme.id, "900")
    code, printed = import_text(app, tmp_path, "companies", text)
    assert (code, printed["created"], printed["updated"]) == (0, 0, 1)
    [company] = _rows(app, Company)
    assert (company.city, company.domain, company.version) == ("Kiel", "acme.de", 2)
    with app.app_context(), reading() as session:
        assert session.query(OutboxRecord).count() == 1
    code, printed = import_text(app, tmp_path, "companies", text)
    assert (code, printed["created"], printed["updated"], printed["unchanged"]) == (0, 0, 0, 1)


@pytest.mark.every_database
@pytest.mark.parametrize("email", ["ADA@acme.de", "ada@home.de"])
def test_a_contact_is_known_by_any_of_its_addresses_and_keeps_its_own(
    app: Flask, tmp_path: Path, acme: Company, email: str
) -> None:
    with app.app_context():
        contact = make_contact(acme.id, email="ada@acme.de", last_name="Haas")
        with writing() as session:
            session.add(ContactAddress(contact_id=contact.id, email_key="ada@home.de"))
    code, printed = import_text(app, tmp_path, "contacts", f"email,job_title\n{email},Editor\n")
    assert (code, printed["updated"]) == (0, 1)
    [stored] = _rows(app, Contact)
    assert (stored.email, stored.job_title, stored.company_id) == ("ada@acme.de", "Editor", acme.id)


def test_a_blank_cell_leaves_the_value_alone(app: Flask, tmp_path: Path, acme: Company) -> None:
    assert import_text(app, tmp_path, "companies", "id,city,name\n1,  ,\n")[1]["unchanged"] == 1
    assert _rows(app, Company)[0].city == acme.city


@pytest.mark.every_database
def test_a_number_from_before_a_merge_means_the_record_that_is_left(
    app: Flask, tmp_path: Path, acme: Company
) -> None:
    with app.app_context(), writing() as session:
        session.add(MergedRecord(object_type="companies", loser_id=77, winner_id=acme.id, merged_at=NOW))
    assert import_text(app, tmp_path, "companies", "id,city\n77,Kiel\n")[1]["updated"] == 1
    assert _rows(app, Company)[0].city == "Kiel"


def test_a_number_that_nobody_has_is_a_new_record_and_never_one_of_this_file(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the export of another book: the second row does not mean what the first has just become."""
    monkeypatch.setattr(import_at_once, "ROWS_AT_ONCE", 1)
    text = "id,name\n9,Zenith\n1,Acme\n"
    code, printed = import_text(app, tmp_path, "companies", text)
    assert (code, printed["created"]) == (0, 2)
    code, printed = import_text(app, tmp_path, "companies", text)
    assert (code, printed["updated"], printed["already"]) == (0, 0, 2)
    assert [row.name for row in _rows(app, Company)] == ["Zenith", "Acme"]


@pytest.mark.every_database
def test_a_number_of_another_book_overwrites_nothing(app: Flask, tmp_path: Path, acme: Company) -> None:
    text = "id,name,domain\n1,Zenith,zenith.de\n"
    code, printed = import_text(app, tmp_path, "companies", text)
    assert code == 1
    assert "Record 1 is another one here, Acme" in _wrong(printed)[2]["id"]
    assert _rows(app, Company)[0].name == acme.name


def test_two_ids_that_mean_different_records_are_an_error(app: Flask, tmp_path: Path, acme: Company) -> None:
    with app.app_context():
        other = make_company(name="Zenith", domain="zenith.de")
        make_link(make_connection().id, "companies", other.id, "900")
    _, printed = import_text(app, tmp_path, "companies", f"id,hubspot_id\n{acme.id},900\nx,\n")
    assert "that of record 2, not of record 1" in _wrong(printed)[2]["hubspot_id"]
    assert "not the number" in _wrong(printed)[3]["id"]


def test_one_address_twice_in_a_file_is_an_error_that_names_both_rows(
    app: Flask, tmp_path: Path, acme: Company
) -> None:
    text = "last_name,email,company_id\nHaas,a@x.de,1\nIto,b@x.de,1\nHaas,A@X.de,1\n"
    code, printed = import_text(app, tmp_path, "contacts", text)
    assert code == 1
    wrong = _wrong(printed)
    assert {row: set(errors) for row, errors in wrong.items()} == {2: {"email"}, 4: {"email"}}
    assert "Row 4 has the same e-mail" in wrong[2]["email"]
    assert "Row 2 has the same e-mail" in wrong[4]["email"]
    assert _rows(app, Contact) == []
    assert import_text(app, tmp_path, "contacts", text, "--skip-bad-rows")[1]["created"] == 1
    assert [row.last_name for row in _rows(app, Contact)] == ["Ito"]
    assert acme.id == 1


def test_two_rows_of_one_record_are_an_error_that_names_both(
    app: Flask, tmp_path: Path, acme: Company
) -> None:
    _, printed = import_text(app, tmp_path, "companies", "id,domain,city\n1,,Kiel\n,acme.de,Bonn\n")
    assert {row: errors["row"] for row, errors in _wrong(printed).items()} == {
        2: "Row 3 is record 1 as well. Leave one of the two rows.",
        3: "Row 2 is record 1 as well. Leave one of the two rows.",
    }
    assert _rows(app, Company)[0].city == acme.city


@pytest.mark.every_database
def test_branches_may_share_a_domain_and_are_known_again(app: Flask, tmp_path: Path) -> None:
    text = "name,domain\nAcme Ulm,acme.de\nAcme Kiel,acme.de\n"
    assert import_text(app, tmp_path, "companies", text)[1]["created"] == 2
    again = import_text(app, tmp_path, "companies", f"{text}Zenith,z.de\n")[1]
    assert (again["created"], again["unchanged"]) == (1, 2)
    _, printed = import_text(app, tmp_path, "companies", "name,domain\nA,a.de\nA GmbH,a.de\n")
    assert set(_wrong(printed)) == {2, 3}
    _, printed = import_text(app, tmp_path, "companies", "name,domain\nAcme Bonn,acme.de\n")
    assert "2 records have this: 1, 2" in _wrong(printed)[2]["domain"]


@pytest.mark.every_database
def test_a_host_that_many_firms_share_names_none_of_them(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        make_company(name="Acme", domain="youtube.com", city="Ulm")
    text = "name,domain,city\nZenith,https://www.youtube.com/@zenith,Kiel\nAcme,youtube.com,Bonn\n"
    _, printed = import_text(app, tmp_path, "companies", text)
    assert (printed["created"], printed["updated"]) == (1, 1)
    assert [(row.name, row.city) for row in _rows(app, Company)] == [("Acme", "Bonn"), ("Zenith", "Kiel")]
    again = import_text(app, tmp_path, "companies", f"{text}New,,\n")[1]
    assert (again["created"], again["unchanged"], again["warnings"]) == (1, 2, [])


def test_what_another_record_has_is_worth_a_look_and_no_error(
    app: Flask, tmp_path: Path, acme: Company
) -> None:
    with app.app_context():
        make_company(name="Acme Kiel", domain=None)
    code, printed = import_text(app, tmp_path, "companies", "id,name,domain\n2,Acme Kiel,acme.de\n")
    assert (code, printed["updated"]) == (0, 1)
    [warning] = printed["warnings"]
    assert warning["row"] == 2
    assert "1 other records have this as well: 1." in warning["warnings"]["domain"]
    assert acme.id == 1


@pytest.mark.parametrize("object_type", ["companies", "contacts"])
def test_a_file_with_keys_is_stored_once_even_where_it_has_changed(
    app: Flask, tmp_path: Path, acme: Company, object_type: str
) -> None:
    texts = {
        "companies": "name,domain\nA,a.de\nB,b.de\n",
        "contacts": "last_name,email,company_domain\nA,a@a.de,acme.de\nB,b@a.de,acme.de\n",
    }
    more = {"companies": "C,c.de\n", "contacts": "C,c@a.de,acme.de\n"}
    text = texts[object_type]
    assert import_text(app, tmp_path, object_type, text)[1]["created"] == 2
    changed = import_text(app, tmp_path, object_type, text + more[object_type])[1]
    assert (changed["created"], changed["unchanged"]) == (1, 2)
    again = run_records(app, "import", object_type, str(tmp_path / "file.csv"), "--again")
    assert "created: 0, changed: 0, unchanged: 3" in again.stdout
    assert acme.id == 1


def test_a_contact_moves_to_the_company_that_the_file_names(
    app: Flask, tmp_path: Path, acme: Company
) -> None:
    with app.app_context():
        other = make_company(name="Zenith", domain="zenith.de")
        make_contact(acme.id, email="ada@acme.de")
    import_text(app, tmp_path, "contacts", "email,company_domain\nada@acme.de,zenith.de\n")
    assert _rows(app, Contact)[0].company_id == other.id
