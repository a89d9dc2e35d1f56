"""Mail leaves by Flask-Mail, or, where no server is set, into the log."""

from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

import structlog
from flask_mail import Message

from webapp.current import current_settings
from webapp.errors import TwinbookError
from webapp.extensions import mail

_PERMANENT = 500
_AUTHENTICATION = range(530, 540)
_DEFAULT_SENDER = "twinbook@localhost"

_log = structlog.get_logger()


class MailRefusedError(TwinbookError):
    """The server will not take this mail, however often it is offered."""


class MailTroubleError(TwinbookError):
    """The server did not take the mail now; it may later, or once the settings are mended."""

    retryable = True


def deliver(recipient: str, subject: str, text: str, html: str) -> bool:
    """Hand a mail to the server. False when there is none, and the mail stands in the log instead.

    Raises:
        MailRefusedError: The server refuses it for good.
        MailTroubleError: It may be taken later.
    """
    settings = current_settings()
    if not settings.mail_server:
        _log.info("mail_shown", recipient=recipient, subject=subject, text=text)
        return False
    sender = settings.mail_default_sender or settings.mail_username or _DEFAULT_SENDER
    message = Message(_one_line(subject), recipients=[recipient], body=text, html=html, sender=sender)
    try:
        mail.send(message)
    except SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise _error(code, words) from error
    except SMTPResponseException as error:
        raise _error(error.smtp_code, error.smtp_error) from error
    except (SMTPException, OSError) as error:
        raise MailTroubleError(f"{settings.mail_server}: {error}") from error
    return True


def _error(code: int, words: bytes | str) -> TwinbookError:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    is_permanent = code >= _PERMANENT and code not in _AUTHENTICATION
    return (MailRefusedError if is_permanent else MailTroubleError)(f"{code} {said}"[:500])


def _one_line(text: str) -> str:
    return " ".join(text.split())
