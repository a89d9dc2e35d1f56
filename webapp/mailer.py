"""The interface by which use cases send mail."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from webapp.errors import TwinbookError


class MailRefusedError(TwinbookError):
    """The server will not take this mail, however often it is offered."""


class MailTroubleError(TwinbookError):
    """The server did not take the mail now; it may later, or once the settings are mended.

    Its text is what the server said, or a stored `Problem`.
    """

    retryable = True


class MailTakenError(TwinbookError):
    """Another worker sends this mail: what was begun here ends before the server has all of it."""


class Templates(NamedTuple):
    """The names of the templates of one mail."""

    text: str
    html: str


class Letter(NamedTuple):
    """A mail: its subject, and what its templates are filled with."""

    subject: str
    templates: Templates
    values: Mapping[str, Any]


class Mailer(Protocol):
    """Sends mail whose text comes from templates."""

    def speaking(self, language: str | None) -> AbstractContextManager[None]:
        """Within it texts and templates are in a language; in English where nobody has chosen one."""

    def send(self, recipient: str, letter: Letter, *, message_id: str, hand_over: Callable[[], None]) -> bool:
        """Hand a mail to the server; False without a server.

        Args:
            recipient: The address that it goes to.
            letter: What it says.
            message_id: Its `Message-ID`, the same in every try.
            hand_over: Called when the server has the whole text and not yet the line that ends it. A server
                that loses the connection before that line drops the mail.

        Raises:
            MailRefusedError: The server refuses it for good.
            MailTroubleError: It may be taken later.
            MailTakenError: `hand_over` has raised it.
        """
