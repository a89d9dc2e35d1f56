"""An import from the upload to its result, as the pages show it; without JavaScript."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.support.applications.services import current_services, writing
from tests.support.pages.page import Element, read_page
from tests.support.samples.factories import make_company, make_connection
from tests.support.usecases import pulling
from tests.support.usecases.importing import import_of
from tests.support.usecases.undoing import undo_of
from webapp.models import Company, CsvImport, User
from webapp.usecases.records.files import uploading

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]

_GERMAN = "Firma;PLZ;Ort;Bemerkung\nNord GmbH;24103;Kiel;gut\nSüd AG;80331;München;\n"


@pytest.fixture
def connection_id(in_app: Flask) -> int:  # noqa: ARG001 - the tables are those of its database
    return make_connection().id


@pytest.fixture
def pages(connection_id: int, logged_in: LogIn, administrator: User) -> FlaskClient:  # noqa: ARG001 - the same
    return logged_in(administrator)


def _upload(
    pages: FlaskClient, content: str | bytes, object_type: str = "companies", name: str = "firms.csv"
) -> TestResponse:
    data = content if isinstance(content, bytes) else content.encode()
    return pages.post(f"/{object_type}/import", data={"file": (io.BytesIO(data), name)})


def _work_off() -> None:
    """Let a worker do what was requested last."""
    kept = pulling.all_rows(CsvImport)[-1]
    pulling.worked_off(kept.run_id or kept.check_id or 0)


def _checked(pages: FlaskClient, content: str | bytes, object_type: str = "companies") -> str:
    """A file uploaded and checked as its columns are recognised; the address of its import."""
    columns = _upload(pages, content, object_type).location
    answer = pages.post(columns, data=_form(pages, columns))
    assert answer.status_code == 303, read_page(answer.text).shown_text
    _work_off()
    return answer.location


def _form(pages: FlaskClient, address: str) -> dict[str, str]:
    values = read_page(pages.get(address).text).one("main").form_values()
    return {name: value for name, value in values.items() if name.startswith(("column.", "again"))}


def _page(pages: FlaskClient, address: str) -> Element:
    answer = pages.get(address)
    assert answer.status_code == 200, address
    return read_page(answer.text).one("main")


@pytest.mark.every_database
def test_a_file_goes_from_its_upload_to_the_records(pages: FlaskClient) -> None:
    listed = _page(pages, "/companies")
    assert listed.leads_to("/companies/import")
    form = _page(pages, "/companies/import").one("form", action="/companies/import")
    assert form["enctype"] == "multipart/form-data"
    answer = _upload(pages, _GERMAN)
    assert (answer.status_code, answer.location) == (303, "/companies/import/1/columns")
    page = _page(pages, answer.location)
    assert "2 rows · UTF-8 · semicolons" in page.shown_text
    assert "Nord GmbH · Süd AG" in page.shown_text
    given = {"column.0": "name", "column.1": "postcode", "column.2": "city", "column.3": ""}
    assert _form(pages, answer.location) == given
    answer = pages.post(answer.location, data=_form(pages, answer.location))
    assert (answer.status_code, answer.location) == (303, "/companies/import/1")
    assert "Checking every row" in _page(pages, "/companies/import/1").shown_text
    _work_off()
    page = _page(pages, "/companies/import/1")
    assert "2 to create 0 to change" in page.shown_text
    assert "Import 2 rows" in page.shown_text
    rows = page.one("table", class_="file-rows").all("tr")[1:]
    assert [row.shown_text for row in rows] == ["2 Nord GmbH Create", "3 Süd AG Create"]
    assert pages.post("/companies/import/1/run").location == "/companies/import/1"
    assert "Importing" in _page(pages, "/companies/import/1").shown_text
    _work_off()
    page = _page(pages, "/companies/import/1")
    assert "Imported. 2 created 0 changed" in page.shown_text
    run_id = import_of(1).run_id
    assert page.leads_to(f"/sync-log/{run_id}")
    assert page.leads_to(f"/sync-log/{run_id}/undo")
    assert [(one.name, one.city) for one in pulling.companies()] == [
        *(("Nord GmbH", "Kiel"), ("Süd AG", "München")),
    ]
    log = _page(pages, f"/sync-log/{run_id}")
    assert "Import 2" in log.shown_text
    assert "Row 2 of the file." in log.shown_text
    assert "CSV import, Ada Administrator" in _page(pages, "/companies/1/history").shown_text


def test_what_was_chosen_for_a_column_is_remembered(pages: FlaskClient) -> None:
    address = _upload(pages, _GERMAN).location
    chosen = _form(pages, address) | {"column.2": "", "column.3": "city"}
    pages.post(address, data=chosen)
    other = _upload(pages, "BEMERKUNG,firma,Ort\nx,y,z\n").location
    assert _form(pages, other) == {"column.0": "city", "column.1": "name", "column.2": ""}


def test_a_heading_that_stands_above_two_columns_is_known_again(pages: FlaskClient) -> None:
    """The second of them is left out, and later files would be read without the field."""
    address = _upload(pages, "name,Ort,Name,ort\nx,Kiel,y,Ulm\n").location
    suggested = {"column.0": "name", "column.1": "city", "column.2": "", "column.3": ""}
    assert _form(pages, address) == suggested
    pages.post(address, data=suggested)
    other = _upload(pages, "name,ORT\nz,Ulm\n").location
    assert _form(pages, other) == {"column.0": "name", "column.1": "city"}


def test_a_field_is_chosen_for_one_column_only(pages: FlaskClient) -> None:
    address = _upload(pages, _GERMAN).location
    answer = pages.post(address, data={"column.0": "name", "column.1": "name"})
    assert answer.status_code == 422
    page = read_page(answer.text)
    assert "Several columns would be the same" in page.one("p", role="alert").shown_text
    assert page.one("select", name="column.1").form_values() == {}
    answer = pages.post(address, data={})
    assert (
        "Say what at least one of the columns holds"
        in read_page(answer.text).one("p", role="alert").shown_text
    )


def test_a_column_cannot_be_what_no_column_can_be(pages: FlaskClient) -> None:
    address = _upload(pages, _GERMAN).location
    assert pages.post(address, data={"column.0": "is_active", "column.1": "name"}).status_code == 303
    assert import_of(1).columns == ["", "name", "", ""]


def test_rows_are_shown_with_what_they_would_change_and_what_is_wrong(pages: FlaskClient) -> None:
    make_company(name="Nord", domain="nord.de", city="Kiel", employees=3)
    make_company(name="Nordlicht GmbH", domain=None, street="Holm 1", postcode="24103", city="Kiel")
    text = "name,domain,city,employees,street,postcode\nNord,nord.de,Ulm,,,\nWest,,,many,,\n"
    text += "Nordlicht,,Kiel,,Holm 1,24103\n"
    address = _checked(pages, text)
    page = _page(pages, address)
    changed, failed, alike = (row.shown_text for row in page.one("table", class_="file-rows").all("tr")[1:])
    assert changed == "2 Nord Change City: Kiel → Ulm"
    assert "Employees: A whole number, for example 250. It says “many”." in failed
    assert "Looks like Nordlicht GmbH" in alike
    assert "1 row has an error." in page.shown_text
    assert "1 new row looks like a record that is here, or like another row." in page.shown_text
    tabs = [one.shown_text for one in page.one("nav", aria_label="Rows").all("a")]
    assert tabs == ["All 3", "With errors 1", "Look like another 1", "To create 1", "To change 1"]
    only = _page(pages, f"{address}?rows=alike").one("table", class_="file-rows").all("tr")[1:]
    assert [row.one("th").shown_text for row in only] == ["Nordlicht"]
    answer = pages.post(f"{address}/run")
    assert answer.status_code == 409, "whoever imports the others says so"
    assert page.one("form", action=f"{address}/run").form_values()["skip"] == "yes"
    pages.post(f"{address}/run", data={"skip": "yes"})
    _work_off()
    result = _page(pages, address)
    assert "1 created 1 changed 1 left out for an error" in result.shown_text
    assert "1 of them looks like another record." in result.shown_text
    assert result.leads_to("/duplicates?type=companies")


@pytest.mark.every_database
def test_rows_with_errors_come_back_as_a_file_that_can_be_imported(pages: FlaskClient) -> None:
    text = 'Firma;Mitarbeiter;Ort\nNord;3;Kiel\nWest;viele;"Ulm; Donau"\n=1+1;x;Bonn\n'
    address = _checked(pages, text)
    answer = pages.get(f"{address}/bad-rows.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = answer.get_data(as_text=True).removeprefix("\ufeff").splitlines()
    assert lines == [
        "Firma,Mitarbeiter,Ort,Errors",
        'West,viele,Ulm; Donau,"Employees: A whole number, for example 250."',
        '\'=1+1,x,Bonn,"Employees: A whole number, for example 250."',
    ]
    mended = answer.get_data().replace(b"viele", b"4").replace(b",x,", b",5,")
    again = _checked(pages, mended)
    assert import_of(2).columns == ["name", "employees", "city", ""]
    pages.post(f"{again}/run")
    _work_off()
    assert [(one.name, one.employees) for one in pulling.companies()] == [("West", 4), ("=1+1", 5)]


def test_what_the_columns_of_a_file_are_called_runs_in_no_spreadsheet(pages: FlaskClient) -> None:
    address = _checked(pages, "name;employees;=1+1\nWest;viele;x\n")
    heading = pages.get(f"{address}/bad-rows.csv").get_data(as_text=True).splitlines()[0]
    assert heading.removeprefix("\ufeff") == "name,employees,'=1+1,Errors"


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b"", "The file is empty."),
        (b"\n\n  \n", "The file is empty."),
        (b"name\n", "no rows"),
        (b"PK\x03\x04rest", "it is a workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x00", "it is no text"),
        ((",".join(f"c{n}" for n in range(32_000)) + "\nx\n").encode(), "It has 32,000 columns; at most 500"),
        (b"name\n" + b"x" * 200_000 + b"\n", "has a cell of more than 131,072 characters"),
        (b'name\n"never closed\n' + b"x\n" * 10, "is not closed"),
        (
            b"name\n" + b"caf\xc3\xa9 \xff\xfe caf\xc3\xa9\xc3\xa9\xc3\xa9\n",
            "are no letters in UTF-8",
        ),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_file(pages: FlaskClient, content: bytes, answer: str) -> None:
    got = _upload(pages, content)
    assert got.status_code == 422
    field = read_page(got.text).one("div", class_="has-error")
    assert answer in field.shown_text
    assert pulling.all_rows(CsvImport) == []


def test_the_name_of_a_file_holds_nothing_that_reads_as_something_else(pages: FlaskClient) -> None:
    assert _upload(pages, _GERMAN, name="rech\u202egpj.c\0sv").status_code == 303
    assert pulling.all_rows(CsvImport)[0].file_name == "rechgpj.csv"


def test_a_form_without_a_file_says_so(pages: FlaskClient) -> None:
    got = pages.post("/companies/import", data={})
    assert (got.status_code, "Choose a file first." in got.text) == (422, True)


def test_a_file_above_the_limit_is_refused_with_a_way_out(app: Flask, pages: FlaskClient) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    got = _upload(pages, b"name\n" + b"x" * 10_000)
    assert got.status_code == 413
    assert "flask records import" in read_page(got.text).shown_text


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_the_encoding_is_found_out(pages: FlaskClient, encoding: str) -> None:
    address = _checked(pages, _GERMAN.encode(encoding))
    pages.post(f"{address}/run")
    _work_off()
    assert [one.name for one in pulling.companies()] == ["Nord GmbH", "Süd AG"]


@pytest.mark.parametrize("encoding", ["mac-roman", "cp1250", "cp1251", "cp932"])
def test_a_file_in_any_encoding_is_taken_to_its_columns(pages: FlaskClient, encoding: str) -> None:
    texts = {"mac-roman": "Käserei Köln", "cp1250": "Łódź Część", "cp1251": "Юрий Щукин", "cp932": "東京ガス"}
    address = _upload(pages, f"name;city\n{texts[encoding]};x\n".encode(encoding)).location
    assert texts[encoding] in _page(pages, address).shown_text


def test_a_person_chooses_the_encoding_in_which_the_names_are_right(pages: FlaskClient) -> None:
    """One Hungarian name alone is Portuguese as well."""
    address = _upload(pages, "name;city\nPet\u0151fi;X\n".encode("cp1250")).location
    assert "Pet\u00f5fi" in _page(pages, address).shown_text
    choices = _page(pages, address).one("select", name="encoding")
    assert "Windows-1250: Pet\u0151fi" in choices.shown_text
    assert pages.post(address.replace("columns", "encoding"), data={"encoding": "cp1250"}).location == address
    assert _page(pages, address).one("option", value="cp1250", selected="").shown_text.endswith("Pet\u0151fi")
    pages.post(address, data=_form(pages, address))
    _work_off()
    pages.post(f"{address.removesuffix('/columns')}/run")
    _work_off()
    assert [one.name for one in pulling.companies()] == ["Pet\u0151fi"]


@pytest.mark.parametrize("chosen", ["", "nonsense", "utf-16", "cp932"])
def test_an_encoding_in_which_a_file_cannot_be_read_is_refused(pages: FlaskClient, chosen: str) -> None:
    address = _upload(pages, "name;city\nM\u00fcller;X\n".encode("cp1252")).location
    assert pages.post(address.replace("columns", "encoding"), data={"encoding": chosen}).status_code == 422
    assert "M\u00fcller" in _page(pages, address).shown_text


def test_no_choice_of_the_encoding_is_offered_where_the_file_shows_it(pages: FlaskClient) -> None:
    address = _upload(pages, _GERMAN).location
    assert "How its letters are read" not in _page(pages, address).shown_text
    assert pages.post(address.replace("columns", "encoding"), data={"encoding": "cp1250"}).status_code == 422


def test_members_export_and_do_not_import(connection_id: int, logged_in: LogIn, member: User) -> None:
    pages = logged_in(member)
    listed = _page(pages, "/companies")
    assert not listed.leads_to("/companies/import")
    assert listed.leads_to("/companies/export.csv")
    assert pages.get("/companies/import").status_code == 403
    assert pages.post("/companies/import/1/run").status_code == 403
    assert connection_id


def test_a_check_and_an_import_are_cancelled(pages: FlaskClient) -> None:
    columns = _upload(pages, _GERMAN).location
    pages.post(columns, data=_form(pages, columns))
    assert pages.post("/companies/import/1/cancellation").location == "/companies/import/1"
    page = _page(pages, "/companies/import/1")
    assert "The check was cancelled. Nothing was stored." in page.shown_text
    pages.post("/companies/import/1/check")
    _work_off()
    pages.post("/companies/import/1/run")
    pages.post("/companies/import/1/cancellation")
    assert "The import was cancelled." in _page(pages, "/companies/import/1").shown_text
    assert pulling.companies() == []


def test_a_file_is_deleted_and_its_address_says_so(pages: FlaskClient) -> None:
    address = _checked(pages, _GERMAN)
    assert "firms.csv" in _page(pages, "/companies/import").shown_text
    assert pages.post(f"{address}/deletion").location == "/companies/import"
    answer = pages.get(address)
    assert (answer.status_code, "This file is not here any more" in answer.text) == (404, True)


def test_a_file_under_work_is_not_deleted(pages: FlaskClient) -> None:
    columns = _upload(pages, _GERMAN).location
    pages.post(columns, data=_form(pages, columns))
    assert pages.post("/companies/import/1/deletion").status_code == 409
    assert len(pulling.all_rows(CsvImport)) == 1


def test_an_import_whose_file_was_cleared_away_fails_with_a_remedy(pages: FlaskClient) -> None:
    _checked(pages, _GERMAN)
    pages.post("/companies/import/1/run")
    with writing() as session:
        past = datetime.now(UTC) - timedelta(days=30)
        session.execute(update(CsvImport).values(touched_at=past))
    run_id = import_of(1).run_id or 0
    uploading.clear_old(current_services())
    run = pulling.worked_off(run_id)
    assert (run.state, run.error) == ("failed", "file_gone")
    assert "Upload it once more." in _page(pages, f"/sync-log/{run_id}").shown_text


def test_htmx_gets_the_part_that_changes(pages: FlaskClient) -> None:
    address = _checked(pages, _GERMAN)
    part = pages.get(address, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="import"')
    assert "hx-trigger" not in part, "what is over asks no more"


def test_a_previous_upload_is_come_back_to(pages: FlaskClient) -> None:
    _upload(pages, _GERMAN)
    assert pages.get("/companies/import/1").location == "/companies/import/1/columns"
    listed = _page(pages, "/companies/import")
    assert "Columns to be chosen" in listed.shown_text
    assert listed.leads_to("/companies/import/1")


def test_the_page_of_records_says_nothing_was_lost(pages: FlaskClient) -> None:
    make_company(name="Nord", domain="nord.de", city="Kiel")
    address = _checked(pages, "domain,city\nnord.de,\n")
    assert "There is nothing to import." in _page(pages, address).shown_text
    [company] = pulling.all_rows(Company)
    assert company.city == "Kiel"


def test_the_page_of_the_check_leads_to_its_rows_and_imports_nothing_with_errors(pages: FlaskClient) -> None:
    address = _checked(pages, "name,employees\nNord,3\nWest,many\n")
    check_id = import_of(1).check_id
    page = _page(pages, f"/sync-log/{check_id}")
    assert page.leads_to(address)
    assert not page.has("form", action=f"/sync-log/{check_id}/preview")
    assert pages.post(f"/sync-log/{check_id}/preview").status_code == 409
    assert pulling.companies() == []


def test_a_file_of_companies_is_none_of_contacts(pages: FlaskClient) -> None:
    _checked(pages, _GERMAN)
    assert pages.get("/contacts/import/1").status_code == 404
    assert pages.post("/contacts/import/1/run").status_code == 404
    assert pages.get("/companies/import/2").status_code == 404


def test_an_import_that_was_undone_says_so(pages: FlaskClient) -> None:
    address = _checked(pages, _GERMAN)
    pages.post(f"{address}/run")
    _work_off()
    undo = undo_of(import_of(1).run_id or 0)
    page = _page(pages, address)
    assert "It was undone since" in page.shown_text
    assert page.leads_to(f"/sync-log/{undo.id}")
