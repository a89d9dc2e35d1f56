"""Mails with links, sent in this process as a worker does, and the links in them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select

from tests.support.applications.services import bound_jobs, reading
from tests.support.servers.smtp import Mailbox
from webapp.models import Mail


def sent(app: Flask) -> None:
    """Send every mail that waits, as the workers do."""
    with app.app_context():
        with reading() as session:
            waiting = session.scalars(select(Mail.id).where(Mail.state == "waiting")).all()
        for mail_id in waiting:
            bound_jobs().send_mail(mail_id)


def link_in(mailbox: Mailbox, number: int = -1) -> str:
    """The path of the link in a mail."""
    body = mailbox.messages[number].get_body(("plain",))
    assert body is not None
    found = re.search(r"https?://\S*/choose-password/\S+", body.get_content())
    assert found, body.get_content()
    return urlsplit(found[0]).path
