"""What every address keeps to: a session before an answer, a token before a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.models.people import User

# What answers without a session, and why.
OPEN = {
    "auth.login": "the way in",
    "auth.begin": "the way in",
    "static": "style sheets and scripts, which the log-in page needs",
    "integrations.callback": "tells somebody whose session has ended why nothing was connected",
    "webhooks.hubspot": "HubSpot's notices, which are signed",
    "health.healthz": "asked by machines; tells nothing",
    "health.readyz": "asked by machines; tells which part is down",
    "health.metrics": "asked by machines, with a token of its own",
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


def sample(rule: object, name: str) -> object:
    """A value that a part of an address takes."""
    converter = rule._converters[name]  # type: ignore[attr-defined]
    choices = getattr(converter, "items", None)
    if choices:
        return min(choices)
    return 1 if type(converter).__name__ == "IntegerConverter" else "companies"


@pytest.fixture
def open_views(app: Flask) -> set[str]:
    return {endpoint for endpoint, view in app.view_functions.items() if getattr(view, "is_open", False)}


def test_only_what_is_listed_is_open(open_views: set[str]) -> None:
    assert open_views - set(OPEN) == set()


def test_every_other_address_leads_to_the_log_in_page(
    app: Flask, client: FlaskClient, open_views: set[str]
) -> None:
    asked = 0
    for endpoint, method, address in addresses(app, lambda _: True):
        if endpoint == "static" or endpoint in open_views:
            continue
        answer = client.open(address, method=method)
        assert (answer.status_code, answer.location[:6]) == (303, "/login"), f"{method} {address}"
        asked += 1
    assert asked > 0


def test_every_change_asks_for_a_token(
    app: Flask, administrator: User, logged_in: Callable[[User], FlaskClient]
) -> None:
    client = logged_in(administrator)
    app.config["WTF_CSRF_ENABLED"] = True
    asked = 0
    for endpoint, method, address in addresses(app, lambda method: method not in SAFE):
        if endpoint in UNPROTECTED:
            continue
        answer = client.open(address, method=method)
        assert answer.status_code == 400, f"{method} {address}"
        asked += 1
    assert asked > 0


def test_no_address_changes_anything_when_only_looked_at(app: Flask) -> None:
    both = [rule.rule for rule in app.url_map.iter_rules() if {"GET", "POST"} <= (rule.methods or set())]
    assert both == [], "one view answers to GET, another one to POST"
