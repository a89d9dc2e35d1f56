"""Invitations and forgotten passwords: what their links can do, and what nobody learns from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from msgspec import structs
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.support.applications.services import change_services, current_services, reading
from tests.support.pages.page import read_page
from tests.support.samples.users import PASSWORD, add_user
from tests.support.servers.smtp import Mailbox
from tests.support.usecases.mailed_links import link_in, sent
from webapp.app import services_of
from webapp.domain.people.mailed_links import LINKS_LAST
from webapp.models import AccountLink, Mail, User
from webapp.store.people import mailed_links as link_rows
from webapp.usecases.people import accounts, mailed_links
from webapp.web.people import attempts

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
NEW = "four words of nothing"


@pytest.fixture(autouse=True)
def _nothing_grows_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test takes."""
    for name in ("_LINKS_PLACE", "_LINKS_PERSON"):
        allowance = getattr(attempts, name)
        monkeypatch.setattr(attempts, name, structs.replace(allowance, within_s=allowance.within_s * 100))


def made(app: Flask, user: User) -> str:
    """The path of a link that an administrator hands on."""
    with app.app_context():
        return urlsplit(mailed_links.send_link(current_services(), user.id).link).path


def choose(client: FlaskClient, path: str, password: str = NEW, again: str | None = None) -> TestResponse:
    return client.post(path, data={"new_password": password, "new_password_again": again or password})


def ask_for(client: FlaskClient, email: str, address: str = "10.0.0.1") -> TestResponse:
    return client.post("/forgotten-password", data={"email": email}, environ_base={"REMOTE_ADDR": address})


def log_in(client: FlaskClient, email: str, password: str) -> int:
    return client.post("/login", data={"email": email, "password": password}).status_code


@pytest.mark.every_database
def test_who_is_invited_by_mail_chooses_a_password_and_logs_in(
    app: Flask, mailbox: Mailbox, logged_in: LogIn, administrator: User, client: FlaskClient
) -> None:
    boss = logged_in(administrator)
    answer = boss.post("/people", data={"name": "Ida", "email": "Ida@example.com", "role": "member"})
    assert answer.status_code == 303
    assert "Invited" in boss.get(answer.location).text
    assert log_in(client, "ida@example.com", "") == 422
    sent(app)
    [mail] = mailbox.messages
    assert (mail["To"], mail["Subject"]) == ("ida@example.com", "You have been invited to Twinbook")
    path = link_in(mailbox)
    assert "Welcome, Ida" in client.get(path).text
    answer = choose(client, path)
    assert answer.location == "/login"
    page = read_page(client.get("/login").text)
    assert page.one("input", name="email")["value"] == "ida@example.com"
    assert "autofocus" in page.one("input", name="password").attributes
    assert read_page(client.get("/login").text).one("input", name="email")["value"] == ""
    assert log_in(client, "ida@example.com", NEW) == 303
    assert client.get("/people").status_code == 403


@pytest.mark.every_database
def test_a_forgotten_password_is_chosen_anew_and_all_sessions_end(
    app: Flask, mailbox: Mailbox, logged_in: LogIn, member: User, client: FlaskClient
) -> None:
    elsewhere = logged_in(member)
    answer = ask_for(client, " MEM@example.com ")
    assert answer.location == "/forgotten-password/sent"
    sent(app)
    assert choose(client, link_in(mailbox)).status_code == 303
    assert elsewhere.get("/companies").status_code == 303
    assert log_in(client, member.email, PASSWORD) == 422
    assert log_in(client, member.email, NEW) == 303


@pytest.mark.every_database
def test_a_link_works_once(app: Flask, client: FlaskClient, member: User) -> None:
    path = made(app, member)
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200, "looking at it does not use it up"
    assert choose(client, path).status_code == 303
    replayed = choose(client, path, "somebody else's words")
    assert replayed.status_code == 410
    assert "This link no longer works" in replayed.text
    assert log_in(client, member.email, NEW) == 303


def test_a_link_of_a_clock_that_was_ahead_does_not_last_until_then(
    app: Flask, client: FlaskClient, member: User
) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=300), tick=True):
        path = made(app, member)
        assert client.get(path).status_code == 200
    assert client.get(path).status_code == 410
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10), tick=True):
        path = made(app, member)
    assert client.get(path).status_code == 200


