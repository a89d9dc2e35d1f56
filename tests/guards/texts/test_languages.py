"""Pages speak one of the languages that there are, and templates can mark their texts for translation."""

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from tests.support.pages.page import read_page

pytestmark = pytest.mark.one_database


def test_a_page_names_its_language(client: FlaskClient) -> None:
    page = read_page(client.get("/login", headers={"Accept-Language": "fr, xx"}).text)
    assert page.one("html")["lang"] == "en"


def test_templates_mark_texts_and_count_in_them(app: Flask) -> None:
    text = "{{ _('Hello') }} "
    text += "{% trans count=n %}{{ count }} record{% pluralize %}{{ count }} records{% endtrans %}"
    with app.test_request_context("/"):
        assert render_template_string(text, n=1) == "Hello 1 record"
        assert render_template_string(text, n=2) == "Hello 2 records"
