"""Mail goes only to a server whose certificate is trusted, and over the encryption that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.app import application
from tests.support.applications.services import bound_jobs, writing
from tests.support.samples.factories import make_connection, make_run
from tests.support.servers.certificates import self_signed
from tests.support.servers.smtp import Mailbox
from tests.support.usecases import pulling
from webapp import settings as settings_module
from webapp.app import services_of
from webapp.errors import problem
from webapp.mailer import Letter, MailTroubleError, Templates
from webapp.models import Mail, User
from webapp.settings import Settings
from webapp.store.runs import runs
from webapp.text.refusals import stored_text

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]

LETTER = Letter("Reset", Templates("errors/bare.html", "errors/bare.html"), {"title": "Ada", "text": "link"})


@pytest.fixture
def has_own_app() -> bool:
    """Its mail is led elsewhere."""
    return True


class _Server(Mailbox):
    """A mail server that asks for a log-in, and knows whether it was told a password."""

    def __init__(self) -> None:
        super().__init__()
        self.passwords: list[Any] = []

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _way: str, given: Any) -> AuthResult:
        """Let everybody in."""
        self.passwords.append(given)
        return AuthResult(success=True)


@contextmanager
def serving(server: _Server, **tls: Any) -> Iterator[None]:
    """The server at work: `ssl_context` from the start, `tls_context` by STARTTLS, or neither."""
    options: dict[str, Any] = {"authenticator": server.authenticate, "auth_require_tls": False}
    controller = Controller(server, hostname=server.host, port=server.port, **options, **tls)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@pytest.fixture(params=["tls_context", "ssl_context"])
def way(request: pytest.FixtureRequest) -> str:
    """Encrypted after the greeting, and from the start."""
    return str(request.param)


def _settings(settings: Settings, server: _Server) -> Settings:
    return replace(
        settings,
        mail_server=server.host,
        mail_port=server.port,
        mail_use_tls=True,
        mail_username="twinbook",
        mail_password="s3cret-of-the-mail",
    )


def _send(settings: Settings) -> None:
    with application(settings) as app, app.test_request_context():
        services_of(app).mailer.send("a@example.com", LETTER, message_id="<1@a>", hand_over=lambda: None)


def _trouble(settings: Settings) -> str:
    with pytest.raises(MailTroubleError) as caught:
        _send(settings)
    return stored_text(str(caught.value))


def _leave_to(way: str, server: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "ssl_context":
        # Stands for 465.
        monkeypatch.setattr(settings_module, "SMTPS_PORT", server.port)


def test_a_server_that_nobody_vouches_for_gets_neither_password_nor_mail(
    way: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = _Server()
    _leave_to(way, server, monkeypatch)
    with serving(server, **{way: self_signed(tmp_path).context}):
        text = _trouble(_settings(settings, server))
    assert text == (
        f"The certificate of the mail server 127.0.0.1:{server.port} is not trusted (self-signed "
        "certificate), so nothing was sent. An administrator can give MAIL_SERVER the name for which it was "
        "made, or have this machine trust it (SSL_CERT_FILE)."
    )
    assert (server.passwords, server.messages) == ([], [])


def test_nor_does_one_that_shows_the_certificate_of_another(
    way: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = _Server()
    _leave_to(way, server, monkeypatch)
    made = self_signed(tmp_path, "DNS:elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    with serving(server, **{way: made.context}):
        text = _trouble(_settings(settings, server))
    assert "mismatch" in text
    assert (server.passwords, server.messages) == ([], [])


def test_one_that_the_machine_trusts_gets_its_mail(
    way: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = _Server()
    _leave_to(way, server, monkeypatch)
    made = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    with serving(server, **{way: made.context}):
        _send(_settings(settings, server))
    assert (len(server.passwords), len(server.messages)) == (1, 1)


def test_where_the_offer_of_encryption_was_taken_out_nothing_is_sent(settings: Settings) -> None:
    server = _Server()
    with serving(server):
        text = _trouble(_settings(settings, server))
    assert text == (
        f"The mail server 127.0.0.1:{server.port} offers no STARTTLS, which MAIL_USE_TLS asks for, so "
        "nothing was sent. An administrator can set MAIL_PORT to 587 or 465."
    )
    assert (server.passwords, server.messages) == ([], [])


@pytest.mark.usefixtures("mailbox")
def test_the_mail_waits_and_its_pages_say_what_to_do(
    app: Flask, tmp_path: Path, logged_in: LogIn, administrator: User
) -> None:
    server = _Server()
    with app.app_context():
        run = make_run(make_connection().id, kind="push", state="running", started_by_id=administrator.id)
        with writing() as session:
            runs.end(session, run.id, "finished", datetime.now(UTC))
    state = app.extensions["mail"]
    state.server, state.port, state.use_tls = server.host, server.port, True
    with serving(server, tls_context=self_signed(tmp_path).context), app.app_context():
        [mail] = pulling.all_rows(Mail)
        bound_jobs().send_mail(mail.id)
        [mail] = pulling.all_rows(Mail)
    assert (mail.state, server.messages) == ("waiting", [])
    page = logged_in(administrator).get(f"/sync-log/{run.id}/mail").text
    assert "is not trusted (self-signed certificate)" in page
    assert "SSL_CERT_FILE). It is tried again" in page


def test_the_page_of_notifications_says_it_too(app: Flask, logged_in: LogIn, member: User) -> None:
    stored = problem("mail_bad_certificate", place="mail.example.com:587", answer="self-signed certificate")
    with app.app_context(), writing() as session:
        mail = Mail(notification="failing", params={}, recipient=member.email, state="waiting", attempts=1)
        mail.error_text, mail.created_at = stored.stored(), datetime.now(UTC)
        session.add(mail)
    page = logged_in(member).get("/profile/notifications").text
    assert "The certificate of the mail server mail.example.com:587 is not trusted" in page
    assert "The mail server said" not in page
