"""Whatever others have written, on no page does it become anything but text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import JSON, String, Table, select, update

from tests.support.applications.services import writing
from tests.support.pages.page import read_page
from tests.support.samples.everything import fill, fill_lists
from tests.support.samples.factories import make_connection
from webapp.models import Base
from webapp.models.people.users import User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
Hostile = Callable[[str], str]

SIGN = "live-one"
_TAGS = f"<img src={SIGN}><script>{SIGN}</script><b onclick=a hx-get=/{SIGN}>"
HOSTILE = f"""javascript:alert(1)//'">{_TAGS}{{{{7*7}}}}%(x)s"""
# Texts of people, files and HubSpot.
TEXTS = {
    *("name", "first_name", "last_name", "city", "country", "street", "description", "industry", "job_title"),
    *("website", "domain", "phone", "mobile", "postal_code", "state_or_region", "label", "heading"),
    *("file_name", "error_text", "trouble_text", "display_name", "browser", "system", "recipient", "address"),
    *("problem", "remote_id", "property", "key_prefix", "lifecycle", "email", "fax", "linkedin"),
}
# What a page might lead to.
ADDRESSES = ("website", "domain", "linkedin", "linkedin_url")
# What in a value of several parts is a stable name, by its key.
NAMES = {
    *("code", "verb", "operator", "field", "object_type", "kind", "run_kind", "side", "outcome", "reason"),
    *(
        "evidence",
        "state",
        "encoding",
        "separator",
        "columns",
        "fields",
        "type",
        "field_type",
        "digest",
        "account_type",
    ),
}


def hostile(value: Any, made: Hostile, key: str = "") -> Any:
    """A value in which every text of others is hostile."""
    if key in NAMES:
        return value
    if isinstance(value, dict):
        return {name: hostile(one, made, name) for name, one in value.items()}
    if isinstance(value, list):
        # Changes: the field comes first.
        is_change = len(value) == 3 and isinstance(value[0], str)
        return [one if is_change and not place else hostile(one, made) for place, one in enumerate(value)]
    return made(value) if isinstance(value, str) else value


def make_hostile(table: Table, made: Hostile) -> None:
    """Let all texts of others in a table be hostile."""
    chosen = [one for one in table.columns if one.name in TEXTS or isinstance(one.type, JSON)]
    ids = list(table.primary_key.columns)
    with writing() as session:
        for row in session.execute(select(*ids, *chosen)).mappings():
            values = {
                one.name: made("") if one.name in ADDRESSES else hostile(row[one], made)
                for one in chosen
                if one not in ids
                and isinstance(one.type, JSON | String)
                and (row[one] is not None or one.name in ADDRESSES)
            }
            if values:
                session.execute(update(table).where(*(one == row[one] for one in ids)).values(**values))


@pytest.fixture
def world(app: Flask, logged_in: LogIn, administrator: User) -> Callable[[Hostile], FlaskClient]:
    """Fills a book with what is hostile; who looks at it has logged in before."""

    def filled(made: Hostile) -> FlaskClient:
        client = logged_in(administrator)
        with app.app_context():
            connection_id = make_connection().id
            fill(connection_id, administrator.id)
            fill_lists(connection_id)
            for table in Base.metadata.sorted_tables:
                make_hostile(table, made)
        return client

    return filled


def test_no_value_of_anybodys_is_live_on_any_page(
    app: Flask, world: Callable[[Hostile], FlaskClient]
) -> None:
    client = world(lambda text: text + HOSTILE)
    seen = []
    for address in addresses(app):
        answer = client.get(address)
        if SIGN in answer.text and answer.mimetype in ("text/html", "text/event-stream"):
            seen.append(address)
            assert answer.status_code < 500, address
            assert live_parts(answer.text.replace("\ndata: ", "\n")) == [], address
        answer.close()
    assert len(seen) > 100, seen


@pytest.mark.parametrize("formula", ['=HYPERLINK("x")', "@SUM(1)", "\t=1+1", "-cmd|' /C calc'!A0"])
def test_no_cell_of_any_file_runs_as_a_formula(
    app: Flask, world: Callable[[Hostile], FlaskClient], formula: str
) -> None:
    client = world(lambda text: formula + text)
    guarded: dict[str, int] = {}
    for address in addresses(app):
        if not address.endswith(".csv"):
            continue
        answer = client.get(address)
        cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
        assert [cell for cell in cells if cell.startswith(formula)] == [], address
        guarded[address] = sum(cell.startswith(f"'{formula}") for cell in cells)
        answer.close()
    assert sum(map(bool, guarded.values())) >= 4, guarded


def live_parts(html: str) -> list[str]:
    """What a value has become that is no text."""
    found = []
    for one in read_page(html).elements():
        for name, value in one.attributes.items():
            is_address = name in ("href", "src", "action", "formaction") or name.startswith("hx-")
            if name.startswith("on") or (name == "src" and SIGN in (value or "")):
                found.append(f"{one.name} {name}")
            if is_address and (value or "").strip().lower().startswith("javascript:"):
                found.append(f"{one.name} {name}={value}")
    return found


def addresses(app: Flask) -> list[str]:
    """Every page, about the first few objects of its kind."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
                continue
            for number in range(1, 6):
                values: dict[str, Any] = {}
                for name in rule.arguments:
                    converter = rule._converters[name]
                    choices = getattr(converter, "items", None)
                    values[name] = sorted(choices)[number % len(choices)] if choices else number
                if rule.endpoint.endswith(".stream"):
                    values["once"] = 1
                found.append(app.url_for(rule.endpoint, **values))
    return list(dict.fromkeys(found))
