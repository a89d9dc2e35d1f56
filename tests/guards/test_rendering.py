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

from tests.support.everything import fill
from tests.support.factories import make_connection
from webapp.models import User

MISSING = ("/sync-log/nonsense", "/companies/99")
# Of the world below: every page for people, with what stands on it.
PAGES = [
    *("/companies", "/companies?linked=held", "/contacts", "/contacts?sort=changed"),
    *("/companies/1", "/contacts/1", "/contacts/1/edit", "/companies/1/edit", "/contacts/new"),
    *("/companies/1/history", "/contacts/1/history", "/companies/1/merge?q=n&other=2", "/contacts/1/push"),
    *("/companies/1/deletion", "/contacts/1/deletion", "/companies/deletion?which=all&q=n"),
    *("/companies/sharing?domain=nordlicht-verlag.de", "/contacts/sharing?email=a@b.de"),
    *("/companies/choices?company_search=n", "/custom-fields", "/custom-fields/1"),
    *("/integrations", "/integrations/hubspot", "/integrations/hubspot/disconnection"),
    *(
        "/integrations/hubspot/setup",
        "/integrations/hubspot/setup/preview",
        "/integrations/hubspot/setup/pull",
    ),
    *("/integrations/hubspot/fields/companies", "/integrations/hubspot/fields/contacts/first_name"),
    *("/integrations/hubspot/statuses", "/integrations/hubspot/rules/companies/in"),
    *("/sync-log", "/sync-log/reasons", "/runs/push", "/runs/pull"),
    *(f"/sync-log/{run_id}" for run_id in (1, 2, 3, 4, 5)),
    *("/sync-log/1/row", "/sync-log/1/mail", "/sync-log/1/undo", "/sync-log/1/undo?entry=2"),
    *("/sync-log/1/1/lost-values", "/sync-log/1/stream"),
    *("/held", "/held/records", "/held/not-imported", "/held/2/company"),
    *("/held/failing", "/held/failing?reason=refused_by_hubspot&property=email&type=contacts"),
    *("/duplicates", "/duplicates?type=contacts", "/duplicates?state=not_the_same", "/duplicates/merged"),
    *("/duplicates/1", "/duplicates/1?all=1", "/duplicates/2?pair=1", "/duplicates/bulk"),
    *MISSING,
]
# Pages that are not among them, and why.
UNSEEN = {
    "home.index": "leads to another",
    "mapping.fields": "leads to another",
    "rules.index": "leads to another",
    "rules.trial": "shows what the page of the rule shows",
    "previews.since": "asks HubSpot",
    "records.stream": "shows what the page of the record shows, and does not end",
    "sync_log.export": "has no template",
    "duplicates.export": "has no template",
}
# Those of which htmx fetches a part.
FRAGMENTS = [
    *("/companies", "/companies/1", "/sync-log", "/contacts/1/push"),
    "/companies/changes?do=status&which=all",
    "/contacts/changes?do=company&which=all",
    "/contacts?q=a",
    "/integrations/hubspot/fields/companies",
]
FORMS: dict[str, dict[str, str]] = {
    "/companies": {"name": "", "employees": "many"},
    "/contacts/1": {"first_name": "Jonas", "email": "no address", "version": "1"},
    "/custom-fields": {"object_type": "companies", "name": "", "label": ""},
    "/integrations/hubspot/connection": {"token": ""},
    "/integrations/hubspot/rules/companies/in": {"do": "add:0"},
    "/integrations/hubspot/statuses/companies": {"check": "yes"},
    "/integrations/hubspot/fields/contacts/first_name": {"look": "yes", "property": "firstname"},
}


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
