"""The one mail about a push's end: to whom, what it says, and what mail trouble does to it (B11, B26)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.samples.factories import make_company, make_connection, make_contact, make_run
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.servers.smtp import Mailbox, free_port, mail_server
from tests.support.usecases import pulling
from tests.support.usecases.pushing import give_key, pushed
from webapp.models import LogEntry, Mail, User
from webapp.store.runs import runs
from webapp.usecases.notifications import sending as mail_sending
from webapp.usecases.runs import lifecycle

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def _mail_server_put_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some lead the application's mail elsewhere: it goes to the mailbox again afterwards."""
    state = app.extensions["mail"]
    monkeypatch.setattr(state, "port", state.port)


@pytest.fixture
def push_id(mailbox: Mailbox, in_app: Flask, administrator: User) -> int:  # noqa: ARG001 - for what it brings about
    """A push of the administrator's that works."""
    connection = make_connection()
    return make_run(connection.id, kind="push", state="running", started_by_id=administrator.id).id


def _end(run_id: int, state: str = "finished") -> None:
    with writing() as session:
        assert runs.end(session, run_id, state, datetime.now(UTC))


def _mails() -> list[Mail]:
    return pulling.all_rows(Mail)


def _send() -> Mail:
    bound_jobs().send_mail(_mails()[0].id)
    return _mails()[0]


def _retry_now() -> Mail:
    with writing() as session:
        session.get_one(Mail, _mails()[0].id).not_before = datetime.now(UTC) - timedelta(seconds=1)
    return _send()


@pytest.mark.usefixtures("in_app")
def test_who_started_a_push_gets_one_mail_that_tells_how_it_ended(
    sandbox: SandboxServer, mailbox: Mailbox, administrator: User
) -> None:
    connection_id = pulling.connected()
    give_key(sandbox, connection_id)
    make_company()
    make_contact(1, first_name="Ana", last_name="<b>Ito</b>", email="ana@x.de")
    sandbox.fault("status", status=400, method="POST", path="*/contacts/batch/create", times=None)
    run = pushed(connection_id)
    assert _send().state == "sent"
    [message] = mailbox.messages
    assert message["To"] == administrator.email
    assert message["Subject"] == f"Push {run.id} has finished: 1 failed"
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    assert text is not None
    assert html is not None
    body = text.get_content()
    assert body.startswith(f"Push {run.id} has finished. It took ")
    assert "Companies: 1 created" in body
    assert body.index("answer below") < body.index("There was a problem with the request.")
    assert "answer below" in html.get_content().partition("There was a problem with the request.")[0]
    assert f"/sync-log/{run.id}" in text.get_content()
    assert "Ana &lt;b&gt;Ito" in html.get_content()
    bound_jobs().send_mail(_mails()[0].id)
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_push_that_did_not_finish_is_told_of_too(push_id: int, mailbox: Mailbox, state: str) -> None:
    if state == "cancelled":
        lifecycle.cancel(current_services(), push_id)
    else:
        _end(push_id, "failed")
    assert _send().state == "sent"
    assert state in str(mailbox.messages[0]["Subject"])


def test_a_disconnect_ends_it_with_a_mail(push_id: int) -> None:
    lifecycle.cancel_all(current_services(), pulling.run_of(push_id).connection_id)
    assert len(_mails()) == 1


@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize("kind", ["pull", "push_record", "refresh"])
def test_other_runs_send_no_mail(administrator: User, kind: str) -> None:
    run = make_run(make_connection().id, kind=kind, state="running", started_by_id=administrator.id)
    _end(run.id)
    assert _mails() == []


def test_without_a_starter_the_first_administrator_gets_it(push_id: int, administrator: User) -> None:
    pulling.change(push_id, started_by_id=None)
    _end(push_id)
    assert _mails()[0].recipient == administrator.email


@pytest.mark.every_database
def test_an_end_that_came_too_late_adds_no_second_mail(push_id: int) -> None:
    _end(push_id)
    with writing() as session:
        assert not runs.end(session, push_id, "cancelled", datetime.now(UTC))
    assert len(_mails()) == 1


def test_a_name_cannot_break_the_subject_or_the_headers(push_id: int, mailbox: Mailbox) -> None:
    with writing() as session:
        session.add(
            LogEntry(
                run_id=push_id,
                seq=1,
                at=datetime.now(UTC),
                object_type="contacts",
                name="Eve\r\nBcc: all@example.com",
                outcome="failed",
                reason="refused_by_hubspot",
            )
        )
    pulling.change(push_id, counts={"contacts": {"failed": 1}})
    _end(push_id)
    assert _send().state == "sent"
    assert mailbox.messages[0]["Bcc"] is None


