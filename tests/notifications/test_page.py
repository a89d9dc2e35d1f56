"""Each person chooses which mails they get, on a page of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import reading, writing
from tests.support.pages.page import read_page
from tests.support.servers.smtp import Mailbox
from tests.support.usecases.pulling import all_rows
from webapp.models import Mail, NotificationChoice, User
from webapp.store.notifications import choices

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
PAGE = "/profile/notifications"


@pytest.fixture
def pages(mailbox: Mailbox, in_app: Flask, logged_in: LogIn, administrator: User) -> FlaskClient:  # noqa: ARG001 - for what it brings about
    return logged_in(administrator)


def _on(client: FlaskClient) -> list[str]:
    page = read_page(client.get(PAGE).text)
    return [one["name"] for one in page.one("main").all("input", type="checkbox", checked=True)]


def test_what_is_so_at_first_is_shown(pages: FlaskClient, logged_in: LogIn, member: User) -> None:
    assert _on(pages) == ["lost_connection", "failed_reconcile"]
    assert _on(logged_in(member)) == []


def test_what_is_chosen_is_kept_for_that_person_alone(
    pages: FlaskClient, logged_in: LogIn, member: User, administrator: User
) -> None:
    form = {"many_held": "on", "many_held_above": "7", "weekly_summary": "on"}
    answer = pages.post(PAGE, data=form)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert _on(pages) == ["many_held", "weekly_summary"]
    assert read_page(pages.get(PAGE).text).form_values()["many_held_above"] == "7"
    assert _on(logged_in(member)) == []
    assert {row.user_id for row in all_rows(NotificationChoice)} == {administrator.id}


@pytest.mark.parametrize("typed", ["0", "-3", "1000", "many", "7.5", "\N{SUPERSCRIPT TWO}", "9" * 40])
def test_a_limit_that_is_none_is_named_and_nothing_is_stored(pages: FlaskClient, typed: str) -> None:
    answer = pages.post(PAGE, data={"many_held": "on", "many_held_above": typed})
    assert answer.status_code == 422
    page = read_page(answer.text)
    assert page.one(id="many_held_above-error").shown_text == "Enter a whole number from 1 to 999."
    assert page.one("input", name="many_held_above")["value"] == typed
    assert page.one("input", name="many_held").attributes.get("checked") is not None
    assert all_rows(NotificationChoice) == []


def test_what_was_on_already_goes_on_since_then(pages: FlaskClient, administrator: User) -> None:
    pages.post(PAGE, data={"weekly_summary": "on"})
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    with writing() as session:
        session.get_one(NotificationChoice, (administrator.id, "weekly_summary")).chosen_at = long_ago
    pages.post(PAGE, data={"weekly_summary": "on", "many_held": "on"})
    with reading() as session:
        found = choices.of_person(session, administrator.id)
    assert found["weekly_summary"].chosen_at == long_ago
    assert found["many_held"].chosen_at != long_ago


def test_the_page_says_what_became_of_the_latest_mail(pages: FlaskClient, administrator: User) -> None:
    assert "latest mail" not in pages.get(PAGE).text
    with writing() as session:
        session.add(
            Mail(
                recipient=administrator.email,
                notification="failed_reconcile",
                params={},
                state="failed",
                error_text="550 no such user",
                created_at=datetime.now(UTC),
            )
        )
    text = read_page(pages.get(PAGE).text).shown_text
    assert "The latest mail to you could not be sent. The mail server said: 550 no such user" in text


def test_without_a_mail_server_it_says_where_mails_go(
    app: Flask, logged_in: LogIn, administrator: User
) -> None:
    assert app
    assert "No mail server is set" in logged_in(administrator).get(PAGE).text


def test_the_menu_leads_there(pages: FlaskClient) -> None:
    assert read_page(pages.get("/companies").text).one("header", class_="site-head").leads_to(PAGE)
