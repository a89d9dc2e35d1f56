"""What becomes of an account while somebody's password is looked at: the slower one undoes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.support.applications.services import reading, writing
from tests.support.samples.users import PASSWORD
from webapp.app import services_of
from webapp.models import LoginSession, User
from webapp.services import Services
from webapp.store.people import mailed_links, sessions, users
from webapp.usecases.people import accounts, passwords

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
Act = Callable[[Services, int], object]
Meanwhile = Callable[[Act, User], None]
CHOSEN = "the hash of another password"


@pytest.fixture
def meanwhile(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Has something be done to a person between the look at their password and what follows."""

    def have_done(act: Act, user: User) -> None:
        look = passwords.is_right

        def look_slowly(password_hash: str | None, password: str) -> bool:
            found = look(password_hash, password)
            monkeypatch.setattr(passwords, "is_right", look)
            act(services_of(app), user.id)
            return found

        monkeypatch.setattr(passwords, "is_right", look_slowly)

    return have_done


def change(services: Services, user_id: int) -> None:
    assert accounts.change_password(services, user_id, CHOSEN)


def log_in(client: FlaskClient, user: User) -> int:
    return client.post("/login", data={"email": user.email, "password": PASSWORD}).status_code


def stored(app: Flask, user: User) -> tuple[str, str]:
    """The address and the hash that somebody has by now."""
    with app.app_context(), reading() as session:
        now = session.get_one(User, user.id)
        return now.email, now.password_hash


@pytest.mark.every_database
@pytest.mark.parametrize("act", [change, accounts.deactivate])
def test_whose_password_or_account_is_gone_by_then_is_not_logged_in(
    app: Flask, client: FlaskClient, member: User, meanwhile: Meanwhile, act: Act
) -> None:
    meanwhile(act, member)
    assert log_in(client, member) == 422
    assert client.get("/companies").status_code == 303
    with app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(LoginSession)) == 0


@pytest.mark.every_database
def test_a_session_or_link_made_while_its_person_was_deactivated_is_worth_nothing(
    app: Flask, member: User
) -> None:
    now = datetime.now(UTC)
    with app.app_context(), writing() as session:
        users.change(session, member.id, {"is_active": False})
        made = sessions.begin(session, member.id, "cookie", now, address="", browser=("", ""))
        mailed_links.add(session, member.id, "reset", "link", now)
        assert sessions.find(session, "cookie", now) is None
        assert sessions.lasting(session, [made.id], now) == set()
        assert mailed_links.find(session, "link", now) is None


def test_a_session_that_a_failed_log_in_would_have_replaced_goes_on(
    logged_in: LogIn, administrator: User, member: User, meanwhile: Meanwhile
) -> None:
    client = logged_in(administrator)
    meanwhile(change, member)
    assert log_in(client, member) == 422
    assert client.get("/people").status_code == 200


def test_a_hash_that_a_log_in_renews_does_not_bring_the_old_password_back(
    app: Flask, client: FlaskClient, member: User, meanwhile: Meanwhile
) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=2).hash(PASSWORD)
    accounts.change_password(services_of(app), member.id, older)
    meanwhile(change, member)
    assert log_in(client, member) == 422
    assert stored(app, member) == (member.email, CHOSEN)


@pytest.mark.every_database
def test_of_two_who_change_a_password_at_once_the_first_one_does(
    app: Flask, logged_in: LogIn, member: User, meanwhile: Meanwhile
) -> None:
    """Whoever came upon the old one would else keep its person out."""
    client = logged_in(member)
    meanwhile(change, member)
    new = "four words of nothing"
    form = {"current_password": PASSWORD, "new_password": new, "new_password_again": new}
    answer = client.post("/profile/password", data=form)
    assert (answer.status_code, "not your present password" in answer.text) == (422, True)
    assert stored(app, member) == (member.email, CHOSEN)


@pytest.mark.every_database
def test_an_address_is_not_changed_by_a_password_that_is_gone_by_then(
    app: Flask, logged_in: LogIn, member: User, meanwhile: Meanwhile
) -> None:
    client = logged_in(member)
    meanwhile(change, member)
    form = {"name": "Mem", "email": "eve@example.com", "current_password_for_email": PASSWORD}
    answer = client.post("/profile", data=form)
    assert (answer.status_code, "not your present password" in answer.text) == (422, True)
    assert stored(app, member) == (member.email, CHOSEN)
