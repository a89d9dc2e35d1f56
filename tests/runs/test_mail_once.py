"""A mail is repeated only under one Message-ID, and not at all once the server surely has it (B51)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.faults.kills import PowerCutError
from tests.support.samples.factories import make_connection, make_run
from tests.support.servers.smtp import HangingUp, Mailbox, mail_server
from tests.support.usecases import pulling
from webapp import flask_mailer
from webapp.models import Mail, Run, User
from webapp.store.notifications import mails
from webapp.store.runs import runs
from webapp.usecases.notifications import sending as mail_sending

LogIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def _mail_server_put_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some lead the application's mail elsewhere: it goes to the mailbox again afterwards."""
    state = app.extensions["mail"]
    monkeypatch.setattr(state, "port", state.port)


@pytest.fixture
def run_id(mailbox: Mailbox, in_app: Flask, administrator: User) -> int:
    """A push that has ended, whose mail waits."""
    assert in_app
    assert mailbox
    run = make_run(make_connection().id, kind="push", state="running", started_by_id=administrator.id)
    with writing() as session:
        runs.end(session, run.id, "finished", datetime.now(UTC))
    return run.id


def _send() -> Mail:
    bound_jobs().send_mail(_mail().id)
    return _mail()


def _mail() -> Mail:
    [mail] = pulling.all_rows(Mail)
    return mail


def _its_time_comes() -> None:
    with writing() as session:
        session.get_one(Mail, _mail().id).not_before = datetime.now(UTC) - timedelta(seconds=1)


def _killed(*_: Any, **__: Any) -> None:
    raise PowerCutError


def _killed_before(patch: pytest.MonkeyPatch, name: str) -> None:
    """End the sender where it would call a function of the store."""
    with patch.context() as context:
        context.setattr(mails, name, _killed)
        with pytest.raises(PowerCutError):
            _send()


