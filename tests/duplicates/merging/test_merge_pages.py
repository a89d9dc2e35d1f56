"""The pages from which a bulk merge and a merge in HubSpot begin (B53)."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import Element, read_page
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.duplicates import ids_listed, list_pair

pytestmark = pytest.mark.one_database


def _page(pages: FlaskClient, address: str, status: int = 200) -> Element:
    answer = pages.get(address)
    assert answer.status_code == status, answer.text
    return read_page(answer.text)


@pytest.fixture
def linked_pair(app: Flask, sandbox: SandboxServer) -> int:
    """The number of the pair of two companies that a pull has brought."""
    with app.app_context():
        connection_id = pulling.connected()
        for name in ("Nordlicht Verlag", "Weite Welt"):
            domain = f"{name.split()[0].lower()}.de"
            sandbox.create("companies", {"name": name, "domain": domain, "city": name[:3]})
        pulling.pulled(connection_id)
        return list_pair("companies", 1, 2)


def test_merging_in_hubspot_shows_what_it_keeps_and_asks_for_a_yes(
    app: Flask, sandbox: SandboxServer, linked_pair: int, admin_pages: FlaskClient
) -> None:
    form = _page(admin_pages, f"/duplicates/{linked_pair}").one("form", id="merge")
    address = form.one("button", formaction=True)["formaction"]
    values = {**form.form_values(), "stays": "1", "value.name": "2"}
    shown = read_page(admin_pages.post(address, data=values).text)
    assert "cannot take this back" in shown.shown_text
    assert "Nordlicht Verlag, Weite Welt gives way" in shown.shown_text
    again = shown.one("main").one("form").form_values()
    assert again["value.name"] == "2"
    refused = admin_pages.post(address, data=again)
    assert refused.status_code == 422
    assert "confirm first" in refused.text
    assert sandbox.counts()["companies"] == 2
    answer = admin_pages.post(address, data={**again, "record": ["1", "2"], "yes": "yes"})
    assert answer.status_code == 303
    with app.app_context():
        run = pulling.worked_off(int(answer.location.rpartition("/")[2]))
        assert run.counts == {"companies": {"updated": 1}}
        assert [row.name for row in pulling.companies()] == ["Weite Welt"]
    assert sandbox.counts()["companies"] == 1
    log = _page(admin_pages, answer.location)
    assert "Merged into it: Weite Welt" in log.shown_text
    assert "here and in HubSpot" in log.one("h1").shown_text


def test_a_member_merges_here_alone(linked_pair: int, pages: FlaskClient) -> None:
    assert not _page(pages, f"/duplicates/{linked_pair}").has("button", formaction=True)
    address = f"/duplicates/{linked_pair}/in-hubspot"
    assert pages.post(address, data={"stays": "1", "yes": "yes"}).status_code == 403
    assert pages.get("/duplicates/bulk").status_code == 403
    assert not _page(pages, "/duplicates").leads_to("/duplicates/bulk")


def test_merging_in_hubspot_needs_links_and_an_answer(
    app: Flask, sandbox: SandboxServer, linked_pair: int, admin_pages: FlaskClient
) -> None:
    with app.app_context():
        third = make_company(name="Zink", domain=None).id
        pair_id = list_pair("companies", 1, third, points=5)
    address = f"/duplicates/{pair_id}/in-hubspot"
    given = {"stays": "1", "record": ["1", str(third)]}
    assert "to be linked" in admin_pages.post(address, data=given).text
    sandbox.fault("status", status=400, method="POST", path="/crm/objects/*/companies/batch/read")
    answer = admin_pages.post(
        f"/duplicates/{linked_pair}/in-hubspot", data={"stays": "1", "record": ["1", "2"]}
    )
    assert answer.status_code == 409
    assert "nobody can say" in answer.text


def test_a_bulk_merge_begins_with_a_preview(
    app: Flask, sandbox: SandboxServer, admin_pages: FlaskClient
) -> None:
    with app.app_context():
        pulling.connected()
        one, two = (make_company(name=f"Nordlicht{more}", domain="n.de").id for more in ("", " GmbH"))
        list_pair("companies", one, two, evidence=("same_domain",))
    bulk = _page(admin_pages, "/duplicates?sign=same_domain").one(
        "a", class_="small", href="/duplicates/bulk?sign=same_domain"
    )
    page = _page(admin_pages, bulk["href"])
    assert page.one("h1").shown_text == "Merge 1 pair of companies"
    values = page.one("main").one("form").form_values()
    assert values["sign"] == "same_domain"
    refused = admin_pages.post("/duplicates/bulk", data={**values, "where": "both"})
    assert refused.status_code == 422
    answer = admin_pages.post("/duplicates/bulk", data={**values, "where": "both", "yes": "yes"})
    with app.app_context():
        pulling.worked_off(int(answer.location.rpartition("/")[2]))
        assert ids_listed("open") == [(one, two)]
    preview = _page(admin_pages, answer.location)
    assert "HubSpot cannot take back" in preview.shown_text
    begun = admin_pages.post(preview.one("section", class_="preview-notice").one("form")["action"])
    with app.app_context():
        run = pulling.worked_off(int(begun.location.rpartition("/")[2]))
        assert (run.is_preview, run.counts) == (False, {"companies": {"updated": 1}})
        assert ids_listed("merged") == [(one, two)]
    undo = _page(admin_pages, f"{begun.location}/undo")
    assert "taken apart" in undo.shown_text
    assert sandbox.counts()["companies"] == 0
