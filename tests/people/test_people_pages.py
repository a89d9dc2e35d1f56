"""The page of the people: who sees it, roles, and who can never be locked out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import read_page
from tests.support.samples.factories import change_run, make_connection, make_run
from tests.support.samples.users import add_user
from webapp.models import User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.mark.parametrize("path", ["/people", "/people/1", "/audit", "/audit/entries.csv", "/settings"])
def test_members_see_none_of_it(logged_in: LogIn, administrator: User, member: User, path: str) -> None:
    assert logged_in(member).get(path).status_code == 403
    assert logged_in(administrator).get(path).status_code == 200
    assert not read_page(logged_in(member).get("/contacts").text).leads_to("/people")
    assert read_page(logged_in(administrator).get("/contacts").text).leads_to("/people")


@pytest.mark.parametrize("verb", ["role", "deactivation", "reactivation", "link", "sessions/end"])
def test_members_change_nobody(logged_in: LogIn, administrator: User, member: User, verb: str) -> None:
    answer = logged_in(member).post(f"/people/{administrator.id}/{verb}", data={"role": "member"})
    assert answer.status_code == 403


def test_everybody_is_listed_with_their_state(logged_in: LogIn, administrator: User, member: User) -> None:
    boss = logged_in(administrator)
    boss.post(f"/people/{member.id}/deactivation")
    rows = [row.shown_text for row in read_page(boss.get("/people").text).one("tbody").all("tr")]
    assert len(rows) == 2
    assert "Ada Administrator (you) ada@example.com Administrator Active" in rows[0]
    assert "Mem Member mem@example.com Member Deactivated never 0" in rows[1]


def test_what_is_wrong_with_an_invitation_stands_beside_its_field(
    logged_in: LogIn, administrator: User, member: User
) -> None:
    boss = logged_in(administrator)
    answer = boss.post("/people", data={"name": " ", "email": "nothing", "role": "member"})
    page = read_page(answer.text)
    assert answer.status_code == 422
    assert "1 to 200 characters" in page.one("p", id="name-error").shown_text
    assert "not an e-mail address" in page.one("p", id="email-error").shown_text
    assert page.one("input", id="email")["value"] == "nothing"
    taken = boss.post("/people", data={"name": "M", "email": member.email, "role": "member"})
    assert "There is a user mem@example.com already." in taken.text


@pytest.mark.every_database
def test_the_last_administrator_can_neither_deactivate_nor_demote_themselves(
    app: Flask, logged_in: LogIn, administrator: User
) -> None:
    boss = logged_in(administrator)
    for verb in ("role", "deactivation"):
        answer = boss.post(f"/people/{administrator.id}/{verb}", data={"role": "member"})
        assert "This is the last administrator" in boss.get(answer.location).text
    other = add_user(app, "bob@example.com", "Bob", "administrator")
    boss.post(f"/people/{administrator.id}/role", data={"role": "member"})
    assert boss.get("/people").status_code == 403
    bob = logged_in(other)
    bob.post(f"/people/{other.id}/deactivation")
    assert bob.get("/people").status_code == 200


def test_a_deactivated_person_is_out_at_once_and_back_when_reactivated(
    logged_in: LogIn, administrator: User, member: User
) -> None:
    boss, mem, asleep = logged_in(administrator), logged_in(member), logged_in(member)
    boss.post(f"/people/{member.id}/deactivation")
    assert mem.get("/companies").status_code == 303
    boss.post(f"/people/{member.id}/reactivation")
    assert asleep.get("/companies").status_code == 303, "the session does not come back"
    assert logged_in(member).get("/companies").status_code == 200


def test_sessions_are_named_by_browser_and_ended_one_by_one(
    app: Flask, logged_in: LogIn, administrator: User, member: User
) -> None:
    boss, first, second = logged_in(administrator), logged_in(member), logged_in(member)
    page = read_page(boss.get(f"/people/{member.id}").text)
    numbers = [one["value"] for one in page.all("button", name="session")]
    assert len(numbers) == 2
    boss.post(f"/people/{member.id}/sessions/end", data={"session": min(numbers)})
    assert (first.get("/companies").status_code, second.get("/companies").status_code) == (303, 200)
    boss.post(f"/people/{member.id}/sessions/end")
    assert second.get("/companies").status_code == 303
    assert boss.get("/companies").status_code == 200
    del app


def test_the_session_of_somebody_else_is_not_ended_under_another_name(
    logged_in: LogIn, administrator: User, member: User
) -> None:
    boss, mem = logged_in(administrator), logged_in(member)
    number = read_page(boss.get(f"/people/{member.id}").text).one("button", name="session")["value"]
    boss.post(f"/people/{administrator.id}/sessions/end", data={"session": number})
    logged_in(administrator).post("/profile/sessions/end", data={"session": number})
    assert mem.get("/companies").status_code == 200


def test_nobody_is_found_under_a_number_that_is_nobodys(logged_in: LogIn, administrator: User) -> None:
    boss = logged_in(administrator)
    assert boss.get("/people/4711").status_code == 404
    assert boss.post("/people/4711/deactivation").status_code == 404
    huge = boss.post("/people/1/sessions/end", data={"session": "9" * 30})
    assert huge.status_code == 303


def test_an_unknown_role_is_given_to_nobody(logged_in: LogIn, administrator: User, member: User) -> None:
    boss = logged_in(administrator)
    assert boss.post(f"/people/{member.id}/role", data={"role": "emperor"}).status_code == 400
    answer = boss.post("/people", data={"name": "N", "email": "n@example.com", "role": "emperor"})
    assert answer.status_code == 422


def test_who_deactivates_somebody_sees_what_they_have_started(
    app: Flask, logged_in: LogIn, administrator: User
) -> None:
    other = add_user(app, "bo@example.com", "Bo Boss", "administrator")
    with app.app_context():
        connection_id = make_connection().id
        run_id = make_run(connection_id, kind="delete", state="running", started_by_id=other.id).id
        make_run(connection_id, kind="pull", state="queued", started_by_id=administrator.id)
    boss = logged_in(administrator)
    answer = boss.post(f"/people/{other.id}/deactivation", follow_redirects=True)
    shown = read_page(answer.text).one("section", **{"aria-labelledby": "open-runs"})
    assert [link["href"] for link in shown.all("a")] == [f"/sync-log/{run_id}"]
    with app.app_context():
        change_run(run_id, state="cancelled")
    assert "Runs at work" not in boss.get(f"/people/{other.id}").text
