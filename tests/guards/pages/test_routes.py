"""What every address keeps to: a session before an answer, a token before a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule

from tests.support.applications.app import application
from tests.support.samples.factories import make_company, make_connection, make_run
from webapp.models.people.users import User
from webapp.settings import Settings
from webapp.store.database.pages import cursor
from webapp.web.addresses import LateRule

pytestmark = pytest.mark.one_database

# What answers without a session, and why.
OPEN = {
    "auth.login": "the way in",
    "auth.begin": "the way in",
    "links.forgotten": "for who cannot log in",
    "links.send": "for who cannot log in; limited, and tells nothing",
    "links.is_sent": "the same page for everybody",
    "links.choose": "mailed links: single use, expiring",
    "links.set_password": "mailed links: single use, expiring",
    "static": "scripts and icons, which the log-in page needs",
    "assets.style": "the style sheet, likewise",
    "offline.show": "what browsers keep for when the server is away; the same for everybody",
    "offline.worker": "has browsers keep it",
    "integrations.callback": "tells somebody whose session has ended why nothing was connected",
    "webhooks.hubspot": "HubSpot's webhook events, which are signed",
    "health.healthz": "asked by machines; tells nothing",
    "health.readyz": "asked by machines; tells which part is down",
    "metrics.show": "asked by machines, with a token of its own",
}
# What takes a change without a CSRF token, and why.
UNPROTECTED = {"webhooks.hubspot": "HubSpot signs what it sends"}
SAFE = {"GET", "HEAD", "OPTIONS"}


def addresses(app: Flask, methods: Callable[[str], bool]) -> Iterator[tuple[str, str, str]]:
    """Yields endpoint, method and an address of every route with such a method."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            values: dict[str, Any] = {name: sample(rule, name) for name in rule.arguments}
            for method in sorted(filter(methods, (rule.methods or set()) - {"OPTIONS", "HEAD"})):
                yield rule.endpoint, method, app.url_for(rule.endpoint, **values)


def test_an_address_is_built_as_werkzeug_builds_it(app: Flask) -> None:
    late = [rule for rule in app.url_map.iter_rules() if isinstance(rule, LateRule)]
    assert len(late) > 100
    for rule in late:
        values = {name: sample(rule, name) for name in rule.arguments} | {"q": "a b"}
        build = Rule._compile_builder(rule, append_unknown=True)
        assert rule._build_unknown(**values) == build(rule, **values), rule


def test_a_new_application_has_compiled_nothing_that_builds_addresses(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    compile_builder = Rule._compile_builder

    def noting(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - Werkzeug's own
        compiled.append(rule.rule)
        return compile_builder(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", noting)
    with application(settings) as app, app.test_request_context():
        # Flask itself binds this one, before anybody could tell it how.
        assert set(compiled) == {"/static/<path:filename>"}
        app.url_for("auth.login")
        assert "/login" in compiled


def sample(rule: object, name: str) -> object:
    """A value that a part of an address takes."""
    converter = rule._converters[name]  # type: ignore[attr-defined]
    choices = getattr(converter, "items", None)
    if choices:
        return min(choices)
    return 1 if isinstance(converter, IntegerConverter) else "companies"


@pytest.fixture
def open_views(app: Flask) -> set[str]:
    return {endpoint for endpoint, view in app.view_functions.items() if getattr(view, "is_open", False)}


def test_only_what_is_listed_is_open(open_views: set[str]) -> None:
    assert open_views - set(OPEN) == set()


def test_every_other_address_leads_to_the_log_in_page(
    app: Flask, client: FlaskClient, open_views: set[str]
) -> None:
    requests = 0
    for endpoint, method, address in addresses(app, lambda _: True):
        if endpoint == "static" or endpoint in open_views:
            continue
        answer = client.open(address, method=method)
        assert (answer.status_code, answer.location[:6]) == (303, "/login"), f"{method} {address}"
        requests += 1
    assert requests > 0


def test_every_change_asks_for_a_token(
    app: Flask, administrator: User, logged_in: Callable[[User], FlaskClient]
) -> None:
    client = logged_in(administrator)
    app.config["WTF_CSRF_ENABLED"] = True
    requests = 0
    for endpoint, method, address in addresses(app, lambda method: method not in SAFE):
        if endpoint in UNPROTECTED:
            continue
        answer = client.open(address, method=method)
        assert answer.status_code == 400, f"{method} {address}"
        requests += 1
    assert requests > 0


def test_a_number_that_no_database_can_hold_is_nobodys(
    app: Flask, administrator: User, logged_in: Callable[[User], FlaskClient]
) -> None:
    client = logged_in(administrator)
    numbered = [
        (rule, name)
        for rule in app.url_map.iter_rules()
        for name, converter in rule._converters.items()
        if isinstance(converter, IntegerConverter)
    ]
    assert len(numbered) > 20
    for rule, huge in numbered:
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        for number in (2**31, 99_999_999_999_999_999_999):
            values: dict[str, Any] = {name: sample(rule, name) for name in rule.arguments} | {huge: number}
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **values)
            assert client.open(address, method=method).status_code == 404, f"{method} {address}"


def test_the_largest_number_that_a_database_can_hold_is_asked_for(
    administrator: User, logged_in: Callable[[User], FlaskClient]
) -> None:
    answer = logged_in(administrator).get(f"/sync-log/{2**31 - 1}")
    assert (answer.status_code, "There is no such run" in answer.text) == (404, True)


@pytest.mark.parametrize(
    "address",
    [
        "/sync-log?after={}",
        "/sync-log/1?after={}",
        "/held?after={}",
        "/companies/1/merge?other={}",
        "/contacts/new?company_id={}",
        "/sync-log/1/undo?entry={}",
    ],
)
def test_such_a_number_behind_the_question_mark_breaks_no_page(
    app: Flask, administrator: User, logged_in: Callable[[User], FlaskClient], address: str
) -> None:
    with app.app_context():
        make_run(make_connection().id, last_seq=3)
        make_company()
    client = logged_in(administrator)
    huge = 99_999_999_999_999_999_999
    for text in (str(huge), cursor(huge), cursor(huge, 1)):
        assert client.get(address.format(text)).status_code in (200, 404), text


def test_no_address_changes_anything_when_only_looked_at(app: Flask) -> None:
    both = [rule.rule for rule in app.url_map.iter_rules() if {"GET", "POST"} <= (rule.methods or set())]
    assert both == [], "one view answers to GET, another one to POST"
