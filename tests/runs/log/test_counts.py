"""The counts of a run and the entries of its log say the same, whatever its kind (B37)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.invariants.ledger import Logged, check_counts, counts_of
from tests.support.pages.page import Element, pages_from, read_page
from tests.support.samples.factories import change_run, make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.deleting import deleted, deleted_many
from tests.support.usecases.previews import previewed
from tests.support.usecases.pushing import change_contact, give_key, pushed, pushed_record
from tests.support.usecases.undoing import undo_of
from webapp.domain.runs.endings import count_of, ending_named, endings_of, listed_count, part_of
from webapp.domain.runs.options import DeleteOptions
from webapp.models import LogEntry, Run, User
from webapp.store.runs.runs import named_counts


@pytest.fixture
def has_own_app() -> bool:
    return False


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - for what it brings about
    sandbox.settings(search_delay_s=0)
    number = pulling.connected()
    give_key(sandbox, number)
    return number


@pytest.fixture
def pages(logged_in: Callable[[User], FlaskClient], administrator: User) -> FlaskClient:
    return logged_in(administrator)


def _check() -> None:
    runs = {run.id: run for run in pulling.all_rows(Run)}
    entries = [(runs[entry.run_id], entry) for entry in pulling.all_rows(LogEntry)]
    check_counts(Logged(entries, {run.id: counts_of(run) for run in runs.values()}))


def _listed(pages: FlaskClient, address: str) -> int:
    """How many entries a page and those that follow it list."""
    return sum(len(read_page(page).all("li", class_="entry")) for page in pages_from(pages, address))


def _world(sandbox: SandboxServer) -> list[str]:
    firms = [sandbox.create("companies", {"name": name, "domain": f"{name}.de"})["id"] for name in ("a", "b")]
    for place in range(6):
        sandbox.create("contacts", {"firstname": f"P{place}", "email": f"p{place}@a.de"}, firms[:1])
    sandbox.create("contacts", {"firstname": "Alone", "email": "alone@a.de"})
    return firms


def test_counts_and_entries_agree_on_every_kind_of_run(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    _world(sandbox)
    previewed(connection_id)
    first = pulling.pulled(connection_id)
    change_contact(1, company_id=2)
    ours = make_company(name="Ours", domain="ours.de")
    make_contact(ours.id, first_name="Own", email="own@ours.de")
    push = pushed(connection_id)
    pushed_record(connection_id, "companies", ours.id)
    undo_of(push.id, is_preview=True, archives=True)
    undo = undo_of(push.id, archives=True)
    deleted("contacts", 2)
    deleted_many(DeleteOptions(object_type="companies", records=(2,), contacts="delete"))
    undo_of(first.id, is_preview=True)
    back = undo_of(first.id)
    _check()
    kinds = {(run.kind, run.is_preview) for run in pulling.all_rows(Run)}
    assert {"pull", "push", "push_record", "undo", "delete", "delete_record"} <= {kind for kind, _ in kinds}
    assert {("pull", True), ("undo", True)} <= kinds
    # Associations are counted, and listed, under their name; so is what an undo removes and archives.
    assert pulling.run_of(push.id).counts["associations"]["updated"] == 1
    assert pulling.run_of(undo.id).parts == {"companies": {"archived": 1}, "contacts": {"archived": 1}}
    assert (pulling.run_of(back.id).parts or {})["contacts"]["removed"] > 0
    for run in pulling.all_rows(Run):
        for kind in ("companies", "contacts", "associations"):
            for ending in endings_of(run.kind):
                expected = listed_count(named_counts(run), ending, kind)
                address = f"/sync-log/{run.id}?type={kind}&outcome={ending.name}"
                if expected and ending.outcome != "unchanged":
                    assert _listed(pages, address) == expected, (run.kind, kind, ending)


def test_what_an_undo_does_is_called_so(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    _world(sandbox)
    first = pulling.pulled(connection_id)
    preview = undo_of(first.id, is_preview=True)
    page = read_page(pages.get(f"/sync-log/{preview.id}").text)
    assert _heads(page) == ["To remove"], "once it is over, what did not occur has no column"
    assert page.one(id="count-contacts-removed").shown_text == "6"
    change_run(preview.id, state="running")
    working = read_page(pages.get(f"/sync-log/{preview.id}").text)
    assert _heads(working)[:4] == ["To bring back", "To remove", "To deactivate", "To archive"]
    assert "To put back" in _heads(working)
    nothing = working.one(id="count-contacts-updated")
    assert (nothing.shown_text, nothing.has("span", class_="none")) == ("0", True)
    assert "Undo Pull 1: remove 8 records" in [one.shown_text for one in page.all("button")]
    text = read_page(pages.get(f"/sync-log/{first.id}/undo").text).shown_text
    assert "remove 8 records" in text


def _heads(page: Element) -> list[str]:
    return [one.shown_text for one in page.one("table", class_="count-table").all("th", scope="col")]


def test_the_rest_of_an_outcome_is_what_its_parts_leave() -> None:
    counts = {"updated": 10, "removed": 7, "deactivated": 1}
    updated = ending_named("undo", "updated")
    assert updated is not None
    assert count_of(counts, updated) == 2
    assert [one.name for one in endings_of("pull")] == [*Counter(one.outcome for one in endings_of("pull"))]
    assert part_of("updated", "undone_removed") == "removed"
    assert part_of("skipped", "deleted_here") is None
    assert ending_named("pull", "removed") is None