@pytest.mark.every_database
def test_one_address_is_one_person_however_it_is_written(
    app: Flask, mailbox: Mailbox, client: FlaskClient, member: User
) -> None:
    """What the search for a person drops makes no other person for the count, and is in no mail."""
    assert member.email == "mem@example.com"
    written = ("mem@example.com", "\0mem@example.com", "mem\0@example.com", " \0 MEM@example.com")
    assert [ask_for(client, one).status_code for one in written] == [303, 303, 303, 429]
    sent(app)
    assert [mail["To"] for mail in mailbox.messages] == ["mem@example.com"] * 3


def test_using_one_link_ends_the_others(app: Flask, client: FlaskClient, member: User) -> None:
    first, second = made(app, member), made(app, member)
    assert choose(client, second).status_code == 303
    assert choose(client, first).status_code == 410


@pytest.mark.every_database
def test_of_many_links_only_the_newest_three_work(app: Flask, client: FlaskClient, member: User) -> None:
    paths = [made(app, member) for _ in range(5)]
    assert [client.get(path).status_code for path in paths] == [410, 410, 200, 200, 200]


@pytest.mark.parametrize(("hours", "code"), [(0.9, 200), (1.1, 410)])
def test_a_link_for_a_forgotten_password_lasts_an_hour(
    app: Flask, client: FlaskClient, member: User, hours: float, code: int
) -> None:
    with time_machine.travel("2026-11-23 08:00:00+00:00", tick=False) as clock:
        path = made(app, member)
        clock.shift(hours * 3600)
        assert client.get(path).status_code == code
        assert choose(client, path).status_code == (303 if code == 200 else 410)


def test_page_and_mail_say_how_long_a_link_works(
    app: Flask, mailbox: Mailbox, logged_in: LogIn, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LINKS_LAST, "invite", timedelta(days=3))
    boss = logged_in(administrator)
    assert "expires after 3 days." in boss.get("/people").text
    boss.post("/people", data={"name": "Ida", "email": "ida@example.com", "role": "member"})
    sent(app)
    [mail] = mailbox.messages
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        assert "expires after 3 days." in " ".join(body.get_content().split())


def test_no_link_of_a_deactivated_person_works(app: Flask, client: FlaskClient, member: User) -> None:
    path = made(app, member)
    with app.app_context():
        accounts.deactivate(current_services(), member.id)
        accounts.reactivate(current_services(), member.id)
    assert choose(client, path).status_code == 410


@pytest.mark.every_database
def test_only_the_hash_of_a_link_is_kept(app: Flask, member: User) -> None:
    token = made(app, member).rpartition("/")[2]
    with app.app_context(), reading() as session:
        row = session.scalars(select(AccountLink)).one()
    assert token not in [str(value) for value in vars(row).values()]


def test_the_link_of_a_mail_is_made_when_it_is_sent_and_stands_in_no_row(
    app: Flask, mailbox: Mailbox, client: FlaskClient, member: User
) -> None:
    ask_for(client, member.email)
    with app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(AccountLink)) == 0
    sent(app)
    token = link_in(mailbox).rpartition("/")[2]
    with app.app_context(), reading() as session:
        assert token not in str([vars(one) for one in session.scalars(select(Mail))])


def test_an_unknown_address_gets_the_same_answer_by_the_same_way_and_no_mail(
    app: Flask, mailbox: Mailbox, client: FlaskClient, member: User
) -> None:
    known, unknown = ask_for(client, member.email), ask_for(client, "nobody@example.com")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    with app.app_context(), reading() as session:
        rows = session.scalars(select(Mail).order_by(Mail.id)).all()
    # What the request does is the same; only who sends the mail looks for the person.
    assert [(one.recipient, one.purpose, one.state) for one in rows] == [
        ("mem@example.com", "reset", "waiting"),
        ("nobody@example.com", "reset", "waiting"),
    ]
    sent(app)
    assert [mail["To"] for mail in mailbox.messages] == ["mem@example.com"]
    with app.app_context(), reading() as session:
        assert session.scalars(select(Mail.recipient)).all() == ["mem@example.com"]


@pytest.mark.every_database
def test_a_deactivated_person_gets_no_mail(
    app: Flask, mailbox: Mailbox, client: FlaskClient, member: User
) -> None:
    with app.app_context():
        accounts.deactivate(current_services(), member.id)
    assert ask_for(client, member.email).status_code == 303
    sent(app)
    assert mailbox.messages == []


@pytest.mark.parametrize("email", ["mem@example.com", "nobody@example.com"])
def test_one_person_is_sent_three_links_an_hour_whether_there_is_such_a_person(
    mailbox: Mailbox, client: FlaskClient, member: User, email: str
) -> None:
    del mailbox, member
    codes = [ask_for(client, email, f"10.0.0.{number}").status_code for number in range(4)]
    assert codes == [303, 303, 303, 429]


