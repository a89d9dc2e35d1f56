"""The mailbox of the demo: every mail as its text and as its HTML."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.mailbox.pages import create_app
from sandbox.mailbox.received import Received


class _Envelope:
    """What an SMTP server hands over."""

    mail_from, rcpt_tos = "twinbook@example.com", ("ada@example.com",)

    def __init__(self, message: EmailMessage) -> None:
        self.original_content = message.as_bytes()


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
def mailbox(received: Received) -> FlaskClient:
    return create_app(received).test_client()


def _give(received: Received, text: str, html: str = "") -> None:
    message = EmailMessage()
    message["Subject"] = "Hello"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    envelope: Any = _Envelope(message)
    # In a thread: Playwright has a loop at work in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(received.handle_DATA(None, None, envelope))).result()  # type: ignore[arg-type]


def test_a_mail_is_shown_as_text_and_as_the_page_that_it_is(received: Received, mailbox: FlaskClient) -> None:
    _give(received, "Dear <Ada>", "<h1>Dear Ada</h1><script>alert(1)</script>")
    page = mailbox.get("/messages/1").text
    assert "Dear &lt;Ada&gt;" in page
    assert 'src="/messages/1/html"' in page
    shown = mailbox.get("/messages/1/html")
    assert "<h1>Dear Ada</h1>" in shown.text
    assert shown.headers["Content-Security-Policy"].startswith("sandbox allow-popups; default-src 'none'")


def test_a_mail_of_text_alone_has_no_second_view(received: Received, mailbox: FlaskClient) -> None:
    _give(received, "Only words")
    assert "iframe" not in mailbox.get("/messages/1").text
    assert mailbox.get("/messages/2/html").status_code == 404