class _Refusing:
    """A server that answers every recipient alike."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    async def handle_RCPT(self, *_: object) -> str:  # noqa: N802 - the library's name
        """Refuse."""
        return self.answer


def test_a_recipient_that_is_refused_for_good_ends_it_with_the_servers_words(
    push_id: int, in_app: Flask
) -> None:
    _end(push_id)
    with mail_server(in_app, _Refusing("550 no such person")), capture_logs() as logs:
        sent = _send()
    assert (sent.state, sent.attempts) == ("failed", 1)
    assert "550 no such person" in str(sent.error_text)
    # Servers name in their answers who was written to.
    assert [(line["event"], line["error"]) for line in logs if "mail_id" in line] == [("mail", "550")]
    assert pulling.run_of(push_id).state == "finished"


class _OfNobody:
    """A server that takes mail from nobody of this sender's."""

    async def handle_MAIL(self, *_: object) -> str:  # noqa: N802 - the library's name
        """Refuse."""
        return "550 no such sender"


def test_a_sender_that_is_refused_is_a_matter_of_settings_and_the_mail_waits(
    push_id: int, in_app: Flask, logged_in: LogIn, administrator: User
) -> None:
    _end(push_id)
    with mail_server(in_app, _OfNobody()):
        sent = _send()
    assert (sent.state, sent.error_text) == ("waiting", "550 no such sender")
    page = logged_in(administrator).get(f"/sync-log/{push_id}/mail").text
    assert "550 no such sender. It is tried again" in page


def test_one_that_failed_is_sent_again_when_an_administrator_says_so(
    push_id: int, in_app: Flask, logged_in: LogIn, administrator: User, mailbox: Mailbox
) -> None:
    _end(push_id)
    with mail_server(in_app, _Refusing("550 no such person")):
        _send()
    pages, address = logged_in(administrator), f"/runs/{push_id}/mail"
    assert address in pages.get(f"/sync-log/{push_id}/mail").text
    pages.post(address)
    assert (_send().state, len(mailbox.messages)) == ("sent", 1)
    assert address not in pages.get(f"/sync-log/{push_id}/mail").text


def test_a_server_that_is_away_is_tried_again_until_it_is_back(
    push_id: int, in_app: Flask, mailbox: Mailbox
) -> None:
    _end(push_id)
    in_app.extensions["mail"].port = free_port()
    pending = _send()
    assert (pending.state, pending.attempts) == ("waiting", 1)
    assert pending.error_text
    assert pending.not_before is not None
    assert pending.not_before > datetime.now(UTC)
    assert _send().attempts == 1  # its time has not come
    in_app.extensions["mail"].port = mailbox.port
    assert _retry_now().state == "sent"
    assert len(mailbox.messages) == 1


def test_after_a_day_it_is_given_up(push_id: int, in_app: Flask) -> None:
    _end(push_id)
    in_app.extensions["mail"].port = free_port()
    with writing() as session:
        mail = session.get_one(Mail, _mails()[0].id)
        mail.created_at, mail.attempts = datetime.now(UTC) - timedelta(hours=25), 7
    assert _send().state == "failed"


def test_a_clock_that_jumps_by_days_gives_none_up(push_id: int, in_app: Flask) -> None:
    _end(push_id)
    in_app.extensions["mail"].port = free_port()
    with writing() as session:
        session.get_one(Mail, _mails()[0].id).created_at = datetime.now(UTC) - timedelta(days=120)
    assert _send().state == "waiting"


def test_a_wiped_queue_loses_no_mail(push_id: int, mailbox: Mailbox) -> None:
    _end(push_id)
    mail_sending.send_due(current_services())
    current_services().redis.flushall()
    mail_sending.send_due(current_services())
    assert current_services().redis.llen("rq:queue:now") == 1
    _send()
    assert len(mailbox.messages) == 1
    current_services().redis.flushall()
    mail_sending.send_due(current_services())
    assert current_services().redis.llen("rq:queue:now") == 0


def test_the_runs_page_says_how_the_mail_stands(
    push_id: int, in_app: Flask, logged_in: LogIn, administrator: User, mailbox: Mailbox
) -> None:
    pages = logged_in(administrator)
    assert f"Mail to {administrator.email}" not in pages.get(f"/sync-log/{push_id}").text
    _end(push_id)
    assert "is waiting" in pages.get(f"/sync-log/{push_id}").text
    in_app.extensions["mail"].port = free_port()
    _send()
    assert "It is tried again" in pages.get(f"/sync-log/{push_id}/mail").text
    in_app.extensions["mail"].port = mailbox.port
    _retry_now()
    assert f"Mail sent to {administrator.email}" in pages.get(f"/sync-log/{push_id}/mail").text


@pytest.mark.usefixtures("in_app")
def test_without_a_server_it_stands_in_the_log(logged_in: LogIn, administrator: User) -> None:
    run = make_run(make_connection().id, kind="push", state="running", started_by_id=administrator.id)
    _end(run.id)
    sent = _send()
    assert sent.state == "sent"
    page = logged_in(administrator).get(f"/sync-log/{run.id}/mail").text
    assert "so it is shown in the application&#39;s log." in page