def test_one_place_asks_for_twenty_links_an_hour(mailbox: Mailbox, client: FlaskClient) -> None:
    del mailbox
    codes = [ask_for(client, f"p{number}@example.com").status_code for number in range(21)]
    assert codes == [303] * 20 + [429]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (("short",), "at least 10 characters"),
        (("1234567890",), "easy to guess"),
        (("mem@example.com",), "consists of your name"),
        ((NEW, "another thing"), "passwords differ"),
    ],
)
def test_a_password_that_will_not_do_leaves_the_link_as_it_is(
    app: Flask, client: FlaskClient, member: User, given: tuple[str, ...], text: str
) -> None:
    path = made(app, member)
    answer = choose(client, path, *given)
    assert answer.status_code == 422
    assert text in answer.text
    assert choose(client, path).status_code == 303


def test_choosing_a_password_needs_the_token_of_its_page(
    app: Flask, client: FlaskClient, member: User
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    path = made(app, member)
    assert choose(client, path).status_code == 400
    assert client.post("/forgotten-password", data={"email": member.email}).status_code == 400
    token = read_page(client.get(path).text).all("input", name="csrf_token")[0]["value"]
    sent_form = {"new_password": NEW, "new_password_again": NEW, "csrf_token": token}
    assert client.post(path, data=sent_form).status_code == 303


def test_without_a_mail_server_the_administrator_is_shown_the_link(
    app: Flask, logged_in: LogIn, administrator: User, client: FlaskClient
) -> None:
    boss = logged_in(administrator)
    assert "MAIL_SERVER" in boss.get("/people").text
    page = boss.post("/people", data={"name": "Ida", "email": "ida@example.com", "role": "member"})
    link = read_page(page.text).one("code", id="link").shown_text
    assert link.startswith(services_of(app).settings.public_url)
    assert choose(client, urlsplit(link).path).status_code == 303
    forgotten = client.get("/forgotten-password")
    assert "sends no mail" in forgotten.text
    assert not read_page(forgotten.text).has("input", name="email")


def test_links_carry_the_public_address(app: Flask, member: User) -> None:
    settings = replace(services_of(app).settings, public_url="https://book.example.com/twin")
    change_services(app, settings=settings)
    with app.app_context():
        link = mailed_links.send_link(current_services(), member.id).link
    assert link.startswith("https://book.example.com/twin/choose-password/")


@pytest.mark.every_database
def test_of_two_who_use_a_link_at_the_same_moment_one_sets_the_password(
    app: Flask, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = made(app, member).rsplit("/", 1)[1]
    with app.app_context():
        with reading() as session:
            found = link_rows.find(session, token, datetime.now(UTC))
            session.expunge_all()
        assert found is not None
        assert mailed_links.choose_password(current_services(), token, "the first")
        # The slower one has read the link while it worked.
        monkeypatch.setattr(link_rows, "find", lambda *_: found)
        assert not mailed_links.choose_password(current_services(), token, "the second")
        with reading() as session:
            assert session.get_one(User, member.id).password_hash == "the first"


def test_the_page_of_a_link_tells_nobody_its_address(app: Flask, client: FlaskClient, member: User) -> None:
    """Not even this site, whose proxy may keep it in a log."""
    answer = client.get(made(app, member))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.every_database
def test_another_address_ends_the_links_to_the_old_one(
    app: Flask, logged_in: LogIn, client: FlaskClient, member: User
) -> None:
    path = made(app, member)
    changed = {"name": "Mem", "email": "new@example.com", "current_password_for_email": PASSWORD}
    assert logged_in(member).post("/profile", data=changed).status_code == 303
    assert choose(client, path).status_code == 410


def test_a_reset_for_who_was_only_invited_is_their_invitation_again(
    app: Flask, mailbox: Mailbox, client: FlaskClient
) -> None:
    with app.app_context():
        mailed_links.invite(current_services(), "ida@example.com", "Ida", "member")
    ask_for(client, "ida@example.com")
    sent(app)
    assert [mail["Subject"] for mail in mailbox.messages] == ["You have been invited to Twinbook"] * 2
    assert choose(client, link_in(mailbox)).status_code == 303


def test_a_password_changed_by_its_person_ends_the_link_that_was_on_its_way(
    app: Flask, client: FlaskClient
) -> None:
    user = add_user(app, "bob@example.com", "Bob", "member")
    path = made(app, user)
    with app.app_context():
        accounts.change_password(current_services(), user.id, user.password_hash)
    assert choose(client, path).status_code == 410
