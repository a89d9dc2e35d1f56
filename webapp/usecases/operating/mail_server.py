"""The way to a mail server, for mails and for the check."""

import contextlib
import ssl
from email.utils import parseaddr
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import NamedTuple

from webapp.domain.operating.check import MailFacts, MailState
from webapp.errors import Problem, problem
from webapp.settings import Settings

_TIMEOUT_S = 10.0
_REFUSED = 400
_LOCAL = ("localhost", "127.0.0.1", "::1")


class MailServer(NamedTuple):
    """Where mail is handed over, and how.

    Attributes:
        is_over_tls: whether the connection is encrypted from the start.
        has_starttls: whether it is encrypted once both sides have said hello.
    """

    host: str
    port: int
    username: str | None
    password: str | None
    is_over_tls: bool
    has_starttls: bool


def probe(settings: Settings) -> MailFacts:
    """Connect, encrypt, log in and name the sender as a mail would."""
    if not settings.mail_server:
        return MailFacts("no_server")
    server = MailServer(
        settings.mail_server,
        settings.mail_port,
        settings.mail_username,
        settings.mail_password,
        is_over_tls=settings.has_mail_over_tls,
        has_starttls=settings.has_starttls,
    )
    sender = parseaddr(settings.mail_sender)[1]
    facts = MailFacts(
        "reached",
        place=f"{server.host}:{server.port}",
        sender=sender,
        is_local=server.host in _LOCAL,
        has_password=bool(server.username and server.password),
        is_encrypted=server.is_over_tls or server.has_starttls,
    )
    try:
        with contextlib.closing(connect(server, silent_s=_TIMEOUT_S)) as host:
            _name_sender(host, sender)
    except (OSError, SMTPException) as error:
        return facts._replace(state=_trouble(error), answer=_answer(error))
    return facts


def _name_sender(host: SMTP, sender: str) -> None:
    """Begin a mail from a sender, and let it be.

    Raises:
        SMTPSenderRefused: the server takes none from them.
    """
    host.ehlo_or_helo_if_needed()
    code, answer = host.mail(sender)
    if code >= _REFUSED:
        raise SMTPSenderRefused(code, answer, sender)
    host.rset()


def connect(server: MailServer, *, silent_s: float) -> SMTP:
    """Reach a server, encrypt and log in.

    Neither a password nor a mail goes to a server whose certificate is not trusted, or that does not offer
    the encryption that was asked for: somebody on the way could have taken the offer out. Trusted is what
    the machine trusts, and what OpenSSL's SSL_CERT_FILE and SSL_CERT_DIR name.

    Args:
        server: Which one.
        silent_s: How long it may say nothing.

    Raises:
        SMTPException: It refuses something, or offers no encryption.
        OSError: It is not reached, or its certificate is not trusted.
    """
    if server.is_over_tls:
        trust = ssl.create_default_context()
        host: SMTP = SMTP_SSL(server.host, server.port, timeout=silent_s, context=trust)
    else:
        host = SMTP(server.host, server.port, timeout=silent_s)
    try:
        if server.has_starttls:
            host.starttls(context=ssl.create_default_context())
        if server.username and server.password:
            host.login(server.username, server.password)
    except BaseException:
        host.close()
        raise
    return host


def untrusted(error: Exception, place: str) -> Problem | None:
    """Why nothing was sent, where an error of `connect` says that somebody else may be on the way."""
    what = _trouble(error)
    if what == "bad_certificate":
        return problem("mail_bad_certificate", place=place, answer=_answer(error))
    return problem("mail_no_starttls", place=place) if what == "no_starttls" else None


def _trouble(error: Exception) -> MailState:
    """The meaning of an error of `connect`."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "bad_certificate"
    if isinstance(error, SMTPNotSupportedError):
        return "no_starttls" if "STARTTLS" in str(error) else "login_refused"
    if isinstance(error, SMTPAuthenticationError):
        return "login_refused"
    if isinstance(error, SMTPSenderRefused):
        return "sender_refused"
    if isinstance(error, SMTPResponseException):
        return "refused"
    return "unreachable"


def _answer(error: Exception) -> str:
    """The answer of the server or the system, in one line."""
    if isinstance(error, SMTPResponseException):
        text = error.smtp_error
        text = text.decode(errors="replace") if isinstance(text, bytes) else text
        return " ".join(f"{error.smtp_code} {text}".split())
    if isinstance(error, ssl.SSLCertVerificationError):
        # Python's own text has a full stop where it names the host, and none elsewhere.
        return error.verify_message.rstrip(".")
    strerror = getattr(error, "strerror", None)
    return " ".join(str(strerror or error or type(error).__name__).split())
