"""A check of the mail server, up to the point where it would take a mail; none is sent."""

import contextlib
import smtplib
import ssl

from webapp.domain.operating.check import MailFacts, MailState
from webapp.settings import Settings

_TIMEOUT_S = 10.0
_LOCAL = ("localhost", "127.0.0.1", "::1")
_TRUST = ssl.create_default_context


def probe(settings: Settings) -> MailFacts:
    """Connect, encrypt and log in as a mail would."""
    if not settings.mail_server:
        return MailFacts("no_server")
    facts = MailFacts(
        "reached",
        place=f"{settings.mail_server}:{settings.mail_port}",
        is_local=settings.mail_server in _LOCAL,
        has_password=bool(settings.mail_username and settings.mail_password),
    )
    try:
        is_encrypted = _try(settings)
    except (OSError, smtplib.SMTPException) as error:
        return facts._replace(state=_state(error), answer=_answer(error))
    return facts._replace(is_encrypted=is_encrypted)


def _try(settings: Settings) -> bool:
    """Whether the connection was encrypted."""
    with contextlib.closing(_connected(settings)) as server:
        server.ehlo()
        if settings.has_starttls:
            server.starttls(context=_TRUST())
            server.ehlo()
        if settings.mail_username and settings.mail_password:
            server.login(settings.mail_username, settings.mail_password)
        server.noop()
        return settings.has_starttls or settings.has_mail_over_tls


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port = settings.mail_server, settings.mail_port
    if settings.has_mail_over_tls:
        return smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_S, context=_TRUST())
    return smtplib.SMTP(host, port, timeout=_TIMEOUT_S)


def _state(error: Exception) -> MailState:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "bad_certificate"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "no_starttls" if "STARTTLS" in str(error) else "login_refused"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "login_refused"
    if isinstance(error, smtplib.SMTPResponseException):
        return "refused"
    return "unreachable"


def _answer(error: Exception) -> str:
    """The answer of the server or the system, in one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        answer = text.decode(errors="replace") if isinstance(text, bytes) else text
        return " ".join(f"{error.smtp_code} {answer}".split())
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    strerror = getattr(error, "strerror", None)
    return " ".join(str(strerror or error or type(error).__name__).split())
