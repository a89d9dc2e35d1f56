"""One's own account: what a person changes about themselves, and what it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import read_page
from tests.support.samples.users import PASSWORD
from webapp.models import User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
NEW = "four words of nothing"


def saved(client: FlaskClient, **values: str) -> str:
    given = {"name": "Mem Member", "email": "mem@example.com", "time_zone": "", "language": ""}
    answer = client.post("/profile", data={**given, **values}, follow_redirects=True)
    return answer.text


def change(client: FlaskClient, current: str, new: str = NEW, again: str | None = None) -> str:
    data = {"current_password": current, "new_password": new, "new_password_again": again or new}
    return client.post("/profile/password", data=data, follow_redirects=True).text


def test_name_zone_and_language_are_kept(logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    page = saved(client, name="  Mem   Newname ", time_zone="Europe/Berlin", language="de")
    values = read_page(page).form_values()
    assert (values["name"], values["time_zone"], values["language"]) == ("Mem Newname", "Europe/Berlin", "de")


@pytest.mark.parametrize(
    ("values", "field", "text"),
    [
        ({"name": ""}, "name", "1 to 200"),
        ({"name": "x" * 201}, "name", "1 to 200"),
        ({"email": "nothing"}, "email", "not an e-mail address"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone", "no time zone Europe/Atlantis"),
        ({"time_zone": "../../etc/passwd"}, "time_zone", "no time zone"),
        ({"language": "tlh"}, "language", "no language tlh"),
    ],
)
def test_what_does_not_fit_is_named_beside_its_field(
    logged_in: LogIn, member: User, values: dict[str, str], field: str, text: str
) -> None:
    page = read_page(saved(logged_in(member), **values))
    assert text in page.one("p", id=f"{field}-error").shown_text


def test_another_address_takes_the_password_and_is_taken_once(
    logged_in: LogIn, member: User, administrator: User
) -> None:
    client = logged_in(member)
    assert "not your present password" in saved(client, email="new@example.com")
    assert "not your present password" in saved(
        client, email="new@example.com", current_password_for_email="a guess of mine"
    )
    taken = saved(client, email=administrator.email, current_password_for_email=PASSWORD)
    assert "There is a user ada@example.com already." in taken
    assert "Your profile was saved." in saved(
        client, email="New@example.com", current_password_for_email=PASSWORD
    )
    member.email = "new@example.com"
    assert logged_in(member).get("/profile").status_code == 200


def test_a_changed_password_ends_all_sessions_but_this_one(logged_in: LogIn, member: User) -> None:
    here, there = logged_in(member), logged_in(member)
    assert "your other sessions were ended" in change(here, PASSWORD)
    assert here.get("/companies").status_code == 200
    assert there.get("/companies").status_code == 303
    assert there.post("/login", data={"email": member.email, "password": PASSWORD}).status_code == 422
    assert there.post("/login", data={"email": member.email, "password": NEW}).status_code == 303


@pytest.mark.every_database
def test_a_cookie_copied_before_a_password_was_changed_is_worth_nothing(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    """Not even that of the browser in which it was changed."""
    client, thief = logged_in(member), app.test_client()
    cookie = client.get_cookie("twinbook_session")
    assert cookie is not None
    thief.set_cookie("twinbook_session", cookie.value)
    assert thief.get("/companies").status_code == 200
    assert "your other sessions were ended" in change(client, PASSWORD)
    assert client.get("/companies").status_code == 200
    assert thief.get("/companies").status_code == 303


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("wrong password",), "not your present password"),
        ((PASSWORD, "short"), "at least 10 characters"),
        ((PASSWORD, "qwertyuiop"), "easy to guess"),
        ((PASSWORD, "xyyxyxxxyxyx"), "easy to guess"),
        ((PASSWORD, "mem member!"), "consists of your name"),
        ((PASSWORD, NEW, "something else"), "passwords differ"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    logged_in: LogIn, member: User, arguments: tuple[str, ...], text: str
) -> None:
    client, other = logged_in(member), logged_in(member)
    assert text in change(client, *arguments)
    assert other.get("/companies").status_code == 200


def test_who_found_an_open_browser_gets_ten_guesses_at_the_password(logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    for _ in range(10):
        change(client, "a guess of mine")
    assert "not your present password" in change(client, PASSWORD)


def test_ones_sessions_are_listed_and_ended_but_this_one(app: Flask, logged_in: LogIn, member: User) -> None:
    here, first, second = logged_in(member), logged_in(member), app.test_client()
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"
    second.post("/login", data={"email": member.email, "password": PASSWORD}, headers={"User-Agent": phone})
    page = read_page(here.get("/profile").text)
    listed = [one.shown_text for one in page.one("ul", class_="session-list").all("li")]
    assert sum("This one" in one for one in listed) == 1
    assert any("Safari on iPhone" in one and "from 127.0.0.1" in one for one in listed)
    [ended] = [
        one.one("button", name="session")["value"] for one in page.all("li") if "iPhone" in one.shown_text
    ]
    here.post("/profile/sessions/end", data={"session": ended})
    assert (first.get("/companies").status_code, second.get("/companies").status_code) == (200, 303)
    here.post("/profile/sessions/end", data={"session": "nonsense"})
    assert first.get("/companies").status_code == 200, "what is no number ends nothing"
    here.post("/profile/sessions/end")
    assert (here.get("/companies").status_code, first.get("/companies").status_code) == (200, 303)
