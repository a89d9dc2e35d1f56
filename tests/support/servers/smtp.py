"""A mail server that keeps what it is given."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask


class Mailbox:
    """Where mail arrives: `messages`, oldest first; `takes_s` is how long it takes to answer."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.takes_s = 0.0
        self.host = "127.0.0.1"
        self.port = free_port()

    def clear(self) -> None:
        """Forget what came, and answer at once again."""
        self.messages.clear()
        self.takes_s = 0.0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        """Keep one message."""
        await asyncio.sleep(self.takes_s)
        content = envelope.original_content or b""
        message = email.message_from_bytes(content, policy=email.policy.default)
        self.messages.append(message)
        return "250 kept"


class HangingUp:
    """A server that takes a mail and hangs up before it answers, as often as it is told to."""

    def __init__(self, mailbox: Mailbox, times: int) -> None:
        self.mailbox = mailbox
        self.times = times

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        """Keep the mail, and hang up."""
        answer = await self.mailbox.handle_DATA(server, session, envelope)
        if self.times > 0:
            self.times -= 1
            server.transport.abort()
        return answer


@contextmanager
def catching_mail() -> Iterator[Mailbox]:
    """Runs a mail server on a free loopback port."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname=mailbox.host, port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def mail_server(app: Flask, handler: object) -> Iterator[None]:
    """A mail server that answers an application's mails as the handler says."""
    state = app.extensions["mail"]
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    before, state.port = state.port, controller.port
    try:
        yield
    finally:
        state.port = before
        controller.stop()
