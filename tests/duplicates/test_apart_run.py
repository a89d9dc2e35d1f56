"""All that a filter shows kept apart as one run: foreseen, carried out, undone (B53)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.faults.kills import PowerCutError, finished_in_the_end, killed_after
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company
from tests.support.usecases import pulling
from tests.support.usecases.duplicates import ids_listed, list_pair
from tests.support.usecases.undoing import undo_of
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.domain.undo.apart import plan_pair
from webapp.models import Run, User
from webapp.store.duplicates import pairs
from webapp.usecases.duplicates import apart_run, decisions, merge_run


@pytest.fixture
def three_pairs(connection_id: int) -> int:
    """Pairs (1, 2), (3, 4) and (5, 6) of which the last one agrees in its phone; the portal's connection."""
    for signs in (("same_name",), ("same_name",), ("same_phone",)):
        one, two = (make_company(name="Nord", domain=None).id for _ in range(2))
        list_pair("companies", one, two, evidence=signs)
    return connection_id


def _run(user: User, *, is_preview: bool = False, **options: Any) -> Run:
    given = MergeDuplicatesOptions(verb="not_the_same", **options)
    started = merge_run.start(current_services(), given, user_id=user.id, is_preview=is_preview)
    return pulling.worked_off(started.run_id)


@pytest.mark.one_database
@pytest.mark.usefixtures("three_pairs")
def test_a_preview_lists_the_pairs_and_decides_nothing(administrator: User) -> None:
    run = _run(administrator, is_preview=True, sign="same_name")
    assert run.counts == {"companies": {"updated": 2}}
    assert [
        (one.record_id, one.reason, (one.detail or {})["apart_from"]) for one in pulling.entries(run.id)
    ] == [
        *((1, "kept_apart", 2), (3, "kept_apart", 4)),
    ]
    assert len(ids_listed("open")) == 3


@pytest.mark.one_database
@pytest.mark.usefixtures("three_pairs")
@pytest.mark.parametrize("at_once", [1, 100])
def test_all_that_the_filter_shows_is_kept_apart_and_an_undo_asks_again(
    administrator: User, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(apart_run, "PAIRS_AT_ONCE", at_once)
    run = _run(administrator, sign="same_name")
    assert (run.state, run.counts) == ("finished", {"companies": {"updated": 2}})
    assert ids_listed("not_the_same") == [(1, 2), (3, 4)]
    assert ids_listed("open") == [(5, 6)]
    preview = undo_of(run.id, is_preview=True)
    assert preview.counts == {"companies": {"updated": 2}}
    assert len(ids_listed("not_the_same")) == 2
    undo = undo_of(run.id)
    assert len(ids_listed("open")) == 3
    undo_of(undo.id)
    assert ids_listed("not_the_same") == [(1, 2), (3, 4)]


@pytest.mark.one_database
@pytest.mark.usefixtures("three_pairs")
def test_what_somebody_decided_since_is_left(administrator: User) -> None:
    run = _run(administrator, sign="same_name")
    decisions.reopen(current_services(), "companies", [(1, 2)])
    undo = undo_of(run.id)
    assert undo.counts == {"companies": {"updated": 1, "skipped": 1}}


@pytest.mark.usefixtures("three_pairs")
def test_a_killed_run_goes_on(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart_run, "PAIRS_AT_ONCE", 1)
    given = MergeDuplicatesOptions(verb="not_the_same")
    started = merge_run.start(current_services(), given, user_id=administrator.id)
    with killed_after(pairs, "keep_apart", 2), pytest.raises(PowerCutError):
        pulling.worked_off(started.run_id)
    assert len(ids_listed("not_the_same")) == 1
    pulling.change(started.run_id, not_before=None)
    run = finished_in_the_end(pulling.wait_is_over(started.run_id))
    assert run.counts == {"companies": {"updated": 3}}
    assert len(pulling.entries(run.id)) == 3


@pytest.mark.parametrize(
    ("was_kept_apart", "state", "verb", "reason"),
    [
        *((True, "not_the_same", "restore", "asked_again"), (False, "open", "restore", "kept_apart")),
        *((True, "open", "leave", "changed_since"), (True, "merged", "leave", "changed_since")),
        (True, None, "leave", "undo_not_here"),
    ],
)
def test_an_undo_asks_again_only_about_what_stands_as_it_was_left(
    *, was_kept_apart: bool, state: str | None, verb: str, reason: str
) -> None:
    plan = plan_pair(was_kept_apart=was_kept_apart, state=state)
    assert (plan.verb, plan.reason) == (verb, reason)


@pytest.mark.one_database
@pytest.mark.usefixtures("three_pairs")
def test_the_way_from_the_list_leads_over_a_preview(app: Flask, admin_pages: FlaskClient) -> None:
    listed = read_page(admin_pages.get("/duplicates?sign=same_name").text)
    assert listed.leads_to("/duplicates/bulk/apart?sign=same_name")
    page = read_page(admin_pages.get("/duplicates/bulk/apart?sign=same_name").text)
    assert page.one("h1").shown_text == "Keep 2 pairs apart"
    form = page.one("main").one("form")
    answer = admin_pages.post(form["action"], data=form.form_values())
    run_id = int(answer.location.rpartition("/")[2])
    with app.app_context():
        pulling.worked_off(run_id)
    shown = read_page(admin_pages.get(answer.location).text)
    assert f"Duplicates kept apart preview {run_id}" in shown.one("h1").shown_text
    started = admin_pages.post(f"/sync-log/{run_id}/preview")
    with app.app_context():
        pulling.worked_off(int(started.location.rpartition("/")[2]))
        assert ids_listed("not_the_same") == [(1, 2), (3, 4)]


@pytest.mark.one_database
@pytest.mark.usefixtures("three_pairs")
@pytest.mark.parametrize("path", ["/duplicates/bulk", "/duplicates/bulk/apart"])
def test_where_nothing_is_left_to_decide_about_nothing_can_be_pressed(
    admin_pages: FlaskClient, path: str
) -> None:
    page = read_page(admin_pages.get(f"{path}?q=zzz").text)
    assert page.one("h1").shown_text == "None is left."
    assert not page.one("main").has("form")
    assert page.one("main").leads_to("/duplicates?q=zzz")


@pytest.mark.one_database
def test_members_decide_one_by_one(pages: FlaskClient) -> None:
    assert pages.get("/duplicates/bulk/apart").status_code == 403


@pytest.mark.one_database
@pytest.mark.usefixtures("three_pairs")
def test_the_rules_of_the_last_merge_are_chosen_beforehand(app: Flask, admin_pages: FlaskClient) -> None:
    before = read_page(admin_pages.get("/duplicates/bulk").text).one("main").form_values()
    assert (before["stay_rule"], before["value_rule"]) == ("linked", "newer")
    admin_pages.post(
        "/duplicates/bulk", data={"stay_rule": "contacts", "value_rule": "fuller", "where": "here"}
    )
    after = read_page(admin_pages.get("/duplicates/bulk").text).one("main").form_values()
    assert (after["stay_rule"], after["value_rule"]) == ("contacts", "fuller")
    assert app
