"""Mail leaves by Flask-Mail. Without a server the log shows it, where an installation is a trial."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from smtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

import structlog
from flask import Flask, has_app_context
from flask_babel import force_locale
from flask_mail import Mail, Message

from webapp.errors import TwinbookError
from webapp.installation.doubtful_settings import is_for_this_machine
from webapp.mailer import Letter, MailRefusedError, MailTroubleError
from webapp.settings import Settings
from webapp.text.translated import DEFAULT
from webapp.usecases.operating import mail_server

_PERMANENT = 500
_AUTHENTICATION = range(530, 540)
_LAST_LINE = b".\r\n"
SILENT_S = 60.0
"""How long a mail server is waited for that says nothing. Some look through a mail for long."""

_log = structlog.get_logger()


class FlaskMailer:
    """A `Mailer` around Flask-Mail; its texts are templates of the application.

    Args:
        app: Whose templates are filled, and whose mail server is used.
        mail: The extension, bound to the application.
        settings: Which server, and which sender.
    """

    def __init__(self, app: Flask, mail: Mail, settings: Settings) -> None:
        self._app = app
        self._mail = mail
        self._settings = settings

    @contextlib.contextmanager
    def speaking(self, language: str | None) -> Iterator[None]:
        """Within it texts and templates are in a language; see `Mailer.speaking`."""
        with self._app.app_context(), force_locale(language or DEFAULT):
            yield

    def send(self, recipient: str, letter: Letter, *, message_id: str, hand_over: Callable[[], None]) -> bool:
        """Hand a mail to the server; see `Mailer.send`."""
        text = self._filled(letter.templates.text, letter.values)
        html = self._filled(letter.templates.html, letter.values)
        settings = self._settings
        if not settings.mail_server:
            if is_for_this_machine(settings):
                _log.info("mail_shown", recipient=recipient, subject=letter.subject, text=text)
            else:
                # A log is read by more people than a mail, and kept for longer.
                _log.warning("mail_not_sent", message_id=message_id, setting="MAIL_SERVER")
            return False
        subject, sender = _one_line(letter.subject), settings.mail_sender
        message = Message(subject, recipients=[recipient], body=text, html=html, sender=sender)
        message.msgId = message_id
        try:
            with self._app.app_context():
                self._hand_to_server(message, hand_over)
        except SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise _error(code, answer) from error
        except SMTPDataError as error:
            raise _error(error.smtp_code, error.smtp_error) from error
        except SMTPResponseException as error:
            # About us or our sender, for all mails alike: they wait until the settings are mended.
            raise MailTroubleError(_answer_text(error.smtp_code, error.smtp_error)) from error
        except (SMTPException, OSError) as error:
            raise _trouble(error, f"{settings.mail_server}:{settings.mail_port}") from error
        return True

    def _hand_to_server(self, message: Message, hand_over: Callable[[], None]) -> None:
        connection = self._mail.connect()
        host = connection.host = mail_server.connect(_server(connection.mail), silent_s=SILENT_S)
        _announce_last_line(host, hand_over)
        try:
            connection.send(message)
        finally:
            # Once the server has answered, a farewell that fails changes nothing about the mail.
            with contextlib.suppress(SMTPException, OSError):
                host.quit()

    def _filled(self, name: str, values: Mapping[str, Any]) -> str:
        # Within a context, since texts are taken in a language; one that speaks goes on.
        with contextlib.nullcontext() if has_app_context() else self._app.app_context():
            return self._app.jinja_env.get_template(name).render(values)


def _server(mail: Any) -> mail_server.MailServer:
    """Where Flask-Mail would go; by itself it would trust any certificate, and wait without end."""
    return mail_server.MailServer(
        mail.server,
        mail.port,
        mail.username,
        mail.password,
        is_over_tls=mail.use_ssl,
        has_starttls=mail.use_tls,
    )


def _announce_last_line(host: SMTP, hand_over: Callable[[], None]) -> None:
    """Have `hand_over` called between a mail's text and the line that ends it."""
    send = host.send

    def send_in_two(s: Any) -> None:
        if not (isinstance(s, bytes) and s.endswith(b"\r\n" + _LAST_LINE)):
            send(s)
            return
        send(s.removesuffix(_LAST_LINE))
        try:
            hand_over()
        except BaseException:
            # Whatever is said now would be a part of the text.
            host.close()
            raise
        send(_LAST_LINE)

    host.send = send_in_two  # type: ignore[method-assign]


def _error(code: int, answer: bytes | str) -> TwinbookError:
    is_permanent = code >= _PERMANENT and code not in _AUTHENTICATION
    return (MailRefusedError if is_permanent else MailTroubleError)(_answer_text(code, answer))


def _answer_text(code: int, answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return f"{code} {text}"[:500]


def _trouble(error: Exception, place: str) -> MailTroubleError:
    untrusted = mail_server.untrusted(error, place)
    return MailTroubleError(f"{place}: {error}"[:500] if untrusted is None else untrusted.stored())


def _one_line(text: str) -> str:
    return " ".join(text.split())
