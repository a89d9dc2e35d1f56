"""Logging in and out, and when a session ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import BadSignature, SignatureExpired
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.applications.services import current_services, reading, writing
from tests.support.pages.page import read_page
from tests.support.samples.users import PASSWORD, add_user
from webapp.models import LoginSession, User
from webapp.store.people import users
from webapp.usecases.people import accounts, clearing, passwords, sessions
from webapp.web.people import login

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


def log_in(
    client: FlaskClient, password: str = PASSWORD, email: str = "ada@example.com", **more: str
) -> TestResponse:
    return client.post("/login", data={"email": email, "password": password, **more})


@pytest.mark.usefixtures("administrator")
def test_a_visitor_is_sent_to_the_login_page_and_back_to_where_they_were_going(client: FlaskClient) -> None:
    sent = client.get("/contacts?q=ada&sort=changed")
    assert sent.status_code == 303
    page = client.get(sent.location)
    assert read_page(page.text).has("input", value="/contacts?q=ada&sort=changed")
    answer = log_in(client, next="/contacts?q=ada&sort=changed")
    assert answer.location == "/contacts?q=ada&sort=changed"
    assert client.get(answer.location).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example/x",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/%0d%0a\r\nSet-Cookie: a=b",
        "evil.example",
        "",
    ],
)
@pytest.mark.usefixtures("administrator")
def test_logging_in_never_leads_to_another_site(client: FlaskClient, target: str) -> None:
    assert log_in(client, next=target).location == "/"


@pytest.mark.usefixtures("administrator")
def test_a_wrong_password_and_an_unknown_person_are_told_the_same(client: FlaskClient) -> None:
    wrong = log_in(client, "not the password")
    unknown = log_in(client, email="nobody@example.com")
    assert wrong.status_code == unknown.status_code == 422
    assert "E-mail or password is wrong." in wrong.text
    assert read_page(wrong.text).shown_text == read_page(unknown.text).shown_text
    assert client.get("/companies").status_code == 303


@pytest.mark.usefixtures("administrator")
@pytest.mark.every_database
def test_the_address_may_be_typed_in_any_case(client: FlaskClient) -> None:
    assert log_in(client, email=" ADA@Example.com ").status_code == 303


@pytest.mark.every_database
def test_a_person_who_was_switched_off_cannot_log_in(
    app: Flask, client: FlaskClient, administrator: User
) -> None:
    with app.app_context(), writing() as session:
        session.get_one(User, administrator.id).is_active = False
    assert log_in(client).status_code == 422


def test_switching_a_person_off_ends_the_session_they_have(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    client = logged_in(member)
    with app.app_context(), writing() as session:
        session.get_one(User, member.id).is_active = False
    assert client.get("/companies").status_code == 303


@pytest.mark.every_database
def test_ending_a_persons_sessions_ends_them_everywhere(app: Flask, logged_in: LogIn, member: User) -> None:
    first, second = logged_in(member), logged_in(member)
    with app.app_context():
        sessions.end_all(current_services(), member.id)
    assert first.get("/companies").status_code == second.get("/companies").status_code == 303
    assert logged_in(member).get("/companies").status_code == 200


def test_logging_out_ends_the_session(logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    assert client.post("/logout").location == "/login"
    assert "You are now logged out." in client.get("/login").text
    assert client.get("/companies").status_code == 303


def test_a_session_left_alone_for_two_hours_is_over(logged_in: LogIn, member: User) -> None:
    with time_machine.travel("2026-11-23 08:00:00+00:00", tick=False) as clock:
        client = logged_in(member)
        clock.shift(2 * 3600 - 60)
        assert client.get("/companies").status_code == 200
        clock.shift(2 * 3600 + 60)
        assert client.get("/companies").status_code == 303


def test_a_session_in_constant_use_is_over_after_twelve_hours(logged_in: LogIn, member: User) -> None:
    with time_machine.travel("2026-11-23 08:00:00+00:00", tick=False) as clock:
        client = logged_in(member)
        for _ in range(12):
            # The use is kept when the answer has gone.
            with client.get("/contacts"):
                pass
            assert client.get("/companies").status_code == 200
            clock.shift(3600 + 1)
        assert client.get("/companies").status_code == 303


def test_htmx_is_told_to_load_the_login_page_when_the_session_is_over(client: FlaskClient) -> None:
    answer = client.get(
        "/contacts?q=a",
        headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/contacts?sort=changed"},
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/contacts?sort%3Dchanged"


def test_a_live_page_is_told_in_its_own_stream_that_the_session_is_over(client: FlaskClient) -> None:
    """Not by the log-in page, which browsers cannot read there and ask for again and again."""
    answer = client.get("/stream", headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    assert answer.text.startswith("event: logged-out\n")
    assert client.get("/stream").location == "/login?next=/stream"


def test_a_password_hashed_with_older_parameters_is_hashed_anew(
    app: Flask, client: FlaskClient, administrator: User
) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=2).hash(PASSWORD)
    with app.app_context(), writing() as session:
        session.get_one(User, administrator.id).password_hash = older
    assert log_in(client).status_code == 303
    with app.app_context(), reading() as session:
        user = users.by_email(session, "ada@example.com")
        assert user is not None
        assert passwords.renewed(older, PASSWORD)
        assert passwords.renewed(user.password_hash, PASSWORD) is None
        assert user.last_login_at is not None
    assert log_in(client).status_code == 303


@pytest.mark.parametrize(("environment", "program"), [("/work/.venv", ".venv/bin/flask"), ("/usr", "flask")])
def test_without_any_user_the_login_page_says_how_to_make_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, environment: str, program: str
) -> None:
    monkeypatch.setattr(login, "FOLDER", Path("/work"))
    monkeypatch.setattr("sys.prefix", environment)
    page = client.get("/login").text
    assert f"<code>{program} --app webapp users add EMAIL --name NAME --admin</code>" in page
    assert 'type="password"' not in page


def test_no_cache_keeps_a_page_with_data(logged_in: LogIn, member: User) -> None:
    answer = logged_in(member).get("/companies")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "HX-Request" in answer.headers["Vary"]


def copied(app: Flask, client: FlaskClient) -> FlaskClient:
    """Another browser with a copy of the cookie."""
    cookie = client.get_cookie("twinbook_session")
    assert cookie is not None
    other = app.test_client()
    other.set_cookie("twinbook_session", cookie.value)
    return other


def test_a_cookie_copied_before_the_log_out_is_dead_at_once(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    client = logged_in(member)
    thief = copied(app, client)
    assert thief.get("/companies").status_code == 200
    client.post("/logout")
    assert thief.get("/companies").status_code == 303


def test_logging_out_ends_no_other_session(logged_in: LogIn, member: User) -> None:
    here, there = logged_in(member), logged_in(member)
    here.post("/logout")
    assert there.get("/companies").status_code == 200


def test_logging_in_gives_a_new_session_and_ends_the_one_that_the_browser_had(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    client = logged_in(member)
    before = copied(app, client)
    log_in(client, email=member.email)
    assert client.get("/companies").status_code == 200
    assert before.get("/companies").status_code == 303


def test_a_session_that_was_planted_before_the_log_in_is_nobodys(
    app: Flask, client: FlaskClient, administrator: User
) -> None:
    client.get("/login")
    client.get("/companies")
    planted = client.get_cookie("twinbook_session")
    victim = app.test_client()
    if planted is not None:
        victim.set_cookie("twinbook_session", planted.value)
    log_in(victim, email=administrator.email)
    assert victim.get("/companies").status_code == 200
    assert client.get("/companies").status_code == 303


def test_nothing_that_was_planted_before_the_log_in_is_kept(client: FlaskClient, administrator: User) -> None:
    """A token of forms, or a state of OAuth, that somebody else knows would let them act for this person."""
    with client.session_transaction() as held:
        held["oauth_state"] = {"state": "known", "at": 2**40, "wants_key": False}
        held["csrf_token"] = "known"
    log_in(client, email=administrator.email)
    with client.session_transaction() as held:
        assert "oauth_state" not in held
        assert held.get("csrf_token") != "known"


def test_a_token_that_was_made_up_is_nobodys(logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    with client.session_transaction() as held:
        held["_user_id"] = f"{member.id}"
    assert client.get("/companies").status_code == 303


def test_a_role_holds_from_the_next_press_on(app: Flask, logged_in: LogIn, administrator: User) -> None:
    add_user(app, "bob@example.com", "Bob", "administrator")
    client = logged_in(administrator)
    assert client.get("/people").status_code == 200
    with app.app_context():
        accounts.set_role(current_services(), administrator.id, "member")
    assert client.get("/people").status_code == 403


def test_only_the_hash_of_a_token_is_kept(app: Flask, logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    with client.session_transaction() as held:
        token = held["_user_id"]
    with app.app_context(), reading() as session:
        row = session.scalars(select(LoginSession)).one()
    assert token not in (row.token_hash, str(row.id))
    assert (row.user_id, row.address, len(row.token_hash)) == (member.id, "127.0.0.1", 64)


@pytest.mark.every_database
def test_the_last_use_is_kept_once_a_minute(app: Flask, logged_in: LogIn, member: User) -> None:
    with time_machine.travel("2026-11-23 08:00:00+00:00", tick=False) as clock:
        client = logged_in(member)
        seen = []
        for _ in range(4):
            clock.shift(31)
            client.get("/contacts").close()
            with app.app_context(), reading() as session:
                seen.append(session.scalars(select(LoginSession.seen_at)).one())
    assert [f"{at:%M:%S}" for at in seen] == ["00:00", "01:02", "01:02", "02:04"]


@pytest.mark.every_database
def test_sessions_that_are_over_are_cleared_away(app: Flask, logged_in: LogIn, member: User) -> None:
    with time_machine.travel("2026-11-23 08:00:00+00:00", tick=False) as clock:
        logged_in(member)
        clock.shift(3 * 3600)
        logged_in(member)
        with app.app_context():
            clearing.clear_old(current_services())
            with reading() as session:
                assert len(session.scalars(select(LoginSession)).all()) == 1


@pytest.mark.parametrize("ahead_s", [1, 3600, 30 * 24 * 3600])
def test_a_session_goes_on_with_a_clock_behind_that_of_the_log_in(
    logged_in: LogIn, member: User, ahead_s: int
) -> None:
    """As on the second of two web machines, or where a clock was set right."""
    with time_machine.travel("2026-11-23 08:00:00+00:00", tick=False) as clock:
        clock.shift(ahead_s)
        client = logged_in(member)
        clock.shift(-ahead_s)
        assert client.get("/contacts").status_code == 200


def test_a_cookie_is_not_taken_for_longer_than_it_is_kept(app: Flask) -> None:
    cookies = app.session_interface
    assert isinstance(cookies, SecureCookieSessionInterface)
    serializer = cookies.get_signing_serializer(app)
    assert serializer is not None
    with time_machine.travel("2026-11-23 08:00:00+00:00", tick=False) as clock:
        cookie = serializer.dumps({"a": 1})
        clock.shift(60)
        assert serializer.loads(cookie, max_age=60) == {"a": 1}
        with pytest.raises(SignatureExpired):
            serializer.loads(cookie, max_age=59)
        for other in (cookie[:-1], f"{cookie}a", cookie.replace(".", "a", 1)):
            with pytest.raises(BadSignature):
                serializer.loads(other, max_age=60)