def test_a_kill_behind_the_servers_yes_sends_nothing_twice(
    run_id: int, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_id
    _killed_before(monkeypatch, "record_outcome")
    assert (len(mailbox.messages), _mail().state) == (1, "waiting")
    _its_time_comes()
    assert _send().state == "uncertain"
    mail_sending.send_due(current_services())
    _send()
    assert len(mailbox.messages) == 1


def test_a_kill_before_the_end_of_the_text_leaves_the_mail_to_the_next_try(
    run_id: int, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server drops a mail whose last line has not come."""
    assert run_id
    _killed_before(monkeypatch, "hand_over")
    assert (len(mailbox.messages), _mail().handed_at) == (0, None)
    _its_time_comes()
    assert _send().state == "sent"
    assert len(mailbox.messages) == 1


@pytest.mark.one_database
def test_every_try_bears_the_message_id_that_was_kept_before_the_first(
    run_id: int, in_app: Flask, mailbox: Mailbox
) -> None:
    assert run_id
    with mail_server(in_app, HangingUp(mailbox, times=2)):
        assert _send().state == "waiting"
        kept = _mail().message_id
        for _ in range(2):
            _its_time_comes()
            _send()
    assert _mail().state == "sent"
    assert [str(one["Message-ID"]) for one in mailbox.messages] == [kept] * 3


def test_of_two_tries_at_once_one_is_sent(
    run_id: int, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is so slow that a second begins before it has handed its text over."""
    assert run_id
    begun: list[bool] = []
    taken = mails.claim

    def claim(session: Any, mail_id: int, now: datetime, **values: Any) -> bool:
        answer = taken(session, mail_id, now, **values)
        if not begun:
            begun.append(True)
            # What the first try knows of itself is behind from now on.
            taken(session, mail_id, values["next_try"] + timedelta(seconds=1), **values)
        return answer

    monkeypatch.setattr(mails, "claim", claim)
    _send()
    assert (mailbox.messages, _mail().state, _mail().attempts) == ([], "waiting", 2)
    _its_time_comes()
    assert _send().state == "sent"
    assert len(mailbox.messages) == 1


@pytest.mark.one_database
def test_a_try_that_was_overtaken_says_nothing_of_the_next(run_id: int) -> None:
    assert run_id
    now, mail_id = datetime.now(UTC), _mail().id
    with writing() as session:
        for _ in range(2):
            assert mails.claim(session, mail_id, now, message_id="<1@here>", next_try=now)
        assert mails.hand_over(session, mail_id, 2, "<1@here>", now)
    with writing() as session:
        mails.record_outcome(session, mail_id, "<1@here>", 1, state="failed", error_text="late")
    assert (_mail().state, _mail().error_text, _mail().handed_at is None) == ("waiting", None, False)


def test_what_was_handed_over_is_taken_by_no_further_try(run_id: int) -> None:
    assert run_id
    now, mail_id = datetime.now(UTC), _mail().id
    with writing() as session:
        assert mails.claim(session, mail_id, now, message_id="<1@here>", next_try=now)
        assert mails.hand_over(session, mail_id, 1, "<1@here>", now)
        assert not mails.hand_over(session, mail_id, 1, "<1@here>", now)
        assert not mails.claim(session, mail_id, now, message_id="<2@here>", next_try=now)
    assert _mail().message_id == "<1@here>"


@pytest.fixture(params=["sent", "uncertain", "failed", "handed over"])
def reported(request: pytest.FixtureRequest, run_id: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """A run that goes on after a mail about its end, whatever became of that: its number and `Message-ID`."""
    if request.param in ("sent", "failed"):
        _send()
    else:
        _killed_before(monkeypatch, "record_outcome")
    if request.param == "uncertain":
        _its_time_comes()
        _send()
    with writing() as session:
        if request.param == "failed":
            session.get_one(Mail, _mail().id).state = "failed"
        session.get_one(Run, run_id).state = "running"
    return run_id, str(_mail().message_id)


def test_a_further_end_of_a_continued_run_is_a_mail_of_its_own(
    reported: tuple[int, str], mailbox: Mailbox
) -> None:
    """Mailboxes show one mail of a Message-ID, whatever else comes under it."""
    run_id, former = reported
    before = len(mailbox.messages)
    with writing() as session:
        runs.end(session, run_id, "finished", datetime.now(UTC))
    assert _send().state == "sent"
    [mail] = mailbox.messages[before:]
    assert str(mail["Message-ID"]) not in (former, "None")


def test_no_mail_about_an_end_leaves_once_its_run_goes_on(run_id: int, mailbox: Mailbox) -> None:
    """It would call a run cancelled that works."""
    with writing() as session:
        session.get_one(Run, run_id).state = "failed"
    mail_id = _mail().id
    with writing() as session:
        assert runs.reopen(session, run_id, datetime.now(UTC))
    bound_jobs().send_mail(mail_id)
    assert (mailbox.messages, pulling.all_rows(Mail)) == ([], [])
    with writing() as session:
        runs.end(session, run_id, "finished", datetime.now(UTC))
    assert _send().state == "sent"
    assert [one["Subject"] for one in mailbox.messages] == [f"Push {run_id} has finished"]


@pytest.mark.one_database
def test_a_try_that_finds_its_run_at_work_again_sends_nothing(
    run_id: int, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had taken the mail up when a person had the run go on."""
    claim = mails.claim

    def reopened(session: Any, *given: Any, **named: Any) -> bool:
        answer = claim(session, *given, **named)
        session.get_one(Run, run_id).state = "running"
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(mails, "claim", reopened)
        bound_jobs().send_mail(_mail().id)
    assert (mailbox.messages, pulling.all_rows(Mail)) == ([], [])


@pytest.mark.one_database
def test_a_slow_try_about_a_former_end_says_nothing_of_the_further_one(
    run_id: int, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is at the server's while the run goes on and ends again."""
    hand_over = mails.hand_over

    def end_again(session: Any, *given: Any) -> bool:
        monkeypatch.setattr(mails, "hand_over", hand_over)
        answer = hand_over(session, *given)
        session.get_one(Run, run_id).state = "running"
        runs.end(session, run_id, "finished", datetime.now(UTC))
        return answer

    monkeypatch.setattr(mails, "hand_over", end_again)
    assert _send().state == "waiting"
    assert _send().state == "sent"
    first, second = (str(one["Message-ID"]) for one in mailbox.messages)
    assert first != second


@pytest.mark.one_database
def test_a_farewell_that_fails_does_not_send_it_again(run_id: int, in_app: Flask) -> None:
    """The server says yes and is gone before the sender has said goodbye."""
    assert run_id
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_say_yes_and_go, args=(listening, received), daemon=True).start()
        in_app.extensions["mail"].port = listening.getsockname()[1]
        assert _send().state == "sent"
    assert len(received) == 1


def _say_yes_and_go(listening: socket.socket, received: list[bytes]) -> None:
    connection, _ = listening.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 here\r\n")
        for line in lines:
            if line.upper().startswith(b"DATA"):
                connection.sendall(b"354 go on\r\n")
                received.append(b"".join(iter(lines.readline, b".\r\n")))
                connection.sendall(b"250 kept\r\n")
                return
            connection.sendall(b"250 fine\r\n")


@pytest.mark.one_database
def test_the_runs_page_says_that_nobody_knows_and_sends_it_again_when_asked(
    *,
    run_id: int,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    logged_in: LogIn,
    administrator: User,
    member: User,
) -> None:
    _killed_before(monkeypatch, "record_outcome")
    _its_time_comes()
    _send()
    page = logged_in(administrator).get(f"/sync-log/{run_id}").text
    assert "It has most likely arrived" in page
    assert "Send it again" in page
    assert "Send it again" not in logged_in(member).get(f"/sync-log/{run_id}").text
    assert logged_in(member).post(f"/runs/{run_id}/mail").status_code == 403
    assert logged_in(administrator).post(f"/runs/{run_id}/mail").status_code == 303
    assert _send().state == "sent"
    first, second = (str(one["Message-ID"]) for one in mailbox.messages)
    assert first == second == _mail().message_id


@pytest.mark.one_database
def test_a_mail_server_that_says_nothing_is_not_waited_for_without_end(
    run_id: int, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flask_mailer, "SILENT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(app.extensions["mail"], "port", silent.getsockname()[1])
        mail = _send()
    assert (mail.run_id, mail.state) == (run_id, "waiting")
    assert "timed out" in (mail.error_text or "")
