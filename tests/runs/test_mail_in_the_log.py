"""Where no mail server is set, a mail is shown in the log only where that is a trial on this machine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from tests.support.applications.app import application
from webapp.app import services_of
from webapp.mailer import Letter, Templates
from webapp.settings import Settings

pytestmark = pytest.mark.one_database

LETTER = Letter(
    "Reset for Ada", Templates("errors/bare.html", "errors/bare.html"), {"title": "Ada", "text": "link"}
)


def shown(settings: Settings) -> list[str]:
    """What the log has of a mail."""
    with application(settings) as app, app.test_request_context(), capture_logs() as logs:
        mailer = services_of(app).mailer
        assert mailer.send("ada@example.com", LETTER, message_id="<1@a>", hand_over=lambda: None) is False
    return [f"{one['event']} {one}" for one in logs]


def test_a_trial_shows_its_mails(settings: Settings) -> None:
    [line] = shown(settings)
    assert line.startswith("mail_shown")
    assert "ada@example.com" in line


@pytest.mark.parametrize("url", ["https://book.example.com", "http://10.0.0.7:8000"])
def test_where_others_reach_it_the_log_holds_no_mail(settings: Settings, url: str) -> None:
    [line] = shown(replace(settings, public_url=url))
    assert line.startswith("mail_not_sent")
    assert "<1@a>" in line
    for word in ("ada@example.com", "Ada", "link"):
        assert word not in line
