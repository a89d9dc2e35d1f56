"""An import in a browser: live, on a phone, and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.support.applications.served import ServedApp
from tests.support.pages.browser import log_in
from tests.support.samples.factories import make_company, make_connection
from tests.support.samples.users import PASSWORD
from webapp.models import User

pytestmark = pytest.mark.browser

_TEXT = (
    "Company name;Street Address;Postal Code;City;Number of Employees;Remark\n"
    "Nordlicht Verlag;Holm 1;24103;Kiel;12;\n"
    "West GmbH;Am See 2;80331;München;viele;calls back on Friday\n"
    "Ostwind AG;;10115;Berlin;30;\n"
)


@pytest.fixture
def book(app: Flask, served_app: ServedApp, administrator: User) -> ServedApp:
    """A book that is connected, with a company that a row of the file looks like."""
    with app.app_context():
        make_connection()
        make_company(
            name="Nordlicht Verlag GmbH", domain=None, street="Holm 1", postcode="24103", city="Kiel"
        )
    assert administrator
    return served_app


@pytest.fixture
def visiting(page: Page, book: ServedApp, administrator: User) -> Page:
    """An administrator's browser."""
    log_in(page.context, book.url, administrator.email, PASSWORD)
    return page


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file as a spreadsheet in Germany writes it."""
    path = tmp_path / "Firmen 2026.csv"
    path.write_bytes(_TEXT.encode("cp1252"))
    return path


def _go_through(page: Page, address: str, file: Path, *, reload: bool = False) -> None:
    """From the list of companies to the imported records."""
    page.goto(f"{address}/companies")
    page.get_by_role("link", name="Import a CSV file").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("3 rows · Windows-1252 · semicolons")).to_be_visible()
    expect(page.get_by_label("Number of Employees")).to_have_value("employees")
    page.get_by_label("Remark").select_option("description")
    page.get_by_role("button", name="Check the file").click()
    _until(page, "Import the 2 good rows", reload=reload)
    expect(page.get_by_text("A whole number, for example 250.")).to_be_visible()
    expect(page.get_by_role("link", name="Nordlicht Verlag GmbH")).to_be_visible()
    page.get_by_role("button", name="Import the 2 good rows").click()
    _until(page, "Imported.", reload=reload)
    expect(page.get_by_text("1 of them looks like another record.")).to_be_visible()


def _until(page: Page, text: str, *, reload: bool) -> None:
    """Wait for a text; without JavaScript a person loads the page again and again."""
    while reload and not page.get_by_text(text).count():
        page.reload()
    expect(page.get_by_text(text).first).to_be_visible()


def test_a_file_is_imported_live_and_undone(visiting: Page, book: ServedApp, file: Path) -> None:
    _go_through(visiting, book.url, file)
    visiting.get_by_role("link", name="Undo the import…").click()
    visiting.get_by_role("button", name="Preview the undo").click()
    visiting.get_by_role("button", name=re.compile("^Undo .*: ")).click()
    expect(visiting.locator("#run-badge")).to_have_text("Finished")
    visiting.goto(f"{book.url}/companies")
    expect(visiting.get_by_role("rowheader")).to_have_text([re.compile("Nordlicht Verlag GmbH")])


def test_without_javascript_nothing_is_missing(
    browser: Browser, book: ServedApp, administrator: User, file: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    log_in(context, book.url, administrator.email, PASSWORD)
    _go_through(context.new_page(), book.url, file, reload=True)
    context.close()


def test_no_page_is_wider_than_a_phone(visiting: Page, book: ServedApp, file: Path) -> None:
    visiting.set_viewport_size({"width": 390, "height": 844})

    def fits() -> bool:
        return bool(visiting.evaluate("document.documentElement.scrollWidth <= 390"))

    visiting.goto(f"{book.url}/companies/import")
    assert fits()
    visiting.get_by_label("File", exact=True).set_input_files(file)
    visiting.get_by_role("button", name="Upload").click()
    expect(visiting.get_by_role("button", name="Check the file")).to_be_visible()
    assert fits()
    visiting.get_by_role("button", name="Check the file").click()
    expect(visiting.get_by_role("button", name="Import the 2 good rows")).to_be_visible()
    assert fits()
    visiting.get_by_role("button", name="Import the 2 good rows").click()
    expect(visiting.get_by_text("Imported.").first).to_be_visible()
    assert fits()


def test_a_list_is_exported_as_it_is_filtered(visiting: Page, book: ServedApp) -> None:
    visiting.goto(f"{book.url}/companies")
    visiting.get_by_role("searchbox").fill("nobody")
    expect(visiting.get_by_text("Nothing matches.")).to_be_visible()
    with visiting.expect_download() as started:
        visiting.get_by_role("link", name="Export this list as CSV").click()
    assert re.fullmatch(r"companies-\d{4}-\d\d-\d\d\.csv", started.value.suggested_filename)
    assert started.value.path().read_text("utf-8-sig").splitlines()[1:] == []
