"""What sends mail, as the use cases see it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from webapp.errors import TwinbookError


class MailRefusedError(TwinbookError):
    """The server will not take this mail, however often it is offered."""


class MailTroubleError(TwinbookError):
    """The server did not take the mail now; it may later, or once the settings are mended."""

    retryable = True


class Templates(NamedTuple):
    """The names of the templates of one mail."""

    text: str
    html: str


class Mailer(Protocol):
    """Sends mail whose text comes from templates."""

    def send(self, recipient: str, subject: str, templates: Templates, values: Mapping[str, Any]) -> bool:
        """Hand a mail to the server. False when there is none, and the mail stands in the log instead.

        Args:
            recipient: The address that it goes to.
            subject: What it is about.
            templates: What makes its text.
            values: What the templates show.

        Raises:
            MailRefusedError: The server refuses it for good.
            MailTroubleError: It may be taken later.
        """
