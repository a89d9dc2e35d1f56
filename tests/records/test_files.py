"""`records import` and `records export`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.support.factories import make_company, make_connection, make_contact, make_link
from tests.support.record_files import import_text, run_records
from tests.support.services import reading
from webapp.domain.records.csv_cells import from_cell, to_cell
from webapp.models import Company, Contact


def rows_of(app: Flask, object_type: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run_records(app, "export", object_type).stdout)))


def test_good_rows_are_kept_and_bad_ones_told_by_their_number(app: Flask, tmp_path: Path) -> None:
    text = "name,phone,employees\nAcme,+49 30 123456,12\n\nBad,call me,many\nZenith,,\n"
    code, printed = import_text(app, tmp_path, "companies", text)
    assert code == 1
    assert (printed["created"], printed["failed"]) == (2, 1)
    assert printed["errors"][0]["row"] == 4
    assert set(printed["errors"][0]["errors"]) == {"phone", "employees"}
    assert [row["name"] for row in rows_of(app, "companies")] == ["Acme", "Zenith"]


def test_errors_are_readable_without_json(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("name,employees\nAcme,many\n")
    result = run_records(app, "import", "companies", str(path))
    assert result.exit_code == 1
    assert "row 2: employees: A whole number" in result.stderr
    assert "Companies created: 0. Rows left out: 1." in result.stdout


def test_a_file_as_excel_writes_it_is_read(app: Flask, tmp_path: Path) -> None:
    code, _ = import_text(app, tmp_path, "companies", "\ufeffname,city\r\nÜber GmbH,Köln\r\n".encode())
    assert code == 0
    assert rows_of(app, "companies")[0]["city"] == "Köln"


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("name,colour", "Unknown columns: 'colour'"),
        ("name;city", "Unknown columns: 'name;city'"),
        ("name,name", "Named twice: name"),
        ("name,custom.", "Unknown columns: 'custom.'"),
        ("", "The file is empty"),
    ],
)
def test_a_wrong_header_is_refused_with_the_columns_that_fit(
    app: Flask, tmp_path: Path, header: str, text: str
) -> None:
    code, printed = import_text(app, tmp_path, "companies", f"{header}\nA,B\n" if header else "")
    assert code == 1
    assert printed["error"] == "wrong_header"
    assert text in printed["message"]
    assert "employees" in printed["message"]
    assert rows_of(app, "companies") == []


def test_a_file_that_is_no_text_is_refused(app: Flask, tmp_path: Path) -> None:
    code, printed = import_text(app, tmp_path, "companies", b"name\nM\xfcller\n")
    assert (code, printed["error"]) == (1, "unreadable")
    code, printed = import_text(app, tmp_path, "companies", 'name\n"open\n')
    assert (code, printed["error"]) == (1, "unreadable")


def test_a_row_with_too_many_cells_is_left_out(app: Flask, tmp_path: Path) -> None:
    code, printed = import_text(app, tmp_path, "companies", "name,city\nA,B,C\nD\nE,F,\n")
    assert (code, printed["created"]) == (1, 2)
    assert printed["errors"] == [{"row": 2, "errors": {"row": "It has 3 cells, the header 2."}}]


def test_a_contacts_company_is_named_by_number_or_domain(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        acme = make_company(name="Acme", domain="acme.com")
        make_company(name="Twin 1", domain="twin.com")
        make_company(name="Twin 2", domain="twin.com")
    text = (
        "last_name,company_id,company_domain\n"
        f"ByNumber,{acme.id},\nByDomain,,https://www.acme.com\nNobody,999,\nNowhere,,nowhere.com\n"
        "Doubtful,,twin.com\nAlone,,\n"
    )
    code, printed = import_text(app, tmp_path, "contacts", text)
    assert (code, printed["created"]) == (1, 2)
    assert {error["row"]: next(iter(error["errors"].values())) for error in printed["errors"]} == {
        4: "There is no company 999.",
        5: "No company has the domain nowhere.com.",
        6: "2 companies have the domain twin.com.",
        7: "A contact belongs to a company: choose one.",
    }
    assert {row["company_id"] for row in rows_of(app, "contacts")} == {str(acme.id)}


def test_more_rows_than_fit_one_transaction_all_arrive(app: Flask, tmp_path: Path) -> None:
    text = "name\n" + "".join(f"Firm {number}\n" for number in range(450))
    assert import_text(app, tmp_path, "companies", text) == (
        0,
        {"created": 450, "already": 0, "failed": 0, "errors": []},
    )
    assert len(rows_of(app, "companies")) == 450


def test_an_import_takes_what_an_export_wrote(app: Flask, tmp_path: Path) -> None:
    values = {
        "name": '=HYPERLINK("x")',
        "domain": "acme.com",
        "phone": "+49 30 123456",
        "street": '"Quoted", street',
        "description": "one\ntwo, three",
        "employees": 0,
        "status": "Lead",
        "custom": {"tier": "-1+1", "note": "'@x"},
    }
    with app.app_context():
        company = make_company(**values)
        make_contact(company.id, first_name="Zoë", last_name="O'Neil")
    written = run_records(app, "export", "companies").stdout_bytes
    assert b"'=HYPERLINK" in written
    assert import_text(app, tmp_path, "companies", written)[0] == 0
    with app.app_context(), reading() as session:
        first, second = session.query(Company).order_by(Company.id)
        for name, value in values.items():
            assert getattr(first, name) == getattr(second, name) == value, name
        assert first.uuid != second.uuid
    assert import_text(app, tmp_path, "contacts", run_records(app, "export", "contacts").stdout_bytes)[0] == 0
    with app.app_context(), reading() as session:
        assert [contact.last_name for contact in session.query(Contact)] == ["O'Neil", "O'Neil"]


def test_an_export_names_every_field_and_the_hubspot_object(app: Flask) -> None:
    with app.app_context():
        company = make_company(custom={"tier": "gold"})
        make_company(name="Other", domain=None)
        connection = make_connection()
        make_link(connection.id, "companies", company.id, "123456789012")
    rows = rows_of(app, "companies")
    assert list(rows[0]) == [
        *("id", "hubspot_id", "name", "domain", "website", "phone", "street", "city", "region", "postcode"),
        *("country", "industry", "employees", "description", "status", "custom.tier"),
    ]
    assert [row["hubspot_id"] for row in rows] == ["123456789012", ""]
    lines = [
        json.loads(line)
        for line in run_records(app, "export", "companies", "--format", "jsonl").stdout.splitlines()
    ]
    assert lines[0]["hubspot_id"] == "123456789012"
    assert lines[0]["custom.tier"] == "gold"
    assert lines[1]["domain"] is None
    assert run_records(app, "export", "contacts").stdout.strip().endswith(",company_id")


def test_a_disconnected_portals_ids_are_not_exported(app: Flask) -> None:
    with app.app_context():
        company = make_company()
        old = make_connection("1", state="disconnected")
        make_link(old.id, "companies", company.id, "5")
    assert rows_of(app, "companies")[0]["hubspot_id"] == ""


@given(st.text())
def test_a_cell_always_gives_its_value_back(text: str) -> None:
    assert from_cell(to_cell(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|'/c calc'!A0", "-2+3", "\t=1", "'=1"])
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert to_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["+49 30 123456", "-5", "+1 (555) 123-4567", "plain", "'quoted'", ""])
def test_numbers_and_texts_stay_as_they_are(text: str) -> None:
    assert to_cell(text) == text
