"""A list as a CSV file: what its filters show, all of it, and an import takes it back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_connection, make_contact, make_link
from tests.support.usecases import pulling
from tests.support.usecases.record_files import import_text
from webapp.models import SyncRule, User
from webapp.store.records.listing import lists
from webapp.usecases.records.files import exporting

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def pages(in_app: Flask, logged_in: LogIn, member: User) -> FlaskClient:  # noqa: ARG001 - the same database
    return logged_in(member)


def _exported(pages: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = pages.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_a_list_is_exported_with_its_filters_and_all_its_pages(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "RECORDS_AT_ONCE", 2)
    for number in range(5):
        make_company(name=f"Nord {number}", domain=None)
    make_company(name="West", domain=None)
    make_company(name="Nord old", domain=None, is_active=False)
    assert [one["name"] for one in _exported(pages, "/companies/export.csv?q=nord")] == [
        f"Nord {number}" for number in range(5)
    ]
    assert [one["name"] for one in _exported(pages, "/companies/export.csv?state=inactive")] == ["Nord old"]
    assert len(_exported(pages, "/companies/export.csv?state=any")) == 7
    assert _exported(pages, "/companies/export.csv?q=nobody") == []


@pytest.mark.one_database
def test_the_place_in_the_list_is_no_filter(pages: FlaskClient) -> None:
    for number in range(60):
        make_company(name=f"Nord {number:02}", domain=None)
    link = pages.get("/companies").text
    after = link.partition("after=")[2].partition('"')[0].partition("#")[0]
    assert after
    assert len(_exported(pages, f"/companies/export.csv?after={after}")) == 60


def test_linked_records_are_exported_with_the_numbers_of_their_objects(pages: FlaskClient) -> None:
    connection_id = make_connection().id
    linked, other = make_company(name="Nord", domain=None), make_company(name="West", domain=None)
    make_link(connection_id, "companies", linked.id, "901")
    found = _exported(pages, "/companies/export.csv?linked=linked")
    assert [(one["id"], one["hubspot_id"]) for one in found] == [(str(linked.id), "901")]
    found = _exported(pages, "/companies/export.csv?linked=unlinked")
    assert [(one["id"], one["hubspot_id"]) for one in found] == [(str(other.id), "")]


def test_what_the_rules_exclude_is_exported(pages: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    connection_id = make_connection().id
    condition = {"join": "all", "conditions": [{"field": "city", "operator": "is", "value": "Kiel"}]}
    with writing() as session:
        session.add(
            SyncRule(
                connection_id=connection_id, object_type="companies", direction="out", condition=condition
            )
        )
    make_company(name="In", domain=None, city="Kiel")
    for number in range(5):
        make_company(name=f"Out {number}", domain=None, city="Ulm")
    found = _exported(pages, "/companies/export.csv?linked=excluded")
    assert [one["name"] for one in found] == [f"Out {number}" for number in range(5)]


@pytest.mark.one_database
def test_formulas_are_defused(pages: FlaskClient) -> None:
    make_company(name="=1+1", domain=None)
    assert _exported(pages, "/companies/export.csv")[0]["name"] == "'=1+1"


@pytest.mark.one_database
def test_an_exported_list_comes_back_and_changes_nothing(
    app: Flask, pages: FlaskClient, tmp_path: Path
) -> None:
    company = make_company(name="Nörd", domain="nord.de", custom={"tier": "gold"})
    make_contact(company.id, first_name="Eva", email="eva@nord.de")
    before = pulling.contacts()[0].version
    for kind in ("companies", "contacts"):
        content = pages.get(f"/{kind}/export.csv").get_data()
        code, printed = import_text(app, tmp_path, kind, content)
        assert (code, printed["unchanged"], printed["created"], printed["updated"]) == (0, 1, 0, 0)
    assert pulling.contacts()[0].version == before


def test_what_else_stands_in_the_address_of_a_list_leads_its_links_nowhere(
    logged_in: Callable[[User], FlaskClient], member: User
) -> None:
    given = "object_type=contacts&_scheme=javascript&_external=1&_method=PUT&_anchor=a&q=a%26b"
    answer = logged_in(member).get(f"/companies?{given}")
    assert answer.status_code == 200
    [link] = read_page(answer.text).all("a", download="")
    assert link["href"].startswith("/companies")
    assert "q=a%26b" in link["href"]
