"""*Personal data*: an administrator looks somebody up, takes what is kept, and erases it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_connection, make_contact, make_link
from tests.support.usecases import pulling
from webapp.models import Erasure, User
from webapp.usecases.privacy import person as persons

LogIn = Callable[[User], FlaskClient]

pytestmark = [pytest.mark.usefixtures("in_app"), pytest.mark.one_database]


@pytest.fixture
def pages(logged_in: LogIn, administrator: User) -> FlaskClient:
    connection = make_connection()
    contact = make_contact(make_company().id, first_name="Eva", last_name="Roth", email="eva@nord.de")
    make_link(connection.id, "contacts", contact.id, "601")
    return logged_in(administrator)


def test_it_is_said_what_is_kept_and_what_hubspot_keeps(pages: FlaskClient) -> None:
    shown = pages.post("/personal-data", data={"who": "EVA@nord.de"}).text
    for text in ("Eva Roth", "The record, its further addresses", "Twinbook does not change HubSpot"):
        assert text in shown


@pytest.mark.parametrize(("who", "code"), [("", 400), ("Eva", 400), ("9" * 40, 400), ("max@nord.de", 404)])
def test_who_is_nobody_is_said_beside_the_field(pages: FlaskClient, who: str, code: int) -> None:
    answer = pages.post("/personal-data", data={"who": who})
    assert answer.status_code == code
    assert 'class="error"' in answer.text


def test_without_a_tick_nothing_is_erased(pages: FlaskClient) -> None:
    answer = pages.post("/personal-data/erasure", data={"who": "eva@nord.de"})
    assert (answer.status_code, "tick that you are sure" in answer.text) == (422, True)
    assert len(pulling.contacts()) == 1
    form = read_page(answer.text).one("form", action="/personal-data/erasure")
    assert form.form_values()["who"] == "eva@nord.de", "nobody has to be looked up again"


def test_the_record_goes_at_once_and_the_rest_behind_it(pages: FlaskClient) -> None:
    assert "Nothing has been erased so far" in pages.get("/personal-data").text
    form = {"who": "eva@nord.de", "sure": "on"}
    assert pages.post("/personal-data/erasure", data=form).status_code == 303
    assert pulling.contacts() == []
    assert "going through the log" in pages.get("/personal-data").text
    persons.go_on_forgotten(current_services())
    shown = pages.get("/personal-data").text
    assert "going through the log" not in shown
    assert "Eva Roth" not in shown
    assert "nord.de" not in shown
    [erasure] = pulling.all_rows(Erasure)
    assert erasure.began_by_id is not None


def test_what_is_kept_is_a_file(pages: FlaskClient) -> None:
    answer = pages.post("/personal-data/export", data={"who": "eva@nord.de"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="personal-data.json"'
    assert "Roth" in answer.text


@pytest.mark.usefixtures("in_app", "pages")
def test_a_member_gets_none_of_it(logged_in: LogIn, member: User) -> None:
    for address in ("", "/export", "/erasure"):
        assert logged_in(member).post(f"/personal-data{address}", data={"who": "1"}).status_code == 403
    assert logged_in(member).get("/personal-data").status_code == 403
