"""Our unique property is deleted in HubSpot while we rely on it: nothing is doubled, and pages say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company, give_key, objects, pushed, pushed_record
from webapp.models import Run, User
from webapp.usecases.push.own_key import key_property
from webapp.usecases.reconcile import begin as begin_reconcile

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
_BOTH = ("companies", "contacts")
_DELETED = dict.fromkeys(_BOTH, "deleted")


@pytest.fixture
def relied_on(connection_id: int, sandbox: SandboxServer) -> int:
    """A connection that has pushed by its key, which is deleted in HubSpot then."""
    sandbox.settings(search_delay_s=0)
    pulling.pulled(connection_id)
    give_key(sandbox, connection_id)
    make_company(name="First", domain="first.de")
    assert pushed(connection_id).state == "finished"
    for kind in _BOTH:
        assert sandbox.api("DELETE", f"/crm/v3/properties/{kind}/twinbook_id").status_code == 204
    return connection_id


def _states(connection_id: int) -> dict[str, str]:
    return pulling.connection_of(connection_id).key_properties


def _finished_without_key(run: Run) -> dict[str, list[str | None]]:
    assert run.state == "finished", run.error_text
    return {entry.name: [entry.outcome, entry.reason] for entry in pulling.entries(run.id)}


def test_a_push_goes_on_without_it_and_makes_nothing_that_could_be_doubled(
    relied_on: int, sandbox: SandboxServer
) -> None:
    make_company(name="Second", domain="second.de")
    make_contact(1, first_name="Eva", email="eva@first.de")
    change_company(1, phone="+49 228 1")
    ended = _finished_without_key(pushed(relied_on))
    assert ended["Second"] == ["skipped", "needs_unique_property"]
    assert ended["First"] == ["updated", None]
    assert [how[0] for name, how in ended.items() if name.startswith("Eva")] == ["created"]
    assert _states(relied_on) == _DELETED
    assert [one["name"] for one in objects(sandbox, "companies", "name")] == ["First"]
    _finished_without_key(pushed(relied_on))
    assert len(objects(sandbox, "contacts")) == 1


def test_a_red_push_notices_it_too(relied_on: int, sandbox: SandboxServer) -> None:
    second = make_company(name="Second", domain="second.de")
    ended = _finished_without_key(pushed_record(relied_on, "companies", second.id))
    assert ended["Second"][1] == "needs_unique_property"
    assert _states(relied_on)["companies"] == "deleted"
    assert len(objects(sandbox, "companies")) == 1


@pytest.mark.parametrize(
    "change",
    [{"modificationMetadata": {"readOnlyValue": True}}, {"type": "number", "fieldType": "number"}],
    ids=["read-only", "number"],
)
def test_a_push_goes_on_without_one_that_takes_no_text_any_more(
    connection_id: int, sandbox: SandboxServer, change: dict[str, Any]
) -> None:
    """Else every new record would fail, in each push again, and no page would say why."""
    sandbox.settings(search_delay_s=0)
    give_key(sandbox, connection_id)
    for kind in _BOTH:
        sandbox.redefine(kind, "twinbook_id", **change)
    company = make_company(name="First", domain="first.de")
    make_contact(company.id, first_name="Eva", email="eva@first.de")
    ended = _finished_without_key(pushed(connection_id))
    assert ended["First"] == ["skipped", "needs_unique_property"]
    assert [how[0] for name, how in ended.items() if name.startswith("Eva")] == ["created"]
    assert _states(connection_id) == dict.fromkeys(_BOTH, "unfit")
    assert (objects(sandbox, "companies"), len(objects(sandbox, "contacts"))) == ([], 1)


def test_the_nightly_comparison_notices_it(relied_on: int) -> None:
    started = begin_reconcile.start(current_services(), trigger="button", user_id=None, is_full=True)
    assert pulling.worked_off(started.run_id).state == "finished"
    assert _states(relied_on) == _DELETED


@pytest.mark.every_database
def test_once_it_is_made_again_what_waited_is_created_once(relied_on: int, sandbox: SandboxServer) -> None:
    make_company(name="Second", domain="second.de")
    pushed(relied_on)
    key_property.configure(current_services(), relied_on, may_create=True)
    assert _states(relied_on) == dict.fromkeys(_BOTH, "ready")
    for _ in range(2):
        assert pushed(relied_on).state == "finished"
    assert [one["name"] for one in objects(sandbox, "companies", "name")] == ["First", "Second"]


def test_the_page_of_the_connection_says_what_happened(
    app: Flask, sandbox: SandboxServer, administrator: User, logged_in: LogIn
) -> None:
    with app.app_context():
        number = pulling.connected()
        give_key(sandbox, number)
        for kind in _BOTH:
            sandbox.api("DELETE", f"/crm/v3/properties/{kind}/twinbook_id")
        key_property.configure(current_services(), number, may_create=False)
    page = logged_in(administrator).get("/integrations/hubspot").text
    assert "Deleted in HubSpot" in page
    assert "Create it now" in page
