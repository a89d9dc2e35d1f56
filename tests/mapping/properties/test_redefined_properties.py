"""HubSpot's properties change under a mapping in force: it is said, and nothing is emptied for it (B28)."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company
from tests.support.samples.mapped_fields import map_field
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling, pushing
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.records.fields import Field
from webapp.models import FailingRecord, Run
from webapp.usecases.mapping import definitions
from webapp.usecases.reconcile import begin as begin_reconcile

pytestmark = pytest.mark.one_database

HUBSPOT = "/integrations/hubspot"
COUNTRIES = [
    {"label": "Germany", "value": "DE", "displayOrder": 0},
    {"label": "France", "value": "FR", "displayOrder": 1},
]
LEVELS = [{"label": "Gold", "value": "gold"}, {"label": "Tin", "value": "tin"}]


@pytest.fixture
def company(ada: FlaskClient, app: Flask, sandbox: SandboxServer) -> str:  # noqa: ARG001 - connects
    """A linked company in Germany."""
    number = str(sandbox.create("companies", {"name": "Birke", "domain": "b.de", "country": "Germany"})["id"])
    with app.app_context():
        pushing.give_key(sandbox, 1)
        pulling.pulled(1)
    return number


def on_pages(ada: FlaskClient, kind: str = "companies") -> list[str]:
    """The texts of the pages that say what needs a look."""
    addresses = (f"{HUBSPOT}/fields/{kind}", "/held/failing", HUBSPOT)
    return [read_page(ada.get(address).text).shown_text for address in addresses]


def test_a_text_that_has_become_a_list_is_not_sent_and_every_page_says_so(
    ada: FlaskClient, app: Flask, company: str, sandbox: SandboxServer
) -> None:
    assert not any("needs a look" in page for page in on_pages(ada))
    sandbox.redefine("companies", "country", type="enumeration", fieldType="select", options=COUNTRIES)
    with app.app_context():
        pushing.change_company(1, country="Frankreich", city="Ulm")
        run = pushing.pushed(1)
        [entry] = pulling.entries(run.id)
        assert (run.counts, entry.reason) == ({"companies": {"updated": 1}}, "property_unfit")
        assert entry.detail == {
            "fields": [{"field": "country", "reason": "property_unfit", "value": "Frankreich"}],
            "property": "country",
        }
    there = sandbox.get("companies", company)["properties"]
    assert (there["country"], there["city"]) == ("Germany", "Ulm")
    for page in on_pages(ada):
        assert "“Country/Region” can go in only or off here" in page
        assert "It is not sent meanwhile." in page
        assert "In HubSpot it was text and is single choice now." in page
    assert "does not fit" in on_pages(ada)[0]
    assert "can go in only" in ada.get(f"{HUBSPOT}/fields/companies/country").text
    assert ada.post(f"{HUBSPOT}/fields/companies/country/look").status_code == 303
    page = on_pages(ada)[0]
    assert "can go in only" in page
    assert "it was text" not in page


@pytest.mark.every_database
def test_an_edit_that_cannot_be_sent_is_listed_and_goes_once_it_can(
    app: Flask, ada: FlaskClient, company: str, sandbox: SandboxServer
) -> None:
    sandbox.redefine("companies", "country", type="enumeration", fieldType="select", options=COUNTRIES)
    with app.app_context():
        pushing.change_company(1, country="France")
        assert pushing.pushed(1).counts == {"companies": {"skipped": 1}}
        failing = ada.get("/held/failing?reason=property_unfit&property=country&type=companies").text
        assert "Birke" in failing
        assert "France" in failing
        sandbox.redefine("companies", "country", type="string", fieldType="text", options=[])
        definitions.refresh(current_services(), 1)
        bound_jobs().begin_auto_push(1)
        pulling.worked_off(pulling.all_rows(Run)[-1].id)
        assert sandbox.get("companies", company)["properties"]["country"] == "France"
        assert not pulling.all_rows(FailingRecord)


@pytest.mark.usefixtures("ada")
def test_what_a_new_object_was_made_without_goes_once_it_can(app: Flask, sandbox: SandboxServer) -> None:
    """By itself, like any edit: a property that was deleted, and options that were not offered."""
    levels = {"type": "enumeration", "fieldType": "select"}
    with app.app_context():
        pushing.give_key(sandbox, 1)
        sandbox.define("companies", "rating")
        sandbox.define("companies", "level", **levels, options=LEVELS)
        map_field(
            1, "companies", Field("custom.rating", "Rating", "text", 100), FieldMap("custom.rating", "rating")
        )
        field = Field("custom.level", "Level", "choice", 100, ("Best", "Least"))
        item = FieldMap("custom.level", "level", options={"Best": "gold", "Least": "tin"})
        map_field(1, "companies", field, item)
        pulling.pulled(1)
        make_company(name="New", domain="new.de", custom={"rating": "very good", "level": "Least"})
        sandbox.delete_property("companies", "rating")
        sandbox.redefine("companies", "level", options=LEVELS[:1])
        assert pushing.pushed(1).counts == {"companies": {"created": 1}}
        sandbox.define("companies", "rating")
        sandbox.redefine("companies", "level", options=LEVELS)
        definitions.refresh(current_services(), 1)
        bound_jobs().begin_auto_push(1)
        run = pulling.worked_off(pulling.all_rows(Run)[-1].id)
        assert (run.kind, run.counts) == ("auto_push", {"companies": {"updated": 1}})
        [there] = pushing.objects(sandbox, "companies", "rating", "level")
        assert (there["rating"], there["level"]) == ("very good", "tin")
        assert not pulling.all_rows(FailingRecord)


@pytest.mark.every_database
def test_a_property_that_is_deleted_and_made_again_empties_nothing(
    app: Flask, ada: FlaskClient, company: str, sandbox: SandboxServer
) -> None:
    sandbox.define("companies", "rating")
    with app.app_context():
        item = FieldMap("custom.rating", "rating", blank_policy="clear")
        map_field(1, "companies", Field("custom.rating", "Rating", "text", 100), item)
        sandbox.update("companies", company, {"rating": "very good"})
        pulling.pulled(1)
        sandbox.delete_property("companies", "rating")
        pulling.pulled(1)
    assert "HubSpot's property “Rating” was deleted." in on_pages(ada)[1]
    assert "Pull this field" not in ada.get(f"{HUBSPOT}/fields/companies/custom.rating").text
    sandbox.define("companies", "rating")
    with app.app_context():
        for _ in range(2):
            pulling.pulled(1)
            assert pulling.company(1).custom == {"rating": "very good"}
        assert "was deleted and made again" in on_pages(ada)[2]
        assert "Pull this field" in ada.get(f"{HUBSPOT}/fields/companies/custom.rating").text
        assert pushing.pushed(1).counts == {"companies": {"updated": 1}}
    assert sandbox.get("companies", company)["properties"]["rating"] == "very good"
    ada.post(f"{HUBSPOT}/fields/companies/custom.rating/look")
    with app.app_context():
        sandbox.update("companies", company, {"rating": ""})
        pulling.pulled(1)
        assert pulling.company(1).custom == {"rating": None}, "a person has looked: its blanks are meant"


@pytest.mark.every_database
@pytest.mark.parametrize("kind", ["pull", "reconcile"])
def test_one_that_is_made_again_in_the_middle_of_a_run_empties_nothing(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What was known of it is a moment old; of what is really blank the field is emptied all the same."""
    del ada
    sandbox.define("companies", "rating")
    sandbox.define("companies", "remark")
    held = {"rating": "very good", "remark": "calls on Mondays"}
    numbers = [
        str(sandbox.create("companies", {"name": f"Firm {n}", "domain": f"n{n}.de", **held})["id"])
        for n in range(8)
    ]
    with app.app_context():
        for name in held:
            item = FieldMap(f"custom.{name}", name, blank_policy="clear")
            map_field(1, "companies", Field(f"custom.{name}", name, "text", 100), item)
        pulling.pulled(1)
        pulling.short_slices(monkeypatch)
        pulling.short_pages(monkeypatch, 4)
        for number in numbers:
            sandbox.update("companies", number, {"remark": ""})
        run_id = _begun(kind)
        pulling.one_slice(run_id)
        sandbox.delete_property("companies", "rating")
        sandbox.define("companies", "rating")
        assert pulling.worked_off(run_id).state == "finished"
        assert [one.custom for one in pulling.companies()] == 8 * [{"rating": "very good", "remark": None}]


