"""What a push left to a person has its own list, and is decided there (B17, B32, B35)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import give_key, held, objects, pushed
from webapp.models import Run, User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - for what it brings about
    sandbox.settings(search_delay_s=0)
    number = pulling.connected()
    give_key(sandbox, number)
    return number


@pytest.fixture
def pages(logged_in: LogIn, member: User) -> FlaskClient:
    return logged_in(member)


@pytest.fixture
def two_of_acme(connection_id: int, sandbox: SandboxServer) -> list[str]:
    """Two companies of one domain in HubSpot, and one here that may be either; held by a push."""
    ids = [sandbox.create("companies", {"name": f"Acme {n}", "domain": "acme.de"})["id"] for n in range(2)]
    make_company(name="Acme here", domain="acme.de")
    pushed(connection_id)
    return ids


def _decide(pages: FlaskClient, **data: str) -> int:
    """Answer for the one held record; returns the status."""
    [found] = held()
    status = pages.post(f"/held/records/{found.id}/resolution", data=data).status_code
    for run in pulling.all_rows(Run):
        pulling.worked_off(run.id)
    return status


@pytest.mark.usefixtures("connection_id")
def test_with_nothing_held_the_list_says_so(pages: FlaskClient) -> None:
    assert "Nothing waits for you" in pages.get("/held/records").text


@pytest.mark.every_database
def test_a_held_record_stands_with_its_candidates(two_of_acme: list[str], pages: FlaskClient) -> None:
    text = pages.get("/held/records").text
    assert "Acme here" in text
    assert all(f"/record/0-2/{number}" in text for number in two_of_acme)
    assert "Same domain" in text
    assert "create new" in text


def test_the_chosen_object_is_linked_and_pushed(
    two_of_acme: list[str], pages: FlaskClient, sandbox: SandboxServer
) -> None:
    assert _decide(pages, verb="link", remote_id=two_of_acme[1]) == 303
    assert pulling.links("companies")[0].remote_id == two_of_acme[1]
    assert [one["name"] for one in objects(sandbox, "companies", "name")] == ["Acme 0", "Acme here"]
    assert not held()


def test_none_of_these_makes_a_new_object(
    two_of_acme: list[str], pages: FlaskClient, sandbox: SandboxServer
) -> None:
    assert _decide(pages, verb="create") == 303
    assert len(objects(sandbox, "companies")) == len(two_of_acme) + 1
    assert not held()


@pytest.mark.usefixtures("two_of_acme")
def test_what_is_no_candidate_and_what_is_no_answer_are_refused(pages: FlaskClient) -> None:
    assert _decide(pages, verb="link", remote_id="1") == 409
    assert _decide(pages, verb="guess") == 400
    assert pages.post("/held/records/99/resolution", data={"verb": "again"}).status_code == 404
    assert len(held()) == 1


def test_pushing_again_after_mending_the_cause_settles_it(
    two_of_acme: list[str], pages: FlaskClient, sandbox: SandboxServer
) -> None:
    sandbox.archive("companies", two_of_acme[0])
    sandbox.update("companies", two_of_acme[1], {"name": "Acme here"})
    assert _decide(pages, verb="again") == 303
    assert pulling.links("companies")[0].remote_id == two_of_acme[1]


@pytest.mark.every_database
def test_an_object_that_is_linked_to_another_record_cannot_be_chosen(
    connection_id: int, pages: FlaskClient
) -> None:
    make_company()
    make_contact(1, first_name="Ana", email="ana@x-firm.de")
    pushed(connection_id)
    make_contact(1, first_name="Anna", email="ana@x-firm.de")
    pushed(connection_id)
    text = pages.get("/held/records").text
    assert "Anna" in text
    assert "This is it" not in text


@pytest.mark.every_database
@pytest.mark.usefixtures("two_of_acme")
def test_the_list_filters_by_reason_and_kind(pages: FlaskClient) -> None:
    assert "Acme here" in pages.get("/held/records?type=companies&reason=several_at_hubspot").text
    assert "Acme here" not in pages.get("/held/records?type=contacts").text
