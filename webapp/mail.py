"""Mail leaves by Flask-Mail, or, where no server is set, into the log."""

from collections.abc import Mapping
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

import structlog
from flask import Flask
from flask_mail import Mail, Message

from webapp.errors import TwinbookError
from webapp.mailer import MailRefusedError, MailTroubleError, Templates
from webapp.settings import Settings

_PERMANENT = 500
_AUTHENTICATION = range(530, 540)
_DEFAULT_SENDER = "twinbook@localhost"

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

    def send(self, recipient: str, subject: str, templates: Templates, values: Mapping[str, Any]) -> bool:
        """Hand a mail to the server; see `Mailer.send`."""
        text, html = self._filled(templates.text, values), self._filled(templates.html, values)
        settings = self._settings
        if not settings.mail_server:
            _log.info("mail_shown", recipient=recipient, subject=subject, text=text)
            return False
        sender = settings.mail_default_sender or settings.mail_username or _DEFAULT_SENDER
        message = Message(_one_line(subject), recipients=[recipient], body=text, html=html, sender=sender)
        try:
            with self._app.app_context():
                self._mail.send(message)
        except SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise _error(code, answer) from error
        except SMTPResponseException as error:
            raise _error(error.smtp_code, error.smtp_error) from error
        except (SMTPException, OSError) as error:
            raise MailTroubleError(f"{settings.mail_server}: {error}") from error
        return True

    def _filled(self, name: str, values: Mapping[str, Any]) -> str:
        return self._app.jinja_env.get_template(name).render(values)


def _error(code: int, answer: bytes | str) -> TwinbookError:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    is_permanent = code >= _PERMANENT and code not in _AUTHENTICATION
    return (MailRefusedError if is_permanent else MailTroubleError)(f"{code} {text}"[:500])


def _one_line(text: str) -> str:
    return " ".join(text.split())