def test_a_page_that_would_empty_waits_where_properties_cannot_be_read(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was known of them may be of before the property was made again."""
    del ada
    sandbox.define("companies", "rating")
    for n in range(8):
        sandbox.create("companies", {"name": f"Firm {n}", "domain": f"n{n}.de", "rating": "very good"})
    with app.app_context():
        item = FieldMap("custom.rating", "rating", blank_policy="clear")
        map_field(1, "companies", Field("custom.rating", "Rating", "text", 100), item)
        pulling.pulled(1)
        pulling.short_slices(monkeypatch)
        pulling.short_pages(monkeypatch, 4)
        run_id = pulling.begun(1)
        pulling.one_slice(run_id)
        sandbox.delete_property("companies", "rating")
        sandbox.define("companies", "rating")
        sandbox.fault("status", status=503, path="*/properties/*", times=None)
        run = pulling.worked_off(run_id)
        assert (run.state, run.waiting_for) == ("running", "hubspot_unreachable")
        sandbox.clear_faults()
        assert pulling.wait_is_over(run_id).state == "finished"
        assert [one.custom for one in pulling.companies()] == 8 * [{"rating": "very good"}]


def _begun(kind: str) -> int:
    if kind == "pull":
        return pulling.begun(1)
    services = current_services()
    return begin_reconcile.start(services, trigger="button", user_id=None, is_full=True).run_id


def test_what_hubspot_refuses_against_its_own_definitions_has_them_read_again(
    app: Flask, ada: FlaskClient, company: str, sandbox: SandboxServer
) -> None:
    with app.app_context():
        definitions.refresh(current_services(), 1)
        sandbox.redefine("companies", "country", type="enumeration", fieldType="select", options=COUNTRIES)
        pushing.change_company(1, country="France", city="Ulm")
        first = pushing.pushed_record(1, "companies", 1)
        assert [one.reason for one in pulling.entries(first.id)] == ["fields_refused"]
        assert "It is not sent meanwhile." in on_pages(ada)[0]
        second = pushing.pushed_record(1, "companies", 1)
        assert [one.reason for one in pulling.entries(second.id)] == ["property_unfit"]
    assert sandbox.get("companies", company)["properties"]["city"] == "Ulm"


def test_options_that_are_renamed_hidden_and_removed_are_named(
    app: Flask, ada: FlaskClient, company: str, sandbox: SandboxServer
) -> None:
    sandbox.define("companies", "level", type="enumeration", fieldType="select", options=LEVELS)
    with app.app_context():
        field = Field("custom.level", "Level", "choice", 100, ("Best", "Least"))
        item = FieldMap("custom.level", "level", options={"Best": "gold", "Least": "tin"})
        map_field(1, "companies", field, item)
    changed = [{"label": "Golden", "value": "gold", "hidden": True}, {"label": "Iron", "value": "iron"}]
    sandbox.redefine("companies", "level", options=changed)
    with app.app_context():
        pushing.change_company(1, custom={"level": "Least"})
        pushing.pushed(1)
    page = on_pages(ada)[0]
    assert "HubSpot's option “Gold” is called “Golden” now" in page
    assert "HubSpot hides the option “Golden” of “Level”" in page
    assert "“Level” has no option “tin” any more." in page
    assert "level" not in sandbox.get("companies", company)["properties"], "what is gone is not sent"


def test_a_property_that_is_read_only_now_is_not_sent(
    app: Flask, ada: FlaskClient, company: str, sandbox: SandboxServer
) -> None:
    sandbox.redefine("companies", "city", modificationMetadata={"readOnlyValue": True})
    with app.app_context():
        pushing.change_company(1, city="Ulm")
        assert pushing.pushed(1).counts == {"companies": {"skipped": 1}}
    assert "HubSpot alone writes it now." in on_pages(ada)[0]
    assert "city" not in sandbox.get("companies", company)["properties"]
