"""Fields, statuses and custom fields on their pages (B28, B29, B30)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import reading
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_link
from tests.support.servers.sandbox_server import SandboxServer
from webapp.domain.mapping.mapping import FieldMap, Mapping
from webapp.models import CustomField, Run, User
from webapp.store.mapping import mappings

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
FIELDS = "/integrations/hubspot/fields"
STATUSES = "/integrations/hubspot/statuses"


def version(page: str) -> str:
    return read_page(page).all("input", name="version")[0]["value"]


def in_force(app: Flask, object_type: str = "companies") -> Mapping:
    with app.app_context(), reading() as session:
        return mappings.load(session, 1, object_type)  # type: ignore[arg-type]


def of_field(app: Flask, field: str) -> FieldMap:
    return next(item for item in in_force(app).fields if item.field == field)


def define(ada: FlaskClient, name: str, kind: str, options: str = "", object_type: str = "companies") -> None:
    given = {
        "object_type": object_type,
        "name": name,
        "label": name.title(),
        "kind": kind,
        "options": options,
    }
    answer = ada.post("/custom-fields", data=given)
    assert answer.status_code == 303, answer.text


def save(ada: FlaskClient, field: str, **given: str) -> tuple[int, str]:
    address = f"{FIELDS}/companies/{field}"
    page = ada.get(address).text
    return confirmed(ada, address, {"version": version(page), "save": "yes", **given})


def confirmed(ada: FlaskClient, address: str, sent: dict[str, str]) -> tuple[int, str]:
    """Save as a person does: look at what changes, and put that in force."""
    answer = ada.post(address, data=sent)
    shown = read_page(answer.text)
    if answer.status_code != 200 or not shown.has("input", name="shown"):
        return answer.status_code, answer.text
    fields = {one["name"]: one["value"] for one in shown.all("input", type="hidden")}
    answer = ada.post(address, data={**fields, "save": "yes"})
    return answer.status_code, answer.text


def test_properties_are_read_by_themselves_and_shown_under_hubspots_headings(ada: FlaskClient) -> None:
    assert ada.get(FIELDS).headers["Location"] == f"{FIELDS}/companies"
    page = ada.get(f"{FIELDS}/contacts").text
    assert "Contact information" in page
    assert "read-only" in page
    assert read_page(page).has(title="Built in: it cannot be changed")
    found = ada.get(f"{FIELDS}/contacts?q=salut", headers={"HX-Request": "true"}).text
    assert "salutation" in found
    assert not read_page(found).has("html")
    assert "jobtitle" not in found


def test_a_reading_that_fails_says_why_and_keeps_what_was_known(
    ada: FlaskClient, sandbox: SandboxServer
) -> None:
    ada.get(f"{FIELDS}/companies")
    sandbox.revoke_tokens()
    ada.post("/integrations/hubspot/definitions", data={"object_type": "companies"})
    page = ada.get(f"{FIELDS}/companies").text
    assert "could not be read" in page
    assert "numberofemployees" in page
    sandbox.restore_tokens()


def test_a_custom_field_is_mapped_with_its_options(ada: FlaskClient, app: Flask) -> None:
    define(ada, "level", "choice", "Tier_1\nOther level")
    ada.get(f"{FIELDS}/companies")
    address = f"{FIELDS}/companies/custom.level"
    chosen = ada.get(f"{address}?property=hs_ideal_customer_profile", headers={"HX-Request": "true"}).text
    assert read_page(chosen).has("option", value="tier_1", selected=True)
    status, _ = save(
        ada,
        "custom.level",
        property="hs_ideal_customer_profile",
        direction="both",
        blank_policy="clear",
        **{"option:Tier_1": "tier_1", "option:Other level": "tier_3"},
    )
    assert status == 303
    assert of_field(app, "custom.level") == FieldMap(
        "custom.level",
        "hs_ideal_customer_profile",
        "both",
        "clear",
        options={"Tier_1": "tier_1", "Other level": "tier_3"},
        knows_blanks=True,
    )


@pytest.mark.parametrize(
    ("field", "given", "text"),
    [
        ("employees", {"property": "createdate"}, "What fits: number or text."),
        ("industry", {"property": "industry", "direction": "both"}, "can go in only or off"),
        ("name", {"property": "domain"}, "fixed"),
        ("website", {"property": "domain", "direction": "out"}, "is sent from Domain already"),
        ("website", {"property": "no_such"}, "no property “no_such”"),
    ],
)
def test_what_does_not_fit_is_refused_on_the_page(
    ada: FlaskClient, app: Flask, field: str, given: dict[str, str], text: str
) -> None:
    ada.get(f"{FIELDS}/companies")
    before = in_force(app)
    answer = ada.post(f"{FIELDS}/companies/{field}", data={"version": "0", "save": "yes", **given})
    assert answer.status_code == 422
    assert text in answer.text
    assert in_force(app) == before


def test_the_second_of_two_administrators_is_told_and_keeps_what_they_chose(
    ada: FlaskClient, app: Flask
) -> None:
    ada.get(f"{FIELDS}/companies")
    page = ada.get(f"{FIELDS}/companies/website").text
    assert save(ada, "description", property="description", direction="in")[0] == 303
    late = {"version": version(page), "save": "yes", "property": "website", "direction": "in"}
    answer = ada.post(f"{FIELDS}/companies/website", data=late)
    assert answer.status_code == 409
    assert "somebody else changed the mapping" in answer.text
    assert read_page(answer.text).has("option", value="in", selected=True)
    late["version"] = version(answer.text)
    assert confirmed(ada, f"{FIELDS}/companies/website", late)[0] == 303
    assert (of_field(app, "website").direction, of_field(app, "description").direction) == ("in", "in")


def test_statuses_are_many_to_one_each_way_and_one_that_flips_is_refused(
    ada: FlaskClient, app: Flask
) -> None:
    page = ada.get(STATUSES).text
    assert "Round trips" in page
    tables = {"version": version(page), "in:lead": "Lead", "in:subscriber": "Lead", "in:customer": "Customer"}
    outward = {"out:Lead": "lead", "out:Customer": "customer", "out:Former": "customer"}
    assert confirmed(ada, f"{STATUSES}/companies", tables | outward)[0] == 303
    stored = in_force(app)
    assert stored.status_in == {"subscriber": "Lead", "lead": "Lead", "customer": "Customer"}
    assert stored.status_out == {"Lead": "lead", "Customer": "customer", "Former": "customer"}
    flips = {"version": "1", "in:lead": "Customer", "in:customer": "Lead", **outward}
    answer = ada.post(f"{STATUSES}/companies", data=flips)
    assert answer.status_code == 422
    assert "would keep changing" in answer.text
    assert in_force(app).status_in == stored.status_in


def test_saving_shows_first_what_changes(ada: FlaskClient, app: Flask) -> None:
    ada.get(f"{FIELDS}/companies")
    before = in_force(app)
    page = ada.get(f"{FIELDS}/companies/website").text
    sent = {"version": version(page), "save": "yes", "property": "website", "direction": "in"}
    shown = read_page(ada.post(f"{FIELDS}/companies/website", data=sent).text).shown_text
    assert "Direction Both ways Only in, from HubSpot" in shown
    assert "Property in HubSpot" not in shown, "what stays is not listed"
    assert in_force(app) == before
    same = {**sent, "direction": "both"}
    assert (
        "nothing was changed"
        in ada.post(f"{FIELDS}/companies/website", data=same, follow_redirects=True).text
    )
    out = {f"out:{ours}": stage for ours, stage in before.status_out.items()}
    tables = (
        {f"in:{stage}": ours for stage, ours in before.status_in.items()} | out | {"in:evangelist": "Other"}
    )
    shown = read_page(ada.post(f"{STATUSES}/companies", data={"version": "0", **tables}).text).shown_text
    assert "HubSpot's “Evangelist” comes in as Customer Other" in shown
    assert in_force(app) == before


def test_saving_shows_first_how_many_records_it_concerns(ada: FlaskClient, app: Flask) -> None:
    ada.get(f"{FIELDS}/companies")
    with app.app_context():
        linked = make_company(name="A", domain="a.de", status="Customer")
        make_company(name="B", domain="b.de", status="Customer")
        make_link(1, "companies", linked.id, "71")
    sent = {"version": "0", "save": "yes", "property": "website", "direction": "in"}
    shown = read_page(ada.post(f"{FIELDS}/companies/website", data=sent).text).shown_text
    assert "It concerns 1 linked record." in shown
    before = in_force(app)
    tables = {f"in:{stage}": ours for stage, ours in before.status_in.items()}
    shown = read_page(ada.post(f"{STATUSES}/companies", data={"version": "0", **tables}).text).shown_text
    assert "Our “Customer” is sent as 2 records here have this status" in shown
    assert "It concerns 1 linked record." in shown


def test_statuses_are_one_table_with_a_row_for_each_stage_by_its_label(ada: FlaskClient) -> None:
    page = read_page(ada.get(STATUSES).text)
    rows = [one.shown_text for one in page.all("th", scope="row")]
    assert rows[:3] == ["Subscriber", "Lead", "Marketing Qualified Lead"]
    assert len(rows) == 2 * 10, "nine stages and nothing, of companies and of contacts"
    assert "marketingqualifiedlead" not in page.shown_text


def test_a_record_shows_what_came_from_a_choice_by_its_label(ada: FlaskClient, app: Flask) -> None:
    ada.get(f"{FIELDS}/companies")
    with app.app_context():
        number = make_company(name="Paloma", industry="COMPUTER_SOFTWARE").id
    for address in (f"/companies/{number}", f"/companies/{number}/history"):
        page = ada.get(address).text
        assert "Computer software" in page
        assert "COMPUTER_SOFTWARE" not in page


def test_round_trips_are_shown_before_anything_is_saved(ada: FlaskClient, app: Flask) -> None:
    before = in_force(app)
    answer = ada.post(
        f"{STATUSES}/companies",
        data={"version": "0", "check": "yes", "in:lead": "Customer", "out:Customer": "lead"},
    )
    assert answer.status_code == 200
    assert "comes back unchanged" in answer.text
    assert in_force(app) == before


def test_a_custom_field_is_defined_renamed_extended_and_retired(ada: FlaskClient, app: Flask) -> None:
    define(ada, "tags", "choices", "Red\nGreen")
    given = {"label": "Colours", "added": "Blue\nRed", "retired": "Green"}
    assert ada.post("/custom-fields/1", data=given).status_code == 303
    with app.app_context(), reading() as session:
        field = session.get_one(CustomField, 1)
        assert field.label == "Colours"
        assert [(one["value"], one["is_retired"]) for one in field.options] == [
            ("Red", False),
            ("Green", True),
            ("Blue", False),
        ]
    assert ada.post("/custom-fields/1", data=given | {"is_retired": "yes"}).status_code == 303
    assert "custom.tags" not in ada.get(f"{FIELDS}/companies").text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"name": "Contract end"}, "Lower-case letters, digits and _"),
        ({"name": "website"}, "A standard field has this name."),
        ({"label": " "}, "Give it a label."),
        ({"kind": "status"}, "Choose a type."),
        ({"kind": "choice"}, "Give at least one option"),
        ({"kind": "choices", "options": "a;b"}, "cannot contain a semicolon"),
    ],
)
def test_a_field_that_cannot_be_is_refused(ada: FlaskClient, given: dict[str, str], text: str) -> None:
    fine = {"object_type": "companies", "name": "ends", "label": "Ends", "kind": "date", "options": ""}
    answer = ada.post("/custom-fields", data=fine | given)
    assert answer.status_code == 422
    assert text in answer.text


def test_a_name_can_be_given_once(ada: FlaskClient) -> None:
    define(ada, "ends", "date")
    answer = ada.post(
        "/custom-fields", data={"object_type": "companies", "name": "ends", "label": "E", "kind": "date"}
    )
    assert answer.status_code == 422
    assert "already" in answer.text


@pytest.mark.usefixtures("ada")
def test_members_do_not_map(member: User, logged_in: LogIn) -> None:
    mem = logged_in(member)
    for address in (f"{FIELDS}/companies", STATUSES, "/custom-fields"):
        assert mem.get(address).status_code == 403


def test_a_new_mapping_offers_to_fill_what_is_linked(ada: FlaskClient, app: Flask) -> None:
    define(ada, "revenue", "number")
    ada.get(f"{FIELDS}/companies")
    address = f"{FIELDS}/companies/custom.revenue"
    assert "Fill the records" not in ada.get(address).text
    assert save(ada, "custom.revenue", property="annualrevenue", direction="in")[0] == 303
    page = ada.get(address).text
    assert "Pull this field" in page
    assert "Push this field" not in page
    answer = ada.post(f"{address}/filling", data={"kind": "pull"})
    assert answer.headers["Location"] == "/sync-log/1"
    with app.app_context(), reading() as session:
        assert session.get_one(Run, 1).options == {"fields": {"companies": ["custom.revenue"]}}
    assert "Pull 1: Revenue alone" in ada.get("/sync-log/1").text
    assert ada.post(f"{address}/filling", data={"kind": "push"}).status_code == 422
