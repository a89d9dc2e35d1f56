"""One odd definition in HubSpot's answer keeps no other from being read, and empties nothing (B49)."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services, reading
from tests.support.pages.page import read_page
from tests.support.samples.mapped_fields import map_field
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling, pushing
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.records.fields import Field
from webapp.store.mapping import definitions as stored
from webapp.usecases.mapping import definitions
from webapp.usecases.push.own_key import key_property

pytestmark = pytest.mark.one_database

_PROPERTIES = "*/properties/*"
_LEVELS = [{"label": "Gold", "value": "gold"}, {"label": "Tin", "value": "tin"}]


@pytest.fixture
def company(ada: FlaskClient, app: Flask, sandbox: SandboxServer) -> str:  # noqa: ARG001 - connects
    """A linked company with a rating, which a blank clears."""
    sandbox.define("companies", "rating")
    held = {"name": "Birke", "domain": "b.de", "rating": "very good"}
    number = str(sandbox.create("companies", held)["id"])
    with app.app_context():
        pushing.give_key(sandbox, 1)
        item = FieldMap("custom.rating", "rating", blank_policy="clear")
        map_field(1, "companies", Field("custom.rating", "Rating", "text", 100), item)
        pulling.pulled(1)
    return number


def _known() -> stored.Cached:
    with reading() as session:
        return stored.load(session, 1, "companies")


@pytest.mark.usefixtures("company")
def test_nulls_stand_for_what_is_not_said(app: Flask, sandbox: SandboxServer) -> None:
    with app.app_context():
        before = {one.name: one.created_at for one in _known().definitions.properties}
        sandbox.fault("odd", path=_PROPERTIES, oddity="null_definitions", times=None)
        assert definitions.refresh(current_services(), 1) is None
        known = _known().definitions
        assert {one.name: one.created_at for one in known.properties} == before
        assert (known.unread, known.redefinitions) == ((), ())
        assert known.by_name["rating"].label == "rating"
        states = key_property.configure(current_services(), 1, may_create=False)
        assert states["companies"] == "ready"


def test_a_mapped_property_whose_definition_is_odd_is_not_gone_and_empties_nothing(
    ada: FlaskClient, app: Flask, company: str, sandbox: SandboxServer
) -> None:
    sandbox.fault("odd", path=_PROPERTIES, oddity="odd_definitions", times=None)
    sandbox.update("companies", company, {"rating": "", "city": "Ulm"})
    with app.app_context():
        assert pulling.pulled(1).state == "finished"
        here = pulling.company(1)
        assert (here.custom, here.city) == ({"rating": "very good"}, "Ulm")
        assert "rating" in _known().definitions.unread
        assert _known().definitions.redefinitions == ()
    page = read_page(ada.get("/integrations/hubspot/fields/companies").text).shown_text
    assert "What HubSpot answers about “rating” cannot be read." in page.replace("Rating", "rating")
    assert "was deleted" not in page
    sandbox.clear_faults()
    sandbox.update("companies", company, {"rating": "good"})
    with app.app_context():
        pulling.pulled(1)
        assert pulling.company(1).custom == {"rating": "good"}
        sandbox.update("companies", company, {"rating": ""})
        pulling.pulled(1)
        assert pulling.company(1).custom == {"rating": None}, "its definition can be read again"


@pytest.mark.usefixtures("company")
def test_our_key_is_not_made_again_while_its_definition_cannot_be_read(
    app: Flask, sandbox: SandboxServer
) -> None:
    sandbox.fault("odd", path=_PROPERTIES, oddity="odd_definitions", times=None)
    with app.app_context():
        before = dict(pulling.connection_of(1).key_properties)
        assert key_property.configure(current_services(), 1, may_create=True) == before


def test_an_odd_option_is_not_gone(app: Flask, company: str, sandbox: SandboxServer) -> None:
    sandbox.define("companies", "level", type="enumeration", fieldType="select", options=_LEVELS)
    with app.app_context():
        field = Field("custom.level", "Level", "choice", 100, ("Best", "Least"))
        item = FieldMap("custom.level", "level", options={"Best": "gold", "Least": "tin"})
        map_field(1, "companies", field, item)
        sandbox.fault("odd", path=_PROPERTIES, oddity="odd_options", times=None)
        definitions.refresh(current_services(), 1)
        known = _known().definitions
        assert [one.value for one in known.by_name["level"].options] == ["tin"]
        assert (known.redefinitions, known.unread) == ((), ())
        pushing.change_company(1, custom={"rating": "very good", "level": "Best"})
        assert pushing.pushed(1).counts == {"companies": {"updated": 1}}
    assert sandbox.get("companies", company)["properties"]["level"] == "gold"
