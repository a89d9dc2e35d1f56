"""Values of custom fields: on forms, records and in CSV files, by their definitions (B28, B43)."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company
from tests.support.usecases import pulling
from webapp.domain.records.fields import Field
from webapp.domain.records.validate import check
from webapp.text.records.records import value_problem

FIELDS = (
    Field("custom.seats", "Seats", "number", 40),
    Field("custom.ends", "Contract end", "date", 40),
    Field("custom.called", "Last call", "datetime", 40),
    Field("custom.vip", "VIP", "yes_no", 40),
    Field("custom.level", "Level", "choice", 100, ("Gold", "Silver", "Tin"), ("Tin",)),
    Field("custom.tags", "Tags", "choices", 5_000, ("Red", "Green", "Blue")),
    Field("custom.mail", "Second e-mail", "email", 254),
)


@pytest.fixture
def defined(ada: FlaskClient) -> FlaskClient:
    """An administrator who has defined these fields of companies."""
    for number, field in enumerate(FIELDS, 1):
        given = {"object_type": "companies", "name": field.name.removeprefix("custom."), "label": field.label}
        given |= {"kind": field.kind, "options": "\n".join(field.options)}
        assert ada.post("/custom-fields", data=given).status_code == 303
        retired = {"label": field.label, "added": "", "retired": list(field.retired)}
        assert ada.post(f"/custom-fields/{number}", data=retired).status_code == 303
    return ada


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("seats", "12", 12),
        ("seats", "1 200.5", 1200.5),
        ("ends", "2026-11-24", "2026-11-24"),
        ("called", "2026-11-24 08:15", "2026-11-24T08:15:00.000Z"),
        ("vip", "Yes", True),
        ("vip", "false", False),
        ("level", "silver", "Silver"),
        ("tags", "blue;Red", "Red;Blue"),
        ("mail", "A@EXAMPLE.com", "A@example.com"),
    ],
)
def test_what_is_typed_becomes_a_value_of_the_type(name: str, typed: str, stored: object) -> None:
    checked = check("companies", {"name": "A", f"custom.{name}": typed}, {}, FIELDS)
    assert (checked.errors, checked.values[f"custom.{name}"]) == ({}, stored)


@pytest.mark.parametrize(
    ("name", "typed", "text"),
    [
        ("seats", "many", "A number"),
        ("ends", "20261124", "A date, for example"),
        ("ends", "24/11/2026", "A date, for example"),
        ("called", "noon", "A date and time in UTC"),
        ("vip", "perhaps", "yes or no"),
        ("level", "Tin", "“Tin” is none of: Gold, Silver."),
        ("tags", "Red;Mauve", "“Mauve” is none of"),
        ("mail", "nowhere", "not an e-mail address"),
    ],
)
def test_what_does_not_fit_the_type_is_refused(name: str, typed: str, text: str) -> None:
    checked = check("companies", {"name": "A", f"custom.{name}": typed}, {}, FIELDS)
    assert text in value_problem(checked.errors[f"custom.{name}"])


def test_a_retired_option_stays_where_it_is_held() -> None:
    stored = {"name": "A", "custom.level": "Tin"}
    checked = check("companies", {"custom.level": "Tin"}, stored, FIELDS)
    assert (checked.errors, checked.values["custom.level"]) == ({}, "Tin")


def test_a_record_is_edited_and_shown_by_the_definitions(app: Flask, defined: FlaskClient) -> None:
    values = {
        "name": "Nordlicht",
        "custom.seats": "12.5",
        "custom.vip": "false",
        "custom.level": "Gold",
        "custom.tags": ["", "Red", "Blue"],
    }
    answer = defined.post("/companies", data=values)
    assert answer.status_code == 303, answer.text
    with app.app_context():
        [company] = pulling.companies()
        assert company.custom == {"seats": 12.5, "vip": False, "level": "Gold", "tags": "Red;Blue"}
    page = defined.get("/companies/1").text
    for shown in (
        "<dt>Seats</dt><dd>12.5</dd>",
        "<dt>VIP</dt><dd>no</dd>",
        "<dt>Tags</dt><dd>Red, Blue</dd>",
    ):
        assert shown in page
    form = defined.get("/companies/1/edit").text
    assert read_page(form).one("option", value="false", selected=True).shown_text == "No"
    assert not read_page(form).has("option", value="Tin")
    refused = defined.post("/companies", data=values | {"custom.seats": "many"})
    assert refused.status_code == 422
    assert "A number, for example 12.5." in refused.text


@pytest.mark.one_database
def test_the_last_of_several_choices_can_be_taken_away(app: Flask, defined: FlaskClient) -> None:
    defined.post("/companies", data={"name": "Nordlicht", "custom.tags": ["", "Red"]})
    answer = defined.post("/companies/1", data={"version": "1", "name": "Nordlicht", "custom.tags": ""})
    assert answer.status_code == 303
    with app.app_context():
        assert pulling.company(1).custom is None


@pytest.mark.one_database
@pytest.mark.usefixtures("defined")
def test_csv_files_hold_and_judge_them(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        make_company(name="Old", custom={"seats": 3, "tags": "Red;Blue", "note": "free"})
    out = app.test_cli_runner().invoke(args=["records", "export", "companies"]).stdout
    header, row = csv.reader(io.StringIO(out))
    cells = dict(zip(header, row, strict=True))
    assert (cells["custom.seats"], cells["custom.tags"], cells["custom.note"]) == ("3", "Red;Blue", "free")
    assert "custom.ends" in header
    file = tmp_path / "in.csv"
    file.write_text("name,custom.seats,custom.tags\r\nGood,4.5,Green;Red\r\nBad,x,Mauve\r\n", newline="")
    done = app.test_cli_runner().invoke(args=["records", "import", "companies", str(file), "--skip-bad-rows"])
    assert done.exit_code == 1
    assert "custom.seats: A number" in done.stderr
    with app.app_context():
        assert pulling.companies()[-1].custom == {"seats": 4.5, "tags": "Red;Green"}
