"""Mails can be read on a phone and on a dark screen, in every language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, render_template
from flask_babel import force_locale
from playwright.sync_api import Page

from tests.support.pages.axe import violations
from tests.support.samples.factories import add_entries, make_connection, make_run
from tests.support.usecases import pulling
from webapp.errors import Problem
from webapp.models import Run
from webapp.text.notifications.mails import letter
from webapp.text.people import LANGUAGES
from webapp.usecases.notifications.sending import About, Ended, Notification, Stopped
from webapp.usecases.people.mailed_links import LinkSent

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

HERE = "https://twinbook.example.com"
WEEK = {
    "since": "2026-11-16",
    "until": "2026-11-22",
    "came": 1_200,
    "went": 40,
    "failed_runs": 1,
    "held": 20,
    "failing": 3,
    "duplicates": 7,
}
WIDTHS = (320, 390, 800)


def every_mail() -> Iterator[About]:
    """One of each template, with all of its parts and long words."""
    yield LinkSent("invite", "Ida Österreicher", f"{HERE}/links/{'x' * 60}", HERE)
    yield Notification("weekly_summary", WEEK, HERE)
    yield Stopped(Problem("reconnect").stored(), HERE)
    run = make_run(make_connection().id, kind="push", state="failed", error="reconnect")
    long = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz GmbH"
    failed = {"object_type": "companies", "name": long, "outcome": "failed", "reason": "refused_by_hubspot"}
    add_entries(run.id, [{**failed, "detail": {"error": "INVALID_" * 9}}])
    yield Ended(pulling.all_rows(Run)[-1], pulling.entries(run.id), HERE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_can_be_read_light_and_dark_and_is_as_wide_as_its_window(
    in_app: Flask, page: Page, language: str
) -> None:
    wrong: list[str] = []
    for about in every_mail():
        with in_app.test_request_context(), force_locale(language):
            mail = letter(about)
            html = render_template(mail.templates.html, **mail.values)
        page.set_content(html)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append(f"{mail.subject}: wider than {width}")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            wrong += [f"{mail.subject}, {scheme}: {one}" for one in violations(page, only_colours=True)]
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (ground == "rgb(18, 21, 25)") == (scheme == "dark"), "the ground is that of the scheme"
    assert wrong == []
