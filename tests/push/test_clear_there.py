"""What is blank here and not in HubSpot is cleared there by a person, one field at a time (B7, B18)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.samples.factories import make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company, give_key, pushed
from webapp.models import Run, User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def firm(in_app: Flask, sandbox: SandboxServer) -> str:  # noqa: ARG001 - for what it brings about
    """A company that both sides hold, of which phone and city were emptied here."""
    values = {"name": "Acme", "domain": "acme.de", "phone": "+49 30 1", "city": "Bonn"}
    made = str(sandbox.create("companies", values)["id"])
    number = pulling.connected()
    give_key(sandbox, number)
    pulling.pulled(number)
    change_company(1, phone=None, city=None)
    return made


def _held(sandbox: SandboxServer, firm: str) -> tuple[str | None, str | None]:
    held = sandbox.get("companies", firm)["properties"]
    return held.get("phone"), held.get("city")


def test_one_field_is_cleared_there_and_nothing_else_is_sent(
    firm: str, sandbox: SandboxServer, logged_in: LogIn, member: User
) -> None:
    """A blank never overwrites a value, however often it is pushed, until a person says so."""
    pushed(1)
    assert _held(sandbox, firm) == ("+49 30 1", "Bonn")
    make_contact(1, first_name="New", email="new@acme.de")
    pages = logged_in(member)
    page = pages.get("/companies/1").text
    assert "Phone is empty here, and HubSpot holds “+49 30 1”." in page
    assert page.count("Clear there too") == 2
    pages.post("/companies/1/sync", data={"verb": "clear", "field": "phone"})
    run = pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert run.counts == {"companies": {"updated": 1}}, "its contacts stay where they are"
    assert _held(sandbox, firm) == (None, "Bonn")
    [entry] = pulling.entries(run.id)
    assert entry.changes == [["phone", "+49 30 1", ""]]
    page = pages.get("/companies/1").text
    assert page.count("Clear there too") == 1
    pulling.pulled(1)
    assert pulling.company(1).phone is None


def test_a_field_that_is_not_blank_or_unknown_clears_nothing(
    firm: str, sandbox: SandboxServer, logged_in: LogIn, member: User
) -> None:
    pages = logged_in(member)
    for field in ("name", "nonsense", ""):
        pages.post("/companies/1/sync", data={"verb": "clear", "field": field})
        run = pulling.worked_off(pulling.all_rows(Run)[-1].id)
        assert run.counts == {"companies": {"unchanged": 1}}
    assert _held(sandbox, firm) == ("+49 30 1", "Bonn")
