"""The pages of possible duplicates as people use them (B52, B53)."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import Element, read_page
from tests.support.samples.factories import make_company, make_connection, make_contact, make_link
from tests.support.usecases import pulling
from tests.support.usecases.duplicates import ids_listed, list_pair

pytestmark = pytest.mark.one_database


def _page(pages: FlaskClient, address: str) -> Element:
    answer = pages.get(address)
    assert answer.status_code == 200, answer.text
    return read_page(answer.text)


def _two(app: Flask, **second: str) -> tuple[int, int, int]:
    """Two companies that are listed, and the number of their pair."""
    with app.app_context():
        shared = {"domain": None, "region": "Baden"}
        one = make_company(name="Nord", city="Ulm", **shared).id
        two = make_company(**{"name": "Nordlicht", **shared, **second}).id
        return one, two, list_pair("companies", one, two)


def test_an_empty_list_says_what_will_come(pages: FlaskClient) -> None:
    page = _page(pages, "/duplicates")
    assert "No companies that look alike" in page.shown_text
    assert page.one("nav", aria_label="Main").one("a", aria_current="page")["href"] == "/duplicates"


@pytest.mark.every_database
def test_a_pair_is_listed_with_its_evidence_and_the_menu_counts_it(app: Flask, pages: FlaskClient) -> None:
    one, two, pair_id = _two(app)
    page = _page(pages, "/duplicates")
    line = page.one("tr", id=f"pair-{pair_id}")
    assert "Same name, same city" in line.shown_text
    assert "by a Pull" in line.shown_text
    assert line.leads_to(f"/companies/{one}")
    assert line.leads_to(f"/companies/{two}")
    assert line.leads_to(f"/duplicates/{pair_id}")
    assert "Duplicates 1" in page.one("nav", aria_label="Main").shown_text
    assert "Companies 1" in page.one("nav", aria_label="Lists").shown_text


@pytest.mark.every_database
def test_a_group_is_one_line_and_stays_one_when_the_list_goes_on(app: Flask, pages: FlaskClient) -> None:
    with app.app_context():
        numbers = [make_contact(make_company().id, first_name=name).id for name in "ABC"]
        strongest = list_pair("contacts", numbers[0], numbers[1], points=30)
        list_pair("contacts", numbers[1], numbers[2], points=20)
    page = _page(pages, "/duplicates?type=contacts")
    [line] = page.one("tbody").all("tr")
    assert line["id"] == f"pair-{strongest}"
    assert "Group of 3" in line.shown_text
    assert page.one("nav", aria_label="Lists").one("a", aria_current="page").shown_text == "Contacts 2"


@pytest.mark.every_database
def test_contacts_side_by_side_show_their_companies_by_name_or_domain(app: Flask, pages: FlaskClient) -> None:
    with app.app_context():
        firms = [make_company(name="Nord", domain=None).id, make_company(name=None, domain="zweig.de").id]
        eva, other, alone = (make_contact(firm, first_name="Eva", email=None).id for firm in (*firms, None))
        pair_id = list_pair("contacts", eva, other)
        list_pair("contacts", other, alone)
    row = next(
        one
        for one in _page(pages, f"/duplicates/{pair_id}").all("tr")
        if one.shown_text.startswith("Company")
    )
    shown = [cell.shown_text.rpartition(": ")[2] for cell in row.all("td")]
    assert shown == ["Nord", "zweig.de", "empty"]


@pytest.mark.every_database
def test_the_filters_leave_only_what_fits(app: Flask, pages: FlaskClient) -> None:
    _, _, pair_id = _two(app)
    with app.app_context():
        connection_id = make_connection().id
        other = make_company(name="Zweig", domain=None).id
        make_link(connection_id, "companies", other, "77")
        linked = list_pair("companies", 1, other, evidence=("same_phone",))

    def shown(query: str) -> list[str]:
        return [one["id"] for one in _page(pages, f"/duplicates?{query}").all("tr", id=True)]

    assert shown("sign=same_phone") == [f"pair-{linked}"]
    assert shown("linked=one") == [f"pair-{linked}"]
    assert shown("linked=none") == [f"pair-{pair_id}"]
    assert shown("q=zwe") == [f"pair-{linked}"]
    assert shown("strength=certain") == []
    assert "Nothing matches this filter" in _page(pages, "/duplicates?q=xyz").shown_text


def test_side_by_side_shows_what_differs_and_marks_the_empty(app: Flask, pages: FlaskClient) -> None:
    one, two, pair_id = _two(app, country="DE")
    page = _page(pages, f"/duplicates/{pair_id}")
    rows = {row.one("th").shown_text.split(" (")[0]: row for row in page.one("tbody").all("tr")}
    assert not {"Domain", "Region"} & set(rows)
    assert {"Name", "City", "Country"} <= set(rows)
    assert rows["City"].all("td")[1].shown_text == "empty"
    assert rows["City"].one("input", type="radio")["value"] == str(one)
    assert page.has("input", type="radio", name="stays", value=str(two))
    assert page.one("form", id="merge").form_values()[f"version.{one}"] == "1"
    everything = _page(pages, f"/duplicates/{pair_id}?all=1")
    assert everything.one("a", href=f"/duplicates/{pair_id}").shown_text == "Only what differs"
    assert "Region Baden Baden" in everything.one("tbody").shown_text


def test_every_control_has_a_label_of_its_own(app: Flask, pages: FlaskClient) -> None:
    _, _, pair_id = _two(app)
    page = _page(pages, f"/duplicates/{pair_id}")
    for control in page.all("input"):
        if control["type"] in ("radio", "checkbox"):
            assert any(control in label.all("input") for label in page.all("label"))
    names = [label.shown_text for label in page.all("label")]
    assert len(names) == len(set(names))
    assert len(page.all("h1")) == 1


def test_two_are_merged_and_taken_apart_from_the_pages(app: Flask, pages: FlaskClient) -> None:
    one, two, pair_id = _two(app)
    values = _page(pages, f"/duplicates/{pair_id}").one("form", id="merge").form_values()
    answer = pages.post(
        f"/duplicates/{pair_id}/merge", data={**values, "stays": str(two), "value.name": str(one)}
    )
    assert (answer.status_code, answer.location) == (303, f"/companies/{two}")
    with app.app_context():
        assert [(row.id, row.name, row.city) for row in pulling.companies()] == [(two, "Nord", "Ulm")]
    assert pages.get(f"/duplicates/{pair_id}").status_code == 404
    merged = _page(pages, "/duplicates/merged")
    assert merged.one("tbody").one("th").shown_text == "Nord"
    assert merged.one("tbody").one("a").shown_text == "Nord"
    answer = pages.post(f"/duplicates/merged/companies/{one}/taking-apart")
    assert (answer.status_code, answer.location) == (303, f"/companies/{one}")
    with app.app_context():
        assert [(row.id, row.name) for row in pulling.companies()] == [(one, "Nord"), (two, "Nordlicht")]
    assert "Nothing was merged" in _page(pages, "/duplicates/merged").shown_text


def test_of_a_group_only_the_ticked_ones_are_merged(app: Flask, pages: FlaskClient) -> None:
    with app.app_context():
        numbers = [make_company(name=f"Nord {letter}", domain=None).id for letter in "ABC"]
        pair_id = list_pair("companies", numbers[0], numbers[1])
        list_pair("companies", numbers[1], numbers[2])
    versions = {f"version.{one}": "1" for one in numbers}
    form = {**versions, "stays": str(numbers[0]), "record": [str(one) for one in numbers[:2]]}
    assert pages.post(f"/duplicates/{pair_id}/merge", data=form).status_code == 303
    with app.app_context():
        assert [row.id for row in pulling.companies()] == [numbers[0], numbers[2]]
        assert ids_listed("open") == [(numbers[0], numbers[2])]


@pytest.mark.every_database
def test_not_the_same_is_remembered_and_can_be_asked_again(app: Flask, pages: FlaskClient) -> None:
    one, two, pair_id = _two(app)
    assert pages.post(f"/duplicates/{pair_id}/decision", data={"verb": "not_the_same"}).status_code == 303
    with app.app_context():
        assert ids_listed("not_the_same") == [(one, two)]
    page = _page(pages, "/duplicates?state=not_the_same")
    assert page.one("tr", id=f"pair-{pair_id}").one("button").shown_text.startswith("Ask again")
    pages.post(f"/duplicates/{pair_id}/decision", data={"verb": "reopen"})
    with app.app_context():
        assert ids_listed("open") == [(one, two)]
    assert pages.post(f"/duplicates/{pair_id}/decision", data={"verb": "x"}).status_code == 400


def test_a_decision_leads_back_to_the_list_as_it_was_filtered_at_the_next_line(
    app: Flask, pages: FlaskClient
) -> None:
    with app.app_context():
        for place in ("Ulm", "Bonn"):
            firms = [make_company(name=f"Nord {place}", city=place, domain=None).id for _ in range(2)]
            list_pair("companies", *firms)
    listed = "/duplicates?q=nord"
    for answered in range(2):
        first, *others = [line["id"] for line in _page(pages, listed).all("tr", data_held=True)]
        form = _page(pages, listed).one("tr", id=first).one("form")
        answer = pages.post(form["action"], data={**form.form_values(), "verb": "not_the_same"})
        assert answer.location == (f"{listed}#{others[0]}" if not answered else listed)
    kept = _page(pages, "/duplicates?state=not_the_same").all("form")
    again = next(one for one in kept if one["action"].endswith("decision?state=not_the_same"))
    answer = pages.post(again["action"], data={**again.form_values(), "verb": "reopen"})
    assert answer.location.startswith("/duplicates?state=not_the_same#pair-")


def test_one_of_a_group_is_none_of_the_others(app: Flask, pages: FlaskClient) -> None:
    with app.app_context():
        one, two, three = (make_company(name=f"Nord {letter}", domain=None).id for letter in "ABC")
        pair_id = list_pair("companies", one, two)
        list_pair("companies", two, three)
    pages.post(f"/duplicates/{pair_id}/decision", data={"verb": "not_the_same", "record_id": str(two)})
    with app.app_context():
        assert ids_listed("open") == []
        assert ids_listed("not_the_same") == [(one, two), (two, three)]


def test_a_form_warns_at_once_of_what_looks_alike_and_refuses_nothing(app: Flask, pages: FlaskClient) -> None:
    with app.app_context():
        known = make_company(name="Nordlicht Verlag <b>", domain="nordlicht-verlag.de").id
    answer = pages.post("/companies", data={"name": "Nordlicht Verlag", "domain": "nordlicht-verlag.de"})
    assert answer.status_code == 303
    page = _page(pages, answer.location)
    [notice] = [one for one in page.all("div", class_="warn") if "looks like" in one.shown_text]
    assert notice.leads_to(f"/companies/{known}")
    assert "looks like Nordlicht Verlag <b>" in notice.shown_text
    assert _page(pages, notice.all("a")[-1]["href"]).one("h1").shown_text == "2 companies that look alike"


def test_a_form_warns_once_of_a_record_that_shares_the_key_and_looks_alike(
    app: Flask, pages: FlaskClient
) -> None:
    with app.app_context():
        make_company(name="Nordlicht Verlag", domain="nordlicht-verlag.de")
    given = {"name": "Nordlicht Verlag GmbH", "domain": "nordlicht-verlag.de"}
    page = _page(pages, pages.post("/companies", data=given).location)
    notice = page.one("main").one("div", class_="warn").shown_text
    assert "looks like Nordlicht Verlag" in notice
    assert "A Push sends one of them and leaves the others" in notice


@pytest.mark.every_database
def test_the_list_goes_out_as_csv(app: Flask, pages: FlaskClient) -> None:
    one, two, _ = _two(app)
    answer = pages.get("/duplicates/export.csv")
    [line] = csv.DictReader(io.StringIO(answer.text))
    assert (line["id"], line["other_id"], line["name"], line["evidence"]) == (
        *(str(one), str(two), "Nord"),
        "same_name same_city",
    )
    assert pages.get("/duplicates/export.csv?sign=same_phone").text.count("\n") == 1
