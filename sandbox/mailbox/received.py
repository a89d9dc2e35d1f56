"""The messages received, in memory."""

import email
import email.policy
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import count

from aiosmtpd.smtp import SMTP, Envelope, Session

_KEPT = 500


@dataclass(frozen=True)
class Message:
    """One message, as a person reads it."""

    id: int
    at: datetime
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str


class Received:
    """The last 500 messages, newest first; what an SMTP server gives its mail to."""

    def __init__(self) -> None:
        self.messages: deque[Message] = deque(maxlen=_KEPT)
        self._ids = count(1)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        """Keep a message."""
        parsed = email.message_from_bytes(envelope.original_content or b"", policy=email.policy.default)
        self.messages.appendleft(
            Message(
                id=next(self._ids),
                at=datetime.now(UTC),
                sender=envelope.mail_from or "",
                to=tuple(envelope.rcpt_tos),
                subject=str(parsed["Subject"] or "(no subject)"),
                text=_part(parsed, "plain"),
                html=_part(parsed, "html"),
            )
        )
        return "250 kept"

    def get(self, number: int) -> Message | None:
        """The message with this id, while it is kept."""
        return next((message for message in tuple(self.messages) if message.id == number), None)


def _part(message: EmailMessage, kind: str) -> str:
    """The text of that kind; empty where the message has none."""
    body = message.get_body((kind,))
    return str(body.get_content()) if body else ""
