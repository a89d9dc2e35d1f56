"""The palette: pages, actions and records by a few letters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import Element, read_page
from tests.support.samples.factories import make_company, make_connection, make_contact
from webapp.models.people.users import User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def book(app: Flask) -> None:
    with app.app_context():
        company = make_company(name="Nordwind", domain="nordwind.example")
        make_contact(company.id, first_name="Nora", last_name="Berg", email="nora@nordwind.example")


def results(client: FlaskClient, search: str) -> Element:
    answer = client.get("/palette", query_string={"q": search}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return read_page(answer.text)


@pytest.mark.usefixtures("book")
@pytest.mark.every_database
def test_records_of_both_kinds_are_found(logged_in: LogIn, member: User) -> None:
    found = results(logged_in(member), "nor")
    assert found.leads_to("/companies/1")
    assert found.leads_to("/contacts/1")
    assert "nora@nordwind.example" in found.shown_text


@pytest.mark.usefixtures("book")
def test_pages_and_actions_are_found_by_every_word_of_theirs(logged_in: LogIn, administrator: User) -> None:
    client = logged_in(administrator)
    assert results(client, "MAPPING field").leads_to("/integrations/hubspot/fields")
    assert results(client, "new con").leads_to("/contacts/new")
    assert not results(client, "new con").leads_to("/companies/new")


def test_without_letters_it_lists_pages_and_actions(logged_in: LogIn, administrator: User) -> None:
    found = results(logged_in(administrator), "")
    assert found.leads_to("/sync-log")
    assert found.leads_to("/companies/new")


OF_ADMINISTRATORS = ("/people", "/audit", "/settings", "/custom-fields")


def test_it_lists_each_page_once(logged_in: LogIn, administrator: User) -> None:
    found = results(logged_in(administrator), "")
    assert all(found.leads_to(address) for address in (*OF_ADMINISTRATORS, "/profile/notifications"))
    labels = [link.shown_text for link in found.all("a")]
    assert len(labels) == len(set(labels))


def test_a_member_is_shown_no_page_of_administrators(logged_in: LogIn, member: User) -> None:
    found = results(logged_in(member), "")
    assert not any(found.leads_to(address) for address in OF_ADMINISTRATORS)
    assert found.leads_to("/sync-log/reasons")
    assert found.leads_to("/profile/notifications")


def test_it_lists_every_page_of_the_menus(logged_in: LogIn, administrator: User, member: User) -> None:
    for user in (administrator, member):
        client = logged_in(user)
        head = read_page(client.get("/contacts").text).one("header")
        in_menus = {link["href"] for link in head.all("a")} - {"/palette"}
        assert len(in_menus) > 8
        assert in_menus - {link["href"] for link in results(client, "").all("a")} == set()
    assert results(logged_in(administrator), "import con").leads_to("/contacts/import")
    assert not results(logged_in(member), "import").all("a")


def test_every_page_that_it_lists_opens(app: Flask, logged_in: LogIn, administrator: User) -> None:
    with app.app_context():
        make_connection()
    client = logged_in(administrator)
    links = results(client, "").all("a")
    assert len(links) > 10
    texts = [link.shown_text for link in links]
    assert len(texts) == len(set(texts))
    for link in links:
        assert client.get(link["href"], follow_redirects=True).status_code == 200, link["href"]


def test_where_nothing_fits_it_says_so(logged_in: LogIn, member: User) -> None:
    assert "Nothing matches “zzz”" in results(logged_in(member), "zzz").shown_text


def test_without_script_it_is_a_page_with_a_form(logged_in: LogIn, member: User) -> None:
    page = read_page(logged_in(member).get("/palette?q=sync").text)
    assert page.one("h1").shown_text == "Go to"
    assert page.one("main").leads_to("/sync-log")
    assert page.one("main").one("form", method="get").form_values() == {"q": "sync"}


def test_every_page_leads_to_it(logged_in: LogIn, member: User) -> None:
    head = read_page(logged_in(member).get("/contacts").text).one("header")
    assert head.leads_to("/palette")
