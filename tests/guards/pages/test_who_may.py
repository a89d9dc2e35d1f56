"""Who may use which address, of all that there are, and what they get who name an object that is not there.

A new address fails here until it is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule

from tests.support.databases.statements import statements
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from webapp.models.people.users import User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]

ADMINISTRATORS: dict[str, str] = {
    "audit": "export index",
    "changes": "create show",
    "custom_fields": "change create index show",
    "deletions": "delete show",
    "duplicate_merges": "bulk bulk_apart merge_there preview preview_apart",
    "duplicates": "begin_scan",
    "failing": "retry",
    "held": "resolve_several resolve_several_left_out resolve_several_records retry",
    "imports": "begin begin_import cancel check choose columns discard export_bad_rows read_as receive show",
    "integrations": (
        "authorize configure_key confirm_disconnect connect_token disconnect reconcile_now set_automatic test"
    ),
    "mapping": "field fields fill look_at of_type refresh save_field",
    "persons": "erase export index look",
    "people": "deactivate end_sessions index invite reactivate send_link set_role show",
    "privacy": "decide",
    "rules": "change index show trial",
    "runs": "answer cancel confirm_pull confirm_push create go_on send_mail_again",
    "settings": "index",
    "setup": "finish index preview pull",
    "status_mapping": "save show",
    "undo": "preview show",
}
"""What administrators alone may use: the views of each blueprint."""

EVERYBODY: dict[str, str] = {
    "auth": "logout",
    "deletion": "delete show",
    "design": "show",
    "duplicates": "decide export index merge merged_ones show take_apart",
    "failing": "index",
    "held": "give_company index item not_imported records resolve resolve_record withdraw",
    "help": "index picture show",
    "home": "index stream",
    "integrations": "hubspot index stream",
    "lost_values": "put_back show",
    "merges": "merge show",
    "notifications": "save show",
    "palette": "show",
    "previews": "run_now since",
    "profile": "change_password end_sessions save show",
    "record_files": "export",
    "record_history": "show",
    "record_lists": "choose_columns",
    "record_push": "create show",
    "record_sync": "act",
    "records": "add change choices index new save sharing show stream turn",
    "surroundings": "show",
    "sync_log": "export index reasons show show_mail show_row stream",
    "typed_forms": "show",
}
"""What everybody may use who has a session."""

# What answers something else than 404 for an object that is not there, and why.
OTHERWISE = {
    **dict.fromkeys(("held.resolve", "held.resolve_record", "merges.merge"), 400),  # without a verb
    **dict.fromkeys(("deletion.delete", "duplicates.take_apart", "privacy.decide"), 409),  # settled
    "held.withdraw": 303,  # to the run
}
# Exports, which the audit log tells of before they are taken.
TELLING = {"audit.export", "duplicates.export", "record_files.export", "sync_log.export"}
# What HubSpot was asked for, and need not be asked for again.
CACHE = "property_caches"
READING = ("SELECT", "WITH", "PRAGMA", "BEGIN")
# The code that refuses a role.
_FORBIDDEN = 403
_MISSING_ID = 999_999


class Use(NamedTuple):
    """One address that is asked for with one method."""

    endpoint: str
    method: str
    address: str


def endpoints(declared: dict[str, str]) -> set[str]:
    return {f"{blueprint}.{view}" for blueprint, views in declared.items() for view in views.split()}


def uses(app: Flask, number: int = 1, *, needs_number: bool = False) -> Iterator[Use]:
    """Every address of people's, with this number wherever one stands for an object."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            view = app.view_functions[rule.endpoint]
            has_number = any(isinstance(one, IntegerConverter) for one in rule._converters.values())
            if (
                rule.endpoint == "static"
                or getattr(view, "is_open", False)
                or (needs_number and not has_number)
            ):
                continue
            values: dict[str, Any] = {name: sample(rule, name, number) for name in rule.arguments}
            if rule.endpoint.endswith(".stream"):
                values["once"] = 1
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                yield Use(rule.endpoint, method, app.url_for(rule.endpoint, **values))


def sample(rule: Rule, name: str, number: int) -> object:
    converter = rule._converters[name]
    choices = getattr(converter, "items", None)
    if choices:
        return min(choices)
    return number if isinstance(converter, IntegerConverter) else "companies"


def status(client: FlaskClient, use: Use) -> int:
    answer = client.open(use.address, method=use.method)
    answer.close()
    return answer.status_code


@pytest.fixture
def has_own_app() -> bool:
    """Files that are exported, and streams, leave things behind."""
    return True


@pytest.fixture
def world(app: Flask, administrator: User) -> Flask:
    """A book in which something of everything has happened."""
    with app.app_context():
        fill(make_connection().id, administrator.id)
    return app


def test_of_every_address_it_is_declared_who_may_use_it(app: Flask) -> None:
    for_administrators, for_everybody = endpoints(ADMINISTRATORS), endpoints(EVERYBODY)
    assert for_administrators & for_everybody == set()
    assert {use.endpoint for use in uses(app)} == for_administrators | for_everybody


def test_a_member_is_refused_what_is_an_administrators_and_nothing_else(
    world: Flask, logged_in: LogIn, member: User
) -> None:
    found = {use: status(logged_in(member), use) for use in uses(world)}
    refused = {use.endpoint for use, code in found.items() if code == _FORBIDDEN}
    assert refused == endpoints(ADMINISTRATORS)
    assert [(use, code) for use, code in found.items() if code >= 500] == []


def test_an_administrator_is_refused_nothing(world: Flask, logged_in: LogIn, administrator: User) -> None:
    found = {use: status(logged_in(administrator), use) for use in uses(world)}
    assert [(use, code) for use, code in found.items() if code == _FORBIDDEN or code >= 500] == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_no_address_changes_anything_by_being_looked_at(
    world: Flask, logged_in: LogIn, administrator: User, method: str
) -> None:
    """Another site can have a browser ask for any address, with the cookies of its person."""
    client = logged_in(administrator)
    changed: dict[str, list[str]] = {}
    for use in uses(world):
        if use.method != "GET" or use.endpoint in TELLING:
            continue
        with statements() as sent:
            status(client, use._replace(method=method))
        writing = [one for one in sent if not one.lstrip().upper().startswith(READING) and CACHE not in one]
        if writing:
            changed[use.endpoint] = writing
    assert changed == {}


@pytest.mark.parametrize("role", ["administrator", "member"])
def test_an_object_that_is_not_there_is_nobodys(
    world: Flask, logged_in: LogIn, administrator: User, member: User, role: str
) -> None:
    client = logged_in(administrator if role == "administrator" else member)
    refused = endpoints(ADMINISTRATORS) if role == "member" else set()
    found = {use.endpoint: status(client, use) for use in uses(world, _MISSING_ID, needs_number=True)}
    expected = {name: _FORBIDDEN if name in refused else OTHERWISE.get(name, 404) for name in found}
    wrong = [f"{name} {code}" for name, code in found.items() if code != expected[name]]
    assert not wrong, " ".join(wrong)
