"""A page is gathered first and rendered then: no template asks the database for anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from flask import Flask, before_render_template, template_rendered
from flask.testing import FlaskClient
from jinja2_fragments.flask import before_render_template_block, template_block_rendered
from sqlalchemy import Engine, event

from tests.support.pages.pages import FORMS, MISSING, PAGES, UNSEEN
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from webapp.models import User

pytestmark = pytest.mark.one_database

# Those of which htmx fetches a part.
FRAGMENTS = [
    *("/companies", "/companies/1", "/sync-log", "/contacts/1/push", "/audit", "/companies/import/3"),
    "/companies/changes?do=status&which=all",
    "/contacts/changes?do=company&which=all",
    "/contacts?q=a",
    "/integrations/hubspot/fields/companies",
]


@contextmanager
def statements_while_rendering(app: Flask) -> Iterator[list[str]]:
    """Fills with every statement that is run while a template is rendered."""
    found: list[str] = []
    under_way: list[str] = []

    def begin(_app: Flask, **given: Any) -> None:
        under_way.append(str(given.get("template_name") or given["template"].name))

    def end(_app: Flask, **_: Any) -> None:
        under_way.pop()

    def record_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.extend(f"{under_way[-1]}: {statement}" for _ in under_way[:1])

    with ExitStack() as stack:
        for signal in (before_render_template, before_render_template_block):
            stack.enter_context(signal.connected_to(begin, app))
        for signal in (template_rendered, template_block_rendered):
            stack.enter_context(signal.connected_to(end, app))
        event.listen(Engine, "before_cursor_execute", record_statement)
        stack.callback(event.remove, Engine, "before_cursor_execute", record_statement)
        yield found


@pytest.fixture
def ada(app: Flask, administrator: User, logged_in: Callable[[User], FlaskClient]) -> FlaskClient:
    """An administrator of a book in which something of everything has happened."""
    with app.app_context():
        fill(make_connection().id, administrator.id)
    return logged_in(administrator)


def test_every_page_for_people_is_looked_at(app: Flask) -> None:
    addresses = app.url_map.bind("localhost")
    seen = {addresses.match(address.partition("?")[0])[0] for address in PAGES if address not in MISSING}
    for_people = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not getattr(app.view_functions[rule.endpoint], "is_open", False)
    }
    assert for_people - seen - {"static"} == UNSEEN.keys()


def test_no_page_asks_the_database_while_it_is_rendered(app: Flask, ada: FlaskClient) -> None:
    with statements_while_rendering(app) as statements:
        for address in PAGES:
            assert ada.get(address).status_code == (404 if address in MISSING else 200), address
            assert statements == [], address


def test_nor_does_a_part_of_one(app: Flask, ada: FlaskClient) -> None:
    with statements_while_rendering(app) as statements:
        for address in FRAGMENTS:
            assert ada.get(address, headers={"HX-Request": "true"}).status_code == 200, address
            assert statements == [], address


def test_nor_does_a_form_that_is_shown_again(app: Flask, ada: FlaskClient) -> None:
    with statements_while_rendering(app) as statements:
        for address, form in FORMS.items():
            assert ada.post(address, data=form).status_code in (200, 422), address
            assert statements == [], address
