"""Values that look different and say the same, across the border and back (B7, B28)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support.applications.services import bound_jobs, current_services
from tests.support.samples.mapped_fields import map_field
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling, pushing
from tests.support.usecases.previews import log_rows, previewed
from tests.support.usecases.undoing import undo_of
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.records.fields import Field
from webapp.domain.records.validate import as_text
from webapp.models import Run
from webapp.store.records import records
from webapp.usecases.records import editing

pytestmark = pytest.mark.one_database

_LINE_END = re.compile(r"\r\n?|\n")
OPTIONS = [{"label": name.capitalize(), "value": name} for name in ("golf", "wine", "music", "jazz")]
LIKES = Field("custom.likes", "Likes", "choices", 5_000, ("Golf", "Wine", "Chess"))
MAPPED = FieldMap("custom.likes", "likes", options={"Golf": "golf", "Wine": "wine"})


@pytest.fixture
def portal(in_app: Flask, sandbox: SandboxServer) -> SandboxServer:  # noqa: ARG001 - for what it brings about
    """A connected portal with our key."""
    pushing.give_key(sandbox, pulling.connected())
    return sandbox


def edit(record_id: int, **typed: str) -> None:
    """Edit a company as its form does, which sends every field back."""
    values = records.values_of("companies", pulling.company(record_id))
    shown = {name: _LINE_END.sub("\r\n", as_text(value)) for name, value in values.items()}
    version = pulling.company(record_id).version
    answer = editing.edit(current_services(), "companies", record_id, version, shown | typed, seen=shown)
    assert isinstance(answer, editing.Saved), answer


def sent_automatically() -> list[Any]:
    """What the automatic push sends: the changes of each record."""
    bound_jobs().begin_auto_push(1)
    pushes = [run for run in pulling.all_rows(Run) if run.kind == "auto_push"]
    run = pulling.worked_off(pushes[-1].id)
    return [one.changes for one in pulling.entries(run.id) if one.changes]


def there(portal: SandboxServer, number: str, name: str) -> str | None:
    found: str | None = portal.get("companies", number)["properties"].get(name)
    return found


@pytest.mark.every_database
def test_what_nobody_sees_makes_no_twin_and_overwrites_nothing(portal: SandboxServer) -> None:
    editing.create(
        current_services(), "companies", {"name": "Birke\u2060", "domain": "birke.de", "city": "Ulm"}
    )
    values = {"name": "\ufeffBirke\u200b", "domain": "birke.de", "city": "\u200b\u00ad", "phone": "\u00a0"}
    number = str(portal.create("companies", values)["id"])
    run = pulling.pulled(1)
    [company] = pulling.companies()
    assert (company.name, company.city, company.phone) == ("Birke", "Ulm", None)
    assert run.counts["companies"] == {"updated": 1}
    assert pulling.pulled(1).counts["companies"] == {"unchanged": 1}
    assert pushing.pushed(1).counts["companies"] == {"updated": 1}
    assert there(portal, number, "city") == "Ulm"
    assert there(portal, number, "name") == "\ufeffBirke\u200b", "the same name is not sent"


@pytest.mark.every_database
@pytest.mark.usefixtures("portal")
def test_a_file_brings_nothing_that_nobody_sees(in_app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("name,domain,city\r\n\u200bBirke\u3000,birke.de\u2060,\u200b\r\n", newline="")
    done = in_app.test_cli_runner().invoke(args=["records", "import", "companies", str(file)])
    assert done.exit_code == 0, done.output
    [company] = pulling.companies()
    assert (company.name, company.domain, company.city) == ("Birke", "birke.de", None)
    edit(1, city="Ulm")
    file.write_text(
        f"id\u200b,name,city\r\n{company.id}\ufeff,Birke,\u2060\r\n\u200b,\u00ad,\u3000\r\n", newline=""
    )
    done = in_app.test_cli_runner().invoke(args=["records", "import", "companies", str(file)])
    assert done.exit_code == 0, done.output
    [company] = pulling.companies()
    assert (company.name, company.city) == ("Birke", "Ulm"), (
        "a cell of nothing visible leaves the value alone"
    )


@pytest.fixture
def golfer(portal: SandboxServer) -> str:
    """A linked company that likes what is mapped and what is not."""
    portal.define("companies", "likes", type="enumeration", fieldType="checkbox", options=OPTIONS)
    map_field(1, "companies", LIKES, MAPPED)
    number = str(portal.create("companies", {"name": "Birke", "domain": "b.de", "likes": "golf;music"})["id"])
    pulling.pulled(1)
    assert pulling.company(1).custom == {"likes": "Golf"}
    return number


def test_choosing_another_option_keeps_what_hubspot_has_besides(portal: SandboxServer, golfer: str) -> None:
    edit(1, **{"custom.likes": "Wine;Chess"})
    foreseen = log_rows(previewed(1, "push"))
    run = pushing.pushed(1)
    assert log_rows(run) == foreseen
    assert there(portal, golfer, "likes") == "wine;music"
    portal.update("companies", golfer, {"likes": "music;jazz;wine"})
    assert pushing.pushed(1).counts["companies"] == {"unchanged": 1}
    assert pulling.pulled(1).counts["companies"] == {"unchanged": 1}
    assert pulling.company(1).custom == {"likes": "Wine;Chess"}
    assert undo_of(run.id).counts["companies"] == {"updated": 1}
    assert sorted((there(portal, golfer, "likes") or "").split(";")) == ["golf", "jazz", "music"]


def test_what_hubspot_adds_besides_does_not_beat_an_edit_here(portal: SandboxServer, golfer: str) -> None:
    edit(1, **{"custom.likes": "Golf;Wine"})
    portal.update("companies", golfer, {"likes": "jazz;golf;music"})
    assert sent_automatically() == [[["custom.likes", "jazz;golf;music", "golf;wine;jazz;music"]]]
    portal.update("companies", golfer, {"likes": "music"})
    edit(1, city="Ulm")
    assert sent_automatically()[-1] == [["city", None, "Ulm"]]
    pulling.pulled(1)
    assert pulling.company(1).custom == {"likes": "Golf;Wine"}, "a blank overwrites nothing"


def test_a_year_in_a_property_of_text_is_no_date(portal: SandboxServer) -> None:
    portal.define("companies", "founded")
    map_field(
        1, "companies", Field("custom.founded", "Founded", "date", 40), FieldMap("custom.founded", "founded")
    )
    for text in ("1980", "46", "19800512", "1980-05-12", "1980/5/12", "325987200000"):
        portal.create("companies", {"name": f"Of {text}", "founded": text})
    run = pulling.pulled(1)
    dates = {one.name: (one.custom or {}).get("founded") for one in pulling.companies()}
    assert {name for name, date in dates.items() if date == "1980-05-12"} == {"Of 1980-05-12", "Of 1980/5/12"}
    assert set(dates.values()) == {None, "1980-05-12"}
    odd = [one for one in pulling.entries(run.id) if one.reason == "value_not_fitting"]
    assert len(odd) == 4
    pushing.pushed(1)
    held = {one["founded"] for one in pushing.objects(portal, "companies", "founded")}
    assert held == {"1980", "46", "19800512", "1980-05-12", "1980/5/12", "325987200000"}


def test_line_ends_that_a_form_gives_back_are_not_sent(portal: SandboxServer) -> None:
    texts = {"description": "one\rtwo", "address": "Hof 3\r\nTor B", "city": "Cafe\u0301"}
    number = str(portal.create("companies", {"name": "Birke", "domain": "b.de", **texts})["id"])
    pulling.pulled(1)
    edit(1, phone="030 123456", street="Hof 3Tor B", city="Caf\u00e9")
    assert sent_automatically() == [[["phone", None, "030 123456"]]]
    assert pushing.pushed(1).counts["companies"] == {"unchanged": 1}
    assert {name: there(portal, number, name) for name in texts} == texts
    edit(1, description="one\r\ntwo\r\nthree")
    assert sent_automatically()[-1] == [["description", "one\rtwo", "one\ntwo\nthree"]]
