"""`flask mail`: after the mail settings were mended, mails that have not left are found and tried again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.servers.smtp import Mailbox
from tests.support.usecases import pulling
from webapp.models import Mail
from webapp.usecases.runs import machinery

pytestmark = pytest.mark.one_database

BEFORE = datetime.now(UTC) - timedelta(days=2)


@pytest.fixture
def has_own_app() -> bool:
    return True


def write(state: str, **values: Any) -> int:
    with writing() as session:
        recipient = f"{state}@example.com"
        given = {"attempts": 7, "created_at": BEFORE, "notification": "weekly", "params": {}} | values
        mail = Mail(recipient=recipient, state=state, **given)
        session.add(mail)
        session.flush()
        return mail.id


def answer_to(app: Flask, *args: str) -> dict[str, Any]:
    done = app.test_cli_runner().invoke(args=["mail", *args, "--json"])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def mail_of(mail_id: int) -> Mail:
    return next(row for row in pulling.all_rows(Mail) if row.id == mail_id)


@pytest.mark.every_database
def test_what_has_not_left_is_listed_with_what_the_server_answered(in_app: Flask) -> None:
    write("sent")
    numbers = [write("failed", error_text="550 no"), write("waiting"), write("uncertain", handed_at=BEFORE)]
    found = answer_to(in_app, "list")["mails"]
    assert [one["id"] for one in found] == numbers
    shown = [found[0][name] for name in ("to", "about", "error")]
    assert shown == ["failed@example.com", "weekly", "550 no"]
    plain = in_app.test_cli_runner().invoke(args=["mail", "list"]).stdout
    assert "550 no" in plain
    assert "sent@example.com" not in plain


def mail_findings(app: Flask) -> list[str]:
    done = app.test_cli_runner().invoke(args=["check", "--json"])
    return [one["code"] for one in json.loads(done.stdout)["checks"] if one["what"] == "mail"]


def test_the_check_says_of_what_was_given_up_how_it_is_tried_again(in_app: Flask) -> None:
    write("waiting")
    assert mail_findings(in_app) == ["mail_no_server"]
    write("failed")
    write("uncertain")
    assert mail_findings(in_app) == ["mail_no_server", "mails_given_up"]


def test_the_check_says_where_only_this_machine_has_no_mail_server(in_app: Flask) -> None:
    services = current_services()
    other = replace(services, settings=replace(services.settings, mail_server="mail.example.com"))
    machinery.sign_mail_server(other)
    assert mail_findings(in_app) == ["mail_elsewhere"]


def test_without_any_it_says_so(in_app: Flask) -> None:
    assert in_app.test_cli_runner().invoke(args=["mail", "list"]).stdout == "Every mail has left.\n"


@pytest.mark.every_database
def test_all_that_wait_or_failed_are_tried_at_once_and_for_another_day(in_app: Flask) -> None:
    later = datetime.now(UTC) + timedelta(minutes=15)
    failed, waiting = write("failed"), write("waiting", not_before=later)
    # Of these a server may have all of the text.
    uncertain, handed = write("uncertain", handed_at=BEFORE), write("waiting", handed_at=BEFORE)
    assert answer_to(in_app, "retry") == {"mails": 2}
    for mail_id in (failed, waiting):
        mail = mail_of(mail_id)
        assert (mail.state, mail.attempts, mail.not_before) == ("waiting", 0, None)
        assert mail.created_at > BEFORE
    assert (mail_of(uncertain).state, mail_of(handed).attempts) == ("uncertain", 7)


def test_one_that_may_have_arrived_is_sent_again_by_its_number_under_its_message_id(
    in_app: Flask, mailbox: Mailbox
) -> None:
    about: dict[str, Any] = {"notification": None, "problem": ""}
    mail_id = write("uncertain", handed_at=BEFORE, message_id="<same@example.com>", **about)
    assert answer_to(in_app, "retry", str(mail_id)) == {"mails": 1}
    bound_jobs().send_mail(mail_id)
    assert mail_of(mail_id).state == "sent"
    assert [message["Message-ID"] for message in mailbox.messages] == ["<same@example.com>"]
    assert answer_to(in_app, "retry", str(mail_id))["error"] == "mail_has_left"
