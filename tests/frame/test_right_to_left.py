"""Names that are written from right to left stand apart from the text around them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup

from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company
from webapp.models import User
from webapp.text.sentence import filled
from webapp.text.translated import gettext, isolated

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]

NOOR = "شركة النور 5"
APART = f"\u2068{NOOR}\u2069"


@pytest.mark.parametrize("text", ["Müller 5", "日本電気", "", "Ελλάς", 7, None])
def test_what_runs_from_left_to_right_stays_as_it_is(text: object) -> None:
    assert isolated(text) == text


@pytest.mark.parametrize("text", [NOOR, "Firma תל אביב", "ﺷﺮﻛﺔ"])
def test_what_runs_the_other_way_is_put_apart_and_markup_stays_markup(text: str) -> None:
    assert isolated(text) == f"\u2068{text}\u2069"
    link = isolated(Markup("<b>{}</b>").format(text))
    assert link == f"\u2068<b>{text}</b>\u2069"
    assert isinstance(link, Markup)


def test_in_a_sentence_it_is_put_apart(in_app: Flask) -> None:  # noqa: ARG001 - texts need an application
    assert gettext("%(name)s was deactivated and logged out everywhere.", name=NOOR).startswith(APART)
    assert filled("{names} and {count}", {"names": ["A", NOOR], "count": 5}) == f"A, {APART} and 5"


def test_pages_put_a_name_apart_and_files_keep_it(app: Flask, logged_in: LogIn, administrator: User) -> None:
    with app.app_context():
        make_company(name=NOOR)
    pages = logged_in(administrator)
    assert read_page(pages.get("/companies/1").text).one("h1").shown_text == APART
    assert read_page(pages.get("/companies/1/deletion").text).one("h1").shown_text == f"Delete {APART}?"
    assert read_page(pages.get("/companies/1/edit").text).one("input", id="name")["value"] == NOOR
    exported = pages.get("/companies/export.csv").text
    assert NOOR in exported
    assert APART not in exported
