"""`records import` and `records export`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from flask import Flask

from tests.support.samples.factories import make_company, make_connection, make_link
from tests.support.usecases.record_files import import_text, run_records
from webapp.usecases.records.files import import_at_once

pytestmark = pytest.mark.one_database


def rows_of(app: Flask, object_type: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run_records(app, "export", object_type).stdout)))


def test_good_rows_may_be_stored_and_bad_ones_are_told_by_their_number(app: Flask, tmp_path: Path) -> None:
    text = "name,phone,employees\nAcme,+49 30 123456,12\n\nBad,call me,many\nZenith,,\n"
    code, printed = import_text(app, tmp_path, "companies", text, "--skip-bad-rows")
    assert code == 1
    assert (printed["created"], printed["failed"]) == (2, 1)
    assert printed["errors"][0]["row"] == 4
    assert set(printed["errors"][0]["errors"]) == {"phone", "employees"}
    assert printed["errors"][0]["values"] == {"phone": "call me", "employees": "many"}
    assert [row["name"] for row in rows_of(app, "companies")] == ["Acme", "Zenith"]


def test_errors_are_readable_without_json(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("name,employees\nAcme,many\n")
    result = run_records(app, "import", "companies", str(path))
    assert result.exit_code == 1
    assert "row 2: employees: A whole number, for example 250. It is “many”." in result.stderr
    assert "Companies created: 0, changed: 0, unchanged: 0. Rows with errors: 1." in result.stdout
    assert "Nothing was stored." in result.stdout


def test_a_file_as_excel_writes_it_is_read(app: Flask, tmp_path: Path) -> None:
    code, _ = import_text(app, tmp_path, "companies", "\ufeffname,city\r\nÜber GmbH,Köln\r\n".encode())
    assert code == 0
    assert rows_of(app, "companies")[0]["city"] == "Köln"


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("name,colour", "Unknown columns: 'colour'"),
        ("name:city", "Unknown columns: 'name:city'"),
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
    code, printed = import_text(app, tmp_path, "companies", b"name\nM\x00ller\n")
    assert (code, printed["error"]) == (1, "unreadable")
    code, printed = import_text(app, tmp_path, "companies", 'name\n"open\n')
    assert (code, printed["error"]) == (1, "unreadable")


def test_a_row_with_too_many_cells_is_left_out(app: Flask, tmp_path: Path) -> None:
    text = "name,city\nA,B,C\nD\nE,F,\n"
    code, printed = import_text(app, tmp_path, "companies", text, "--skip-bad-rows")
    assert (code, printed["created"]) == (1, 2)
    too_many = {"row": "It has 3 cells, the header 2."}
    assert printed["errors"] == [{"row": 2, "errors": too_many, "values": {}}]


@pytest.mark.every_database
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
    code, printed = import_text(app, tmp_path, "contacts", text, "--skip-bad-rows")
    assert (code, printed["created"]) == (1, 2)
    assert {error["row"]: next(iter(error["errors"].values())) for error in printed["errors"]} == {
        4: "There is no company 999.",
        5: "No company has the domain nowhere.com.",
        6: "2 companies have the domain twin.com.",
        7: "A contact belongs to a company: choose one.",
    }
    assert {row["company_id"] for row in rows_of(app, "contacts")} == {str(acme.id)}


@pytest.mark.every_database
def test_more_rows_than_fit_one_transaction_all_arrive(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_at_once, "ROWS_AT_ONCE", 200)
    text = "name\n" + "".join(f"Firm {number}\n" for number in range(450))
    code, printed = import_text(app, tmp_path, "companies", text)
    assert (code, printed["created"], printed["failed"]) == (0, 450, 0)
    assert len(rows_of(app, "companies")) == 450


@pytest.mark.every_database
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


@pytest.mark.every_database
def test_a_disconnected_portals_ids_are_not_exported(app: Flask) -> None:
    with app.app_context():
        company = make_company()
        old = make_connection("1", state="disconnected")
        make_link(old.id, "companies", company.id, "5")
    assert rows_of(app, "companies")[0]["hubspot_id"] == ""
