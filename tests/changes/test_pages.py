"""Doing something with many records from a list: by administrators, in plain forms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.support.applications.services import writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_contact
from tests.support.usecases import pulling
from webapp.models import Run, User
from webapp.store.records.listing import counting

pytestmark = [pytest.mark.usefixtures("connection_id"), pytest.mark.one_database]

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def pages(logged_in: LogIn, administrator: User) -> FlaskClient:
    return logged_in(administrator)


def _tell_the_planner() -> None:
    """PostgreSQL estimates by what it knows of a table."""
    with writing() as session:
        session.execute(text("ANALYZE"))


def _latest() -> Run:
    return pulling.all_rows(Run)[-1]


def test_a_list_leads_to_what_an_action_does_with_those_ticked(pages: FlaskClient, firms: list[int]) -> None:
    page = read_page(pages.get("/companies?q=irm").text)
    bar = page.one("form", id="several")
    assert bar["action"] == "/companies/changes"
    assert bar.form_values()["q"] == "irm"
    answer = pages.get(f"/companies/changes?do=status&which=chosen&id={firms[0]}&id={firms[1]}")
    shown = read_page(answer.text)
    assert "Set the status: 2 companies" in shown.shown_text
    form = shown.one("main").all("form")[0].form_values()
    answer = pages.post("/companies/changes", data=form | {"status": "Customer", "id": firms[:2]})
    assert answer.status_code == 303
    run = pulling.worked_off(_latest().id)
    assert answer.location == f"/sync-log/{run.id}"
    assert [company.status for company in pulling.companies()] == ["Customer", "Customer", "Lead"]
    text = pages.get(f"/sync-log/{run.id}").text
    assert "Bulk change" in text
    assert read_page(text).leads_to(f"/sync-log/{run.id}/undo")


@pytest.mark.usefixtures("firms")
def test_all_that_the_list_finds_can_be_meant_and_previewed_first(pages: FlaskClient) -> None:
    make_company(name="Other", domain=None)
    shown = read_page(pages.get("/companies/changes?do=deactivate&which=all&q=irm").text)
    assert "Deactivate: 3 companies" in shown.shown_text
    form = shown.one("main").all("form")[0].form_values()
    pages.post("/companies/changes", data=form | {"preview": "1"})
    preview = pulling.worked_off(_latest().id)
    assert (preview.is_preview, preview.counts) == (True, {"companies": {"updated": 3}})
    assert all(company.is_active for company in pulling.companies())


@pytest.mark.usefixtures("firms")
@pytest.mark.every_database
@pytest.mark.parametrize(
    ("narrowed", "text"), [("", "about 3 companies"), ("&linked=unlinked", "over 2 companies")]
)
def test_very_many_are_counted_as_lists_count_them_and_the_run_counts_exactly(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch, narrowed: str, text: str
) -> None:
    for module, name in ((counting, "MOST_COUNTED"), (counting, "FEW_MATCHES")):
        monkeypatch.setattr(module, name, 2)
    _tell_the_planner()
    shown = read_page(pages.get(f"/companies/changes?do=deactivate&which=all{narrowed}").text)
    assert f"Deactivate: {text}" in shown.shown_text
    assert "The run counts them exactly when it begins." in shown.shown_text
    later = make_company(name="Later", domain=None)
    pages.post("/companies/changes", data=shown.one("main").all("form")[0].form_values())
    run = pulling.worked_off(_latest().id)
    assert (run.totals, run.counts) == ({"companies": 3}, {"companies": {"updated": 3}})
    assert [one.id for one in pulling.companies() if one.is_active] == [later.id]


def test_a_company_for_many_contacts_is_found_without_javascript(
    pages: FlaskClient, firms: list[int]
) -> None:
    contact = make_contact(firms[0], email=None)
    address = "/contacts/changes"
    shown = read_page(pages.get(f"{address}?do=company&which=chosen&id={contact.id}").text)
    form = shown.one("main").all("form")[0].form_values()
    found = read_page(pages.post(address, data=form | {"find": "1", "company_search": "irm 2"}).text)
    assert "Firm 2" in found.one(id="company-choices").shown_text
    pages.post(address, data=form | {"company_id": firms[2]})
    pulling.worked_off(_latest().id)
    assert pulling.contacts()[0].company_id == firms[2]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("do=&which=chosen&id=1", "First choose what to do with them."),
        ("do=status&which=chosen", "None was chosen: first tick the ones you mean."),
        ("do=company&which=chosen&id=1", "First choose what to do with them."),
        ("do=status&which=all&linked=excluded", "tick the ones you mean"),
    ],
)
def test_half_a_choice_leads_back_to_the_list_and_says_so(
    pages: FlaskClient, query: str, message: str
) -> None:
    answer = pages.get(f"/companies/changes?{query}")
    assert answer.status_code == 303
    assert message in pages.get(answer.location).text


def test_deleting_many_goes_to_its_own_page_with_the_same_choice(
    pages: FlaskClient, firms: list[int]
) -> None:
    answer = pages.get(f"/companies/changes?do=delete&which=chosen&id={firms[0]}&id={firms[2]}&q=irm")
    shown = read_page(pages.get(answer.location).text)
    assert "Delete 2 companies?" in shown.shown_text


@pytest.mark.usefixtures("firms")
def test_what_is_refused_says_why(pages: FlaskClient) -> None:
    answer = pages.post("/companies/changes", data={"do": "status", "which": "all", "status": "King"})
    assert "Choose the status that they get." in answer.text


@pytest.mark.usefixtures("firms")
def test_members_do_nothing_with_many(logged_in: LogIn, member: User) -> None:
    pages = logged_in(member)
    assert not read_page(pages.get("/companies").text).has("form", id="several")
    assert pages.get("/companies/changes?do=status&which=all").status_code == 403
    assert pages.post("/companies/changes", data={"do": "status", "which": "all"}).status_code == 403


def test_the_undo_of_a_switch_says_what_is_switched_back_and_sends_nothing(
    pages: FlaskClient, firms: list[int]
) -> None:
    pages.post("/companies/changes", data={"do": "stop", "which": "chosen", "id": firms})
    run = pulling.worked_off(_latest().id)
    page = read_page(pages.get(f"/sync-log/{run.id}/undo").text)
    assert "What it stopped syncing syncs again" in page.shown_text
    assert "each field gets back" not in page.shown_text
    assert not page.has("input", name="sends")


def test_a_choice_that_was_forgotten_is_asked_for_on_the_same_page(
    pages: FlaskClient, firms: list[int]
) -> None:
    contact = make_contact(firms[0])
    for path, form, text_shown in (
        ("/companies/changes", {"do": "status", "id": firms[0]}, "Choose the status"),
        ("/contacts/changes", {"do": "company", "id": contact.id}, "Choose a company first"),
        ("/contacts/changes", {"do": "company", "id": contact.id, "company_id": 999}, "Choose another one"),
    ):
        answer = pages.post(path, data={**form, "which": "chosen", "company_search": "irm"})
        page = read_page(answer.text)
        assert (answer.status_code, text_shown in page.one("p", role="alert").shown_text) == (422, True)
        assert page.has("input", name="id", value=str(form["id"])), "those ticked are ticked still"
    assert pulling.all_rows(Run) == []
