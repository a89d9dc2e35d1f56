"""The pages of the sync log as a person without JavaScript reads them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.support.pages.page import pages_from, read_page
from tests.support.samples.factories import (
    NOW,
    add_entries,
    make_company,
    make_entries,
    make_run,
)
from tests.support.samples.rows import Rows
from webapp.errors import Problem
from webapp.models import User
from webapp.services import Services
from webapp.store.database.pages import cursor

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def reader(logged_in: LogIn, member: User) -> FlaskClient:
    return logged_in(member)


def _seqs(html: str) -> list[int]:
    return [int(one["id"].removeprefix("entry-")) for one in read_page(html).all("li", class_="entry")]


def _runs(html: str) -> list[int]:
    listed = [one["id"].removeprefix("run-") for one in read_page(html).all("li", id=True)]
    return [int(number) for number in listed if number.isdecimal()]


@pytest.mark.parametrize("path", ["/sync-log", "/sync-log/1", "/sync-log/1/row", "/sync-log/1/stream"])
def test_the_log_asks_for_a_session(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert "/login" in answer.location


def test_an_empty_log_says_how_to_fill_it(reader: FlaskClient) -> None:
    page = reader.get("/sync-log").text
    assert "Nothing has run yet" in page
    assert "/integrations/hubspot" in page


def test_a_run_is_listed_with_state_person_duration_and_counts(
    rows: Rows, reader: FlaskClient, administrator: User
) -> None:
    counts = {"companies": {"created": 399, "held": 1}, "contacts": {"created": 1601, "failed": 2}}
    rows.run(started_by_id=administrator.id, counts=counts)
    page = read_page(reader.get("/sync-log").text).shown_text
    for part in (
        "Pull 1",
        "Finished",
        "Ada Administrator",
        "12 s",
        "2,000 created",
        "1 needs you",
        "2 failed",
    ):
        assert part in page


@pytest.mark.every_database
def test_runs_are_filtered_by_kind_and_state(rows: Rows, reader: FlaskClient) -> None:
    connection_id = rows.connection()
    rows(make_run, connection_id, state="failed", error="unexpected")
    rows(make_run, connection_id, kind="refresh", state="failed", error="unexpected")
    rows(make_run, connection_id)
    assert _runs(reader.get("/sync-log").text) == [3, 2, 1]
    assert _runs(reader.get("/sync-log?state=failed").text) == [2, 1]
    assert _runs(reader.get("/sync-log?state=failed&kind=pull").text) == [1]
    assert "No run matches this filter" in reader.get("/sync-log?state=queued").text


def test_htmx_gets_the_list_alone(rows: Rows, reader: FlaskClient) -> None:
    rows.run()
    answer = reader.get("/sync-log?state=finished", headers={"HX-Request": "true"})
    assert [one["id"] for one in read_page(answer.text).tops()] == ["runs"]
    assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.every_database
def test_many_runs_come_in_pages_without_gap_or_repetition(rows: Rows, reader: FlaskClient) -> None:
    connection_id = rows.connection()
    for _ in range(53):
        rows(make_run, connection_id)
    first = reader.get("/sync-log").text
    older = read_page(first).one("a", rel="next")["href"]
    second = reader.get(older).text
    assert _runs(first) + _runs(second) == list(range(53, 0, -1))
    assert not read_page(second).has("a", rel="next")


def test_the_line_of_an_unfinished_run_asks_again_and_stops_when_the_run_is_over(
    rows: Rows, reader: FlaskClient
) -> None:
    run = rows.run(state="running", totals={"contacts": 10}, counts={"contacts": {"created": 4}})
    line = reader.get("/sync-log/1/row").text
    assert read_page(line).has(hx_trigger="every 2s")
    assert "4 of 10 records" in line
    rows.change(run, state="finished", finished_at=NOW)
    line = reader.get("/sync-log/1/row").text
    assert "hx-trigger" not in line
    assert "4 created" in read_page(line).shown_text


def test_a_running_run_shows_its_progress_to_everyone(rows: Rows, reader: FlaskClient) -> None:
    rows.run(
        state="running",
        totals={"companies": 400, "contacts": 1600},
        counts={"companies": {"created": 390, "held": 10}},
        api_calls=5,
    )
    page = reader.get("/sync-log/1").text
    assert read_page(page).one(role="progressbar")["aria-valuenow"] == "20"
    assert "400 of 2,000 records" in page
    text = [one.shown_text for one in read_page(page).one("main").all(aria_live="polite")]
    assert "Pull 1: 20 % done." in text


def test_a_waiting_run_says_for_what_and_until_when(rows: Rows, reader: FlaskClient) -> None:
    rows.run(state="running", waiting_for="daily_limit", not_before=NOW + timedelta(hours=15))
    page = read_page(reader.get("/sync-log/1").text).shown_text
    assert "daily call limit to reset" in page
    assert "24 Nov 2026, 00:00 UTC" in page


def test_a_failed_run_says_why_and_what_to_do(rows: Rows, reader: FlaskClient) -> None:
    rows.run(state="failed", error="missing_scopes", error_text="crm.objects.contacts.read is missing")
    page = read_page(reader.get("/sync-log/1").text).shown_text
    assert "lacks a permission" in page
    assert "Grant the missing scopes" in page
    assert "crm.objects.contacts.read is missing" in page


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (
            Problem("waited_for", {"waiting_for": "database"}),
            "It waited for the database to accept writes again.",
        ),
        (Problem("unreadable_token"), "The stored access was encrypted with another ENCRYPTION_KEY."),
        (
            Problem("bad_certificate", {"host": "hub.example"}),
            "The certificate of hub.example cannot be trusted.",
        ),
    ],
)
def test_a_problem_kept_with_a_run_is_shown_in_words(
    rows: Rows, reader: FlaskClient, problem: Problem, text: str
) -> None:
    rows.run(state="failed", error="refused", error_text=problem.stored())
    assert text in read_page(reader.get("/sync-log/1").text).shown_text


def test_a_record_without_a_name_is_called_so(rows: Rows, reader: FlaskClient) -> None:
    company = rows(make_company, name=None, domain=None)
    rows.log(
        rows.run(), {"object_type": "companies", "record_id": company.id, "name": "", "outcome": "updated"}
    )
    assert "Company without a name" in read_page(reader.get("/sync-log/1").text).shown_text
    assert "Company without a name" in read_page(reader.get("/companies").text).shown_text
    assert "Company without a name" in read_page(reader.get(f"/companies/{company.id}").text).shown_text


def test_what_hubspot_left_unsaid_and_what_it_would_refuse_read_as_sentences(
    rows: Rows, reader: FlaskClient
) -> None:
    foreseen = {"code": "INVALID_LONG", "params": {"property": "Seats", "takes": "number", "value": "many"}}
    failed = {"name": "Ana", "outcome": "failed", "reason": "refused_by_hubspot"}
    rows.log(
        rows.run(),
        failed | {"detail": {"error": "record_left_out"}},
        failed | {"detail": {"foreseen": [foreseen], "property": "seats"}},
        failed | {"detail": {"error": "HubSpot's own words"}},
    )
    page = read_page(reader.get("/sync-log/1").text).shown_text
    assert "Details: HubSpot's answer left the record out." in page
    assert "Details: “Seats” takes a number, not “many”." in page
    assert "Details: HubSpot's own words" in page


def test_a_company_that_a_contact_moved_to_is_named(reader: FlaskClient, rows: Rows) -> None:
    old, new = rows(make_company, name="Altmann KG"), rows(make_company, name="Neuhaus AG", domain="neu.de")
    run = rows.run()
    moved = [["company_id", old.id, new.id]]
    rows.log(run, {"record_id": 7, "name": "Ana Roth", "outcome": "updated", "changes": moved})
    page = reader.get(f"/sync-log/{run.id}").text
    assert "Altmann KG" in page
    assert read_page(page).one("a", href=f"/companies/{new.id}").shown_text == "Neuhaus AG"


def test_an_entry_leads_to_its_record_and_to_hubspot_and_shows_what_changed(
    rows: Rows, reader: FlaskClient
) -> None:
    run = rows.run()
    changes = [
        ["phone", None, "+49 30 1234"],
        ["job_title", "Editor", "Chief <editor>"],
        ["company_id", 3, 9],
    ]
    rows.log(
        run,
        {"record_id": 7, "remote_id": "501", "name": "Ana Roth", "outcome": "updated", "changes": changes},
        {"object_type": "companies", "record_id": 8, "remote_id": "502", "name": "Roth KG"},
    )
    page = reader.get("/sync-log/1").text
    assert read_page(page).leads_to("/contacts/7")
    assert "/contacts/4711001/record/0-1/501" in page
    assert read_page(page).leads_to("/companies/8")
    assert "/contacts/4711001/record/0-2/502" in page
    assert "3 fields changed" in page
    assert "Phone: empty → +49 30 1234" in read_page(page).shown_text
    assert "Job title: Editor → Chief <editor>" in read_page(page).shown_text
    assert read_page(page).leads_to("/companies/9")


def test_an_entry_gives_its_reason_with_the_remedy_and_the_details(rows: Rows, reader: FlaskClient) -> None:
    run = rows.run()
    misfits = [{"field": "employees", "reason": "value_not_fitting", "value": "about 20"}]
    condition = {"field": "country", "operator": "any_of", "value": ["Austria", "Germany"], "actual": None}
    rows.log(
        run,
        {"outcome": "skipped", "reason": "no_company"},
        {"object_type": "companies", "reason": "value_not_fitting", "detail": {"fields": misfits}},
        {"outcome": "skipped", "reason": "rule_excluded", "detail": condition},
        {"outcome": "failed", "reason": "hubspot_refused", "detail": {"message": "Property is read only"}},
    )
    page = read_page(reader.get("/sync-log/1").text).shown_text
    assert "The contact has no company in HubSpot. Give it a company in HubSpot, or give it one of" in page
    assert "Employees: A value does not fit" in page
    assert "about 20" in page
    assert "Required: Country is any of Austria, Germany. Found: empty." in page
    assert "HubSpot answered: Property is read only" in page


@pytest.mark.parametrize("is_preview", [False, True])
@pytest.mark.every_database
def test_a_run_that_holds_very_much_says_so_first_with_the_commonest_evidence(
    rows: Rows, reader: FlaskClient, *, is_preview: bool
) -> None:
    candidate = {"record_id": 1, "evidence": ["same_name", "same_phone"], "points": 12}
    entry = {"outcome": "held", "reason": "doubtful_match", "detail": {"candidates": [candidate]}}
    counts = {"contacts": {"created": 20}}
    run = rows.run(state="finished", counts=counts, is_preview=is_preview)
    rows.log(run, entry, entry)
    text = read_page(reader.get(f"/sync-log/{run.id}").text).shown_text
    lead = f"2 of 22 records (9%) {'would wait' if is_preview else 'wait'} for a decision"
    assert 0 < text.find(lead) < text.find("Download as CSV")
    assert "Same name, same phone number (2)" in text
    little = rows(make_run, run.connection_id, counts={"contacts": {"held": 1, "created": 20}})
    assert "wait for a decision" not in read_page(reader.get(f"/sync-log/{little.id}").text).shown_text


def test_an_entry_leads_to_what_it_looks_like_and_to_the_company_that_it_waits_for(
    rows: Rows, reader: FlaskClient
) -> None:
    run = rows.run()
    alike = [{"record_id": number, "evidence": ["same_domain"], "points": 26} for number in (7, -1)]
    rows.log(
        run,
        {"object_type": "companies", "reason": "looks_like_another", "detail": {"looks_like": alike}},
        {"outcome": "skipped", "reason": "waiting_for_company", "detail": {"company": "50"}},
    )
    page = read_page(reader.get(f"/sync-log/{run.id}").text)
    assert page.leads_to("/companies/7")
    assert "Looks like another one of this preview: Same domain." in page.shown_text
    assert any("/record/0-2/50" in one.attributes["href"] for one in page.all("a", href=True))


@pytest.mark.every_database
def test_entries_are_filtered_by_outcome_type_reason_and_name(rows: Rows, reader: FlaskClient) -> None:
    run = rows.run()
    rows.log(
        run,
        {"name": "Ana Roth"},
        {"name": "Anatol 100% Sehr", "outcome": "updated"},
        {"object_type": "companies", "name": "Roth KG", "outcome": "held", "reason": "doubtful_match"},
        {"name": "Zoe Lang", "outcome": "skipped", "reason": "no_company"},
        {"name": "Bea Lang", "outcome": "skipped", "reason": "stopped"},
    )
    shown = {
        query: _seqs(reader.get(f"/sync-log/1?{query}").text)
        for query in (
            "outcome=updated",
            "outcome=skipped",
            "outcome=skipped&reason=no_company",
            "reason=stopped",
            "type=companies",
            "q=ana",
            "q=roth",
            "q=anatol+100%25",
            "q=%25",
            "outcome=failed",
        )
    }
    assert shown == {
        "outcome=updated": [2],
        "outcome=skipped": [5, 4],
        "outcome=skipped&reason=no_company": [4],
        "reason=stopped": [5],
        "type=companies": [3],
        "q=ana": [2, 1],
        "q=roth": [3],
        "q=anatol+100%25": [2],
        "q=%25": [],
        "outcome=failed": [],
    }


def test_every_count_leads_to_its_entries(rows: Rows, reader: FlaskClient) -> None:
    run = rows.run()
    rows.log(run, {"outcome": "failed", "reason": "unexpected"}, {})
    page = reader.get("/sync-log/1").text
    assert read_page(page).leads_to("/sync-log/1?type=contacts&outcome=failed#entries-title")
    assert _seqs(reader.get("/sync-log/1?type=contacts&outcome=failed").text) == [1]


@pytest.mark.every_database
def test_a_runs_entries_are_exported_as_they_are_filtered(
    rows: Rows, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.web.runs.csv_export.ENTRIES_AT_ONCE", 2)
    run = rows.run()
    changes = [["city", None, "Ulm"], ["last_name", "Nord", "Süd"]]
    many: list[dict[str, Any]] = [
        {"outcome": "updated", "name": f"Firm {n}", "changes": changes} for n in range(5)
    ]
    many.append(
        {"outcome": "failed", "name": "=1+1", "reason": "refused_by_hubspot", "detail": {"message": "No"}}
    )
    rows(add_entries, run.id, many)
    answer = reader.get(f"/sync-log/{run.id}/entries.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="run-{run.id}.csv"'
    found = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["number"] for row in found] == ["6", "5", "4", "3", "2", "1"]
    assert (found[0]["name"], found[0]["text"], found[0]["details"]) == (
        "'=1+1",
        "HubSpot refused it.",
        "HubSpot answered: No",
    )
    assert found[1]["changes"] == "City: empty → Ulm; Last name: Nord → Süd"
    failed = reader.get(f"/sync-log/{run.id}/entries.csv?outcome=failed").text
    assert len(failed.splitlines()) == 2
    assert reader.get("/sync-log/999/entries.csv").status_code == 404


def test_a_long_value_is_shortened_on_the_page_and_whole_in_the_file(rows: Rows, reader: FlaskClient) -> None:
    text = " ".join(f"word{number}" for number in range(150))
    run = rows.run()
    rows.log(run, {"outcome": "updated", "changes": [["job_title", text, "Chief"]]})
    shown = read_page(reader.get(f"/sync-log/{run.id}").text).one("li", id="entry-1").shown_text
    assert f"{text[:120]} …" in shown
    assert "shortened here" in shown
    assert f"Job title: {text} → Chief" in reader.get(f"/sync-log/{run.id}/entries.csv").text


@pytest.mark.every_database
def test_a_long_log_comes_in_pages_without_gap_or_repetition(rows: Rows, reader: FlaskClient) -> None:
    run = rows.run()
    rows(make_entries, run.id, 450)
    seen = [seq for page in pages_from(reader, "/sync-log/1?type=contacts") for seq in _seqs(page)]
    assert seen == list(range(450, 0, -1))


def test_only_the_newest_page_of_an_unfinished_run_is_live(rows: Rows, reader: FlaskClient) -> None:
    run = rows.run(state="running")
    rows(make_entries, run.id, 5)
    page = reader.get("/sync-log/1?outcome=created").text
    assert (
        read_page(page).one(sse_connect="/sync-log/1/stream?shown=5&outcome=created")["sse-close"] == "over"
    )
    assert "sse-connect" not in reader.get(f"/sync-log/1?after={cursor(3)}").text
    rows.change(run, state="finished", finished_at=NOW)
    assert "sse-connect" not in reader.get("/sync-log/1").text


def test_a_run_that_is_not_there_is_a_404(reader: FlaskClient) -> None:
    assert reader.get("/sync-log/99").status_code == 404


def test_an_unknown_filter_filters_nothing(rows: Rows, reader: FlaskClient) -> None:
    rows.log(rows.run(), {})
    assert _seqs(reader.get("/sync-log/1?outcome=nonsense&after=x&type=deals").text) == [1]


@pytest.mark.every_database
def test_rare_outcomes_are_found_by_their_index(services: Services, rows: Rows, reader: FlaskClient) -> None:
    run = rows.run()
    rows.log(run, {}, {"outcome": "failed", "reason": "unexpected"}, {})
    statements: list[tuple[str, Any]] = []
    engine = services.database.engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append((given[2], given[3])))
    assert _seqs(reader.get("/sync-log/1?outcome=failed").text) == [2]
    ((statement, parameters),) = [given for given in statements if "FROM log_entries" in given[0]]
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        assert "ix_log_entries_notable" in str(plan)
    else:
        # PostgreSQL weighs by the size of the table; the index's condition has to be there word for word.
        assert "outcome NOT IN ('created', 'updated')" in statement


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("refused", "HubSpot said: The property is read-only."),
        ("unexpected", "Details for a report: The property is read-only."),
    ],
)
def test_the_text_of_others_beside_a_failed_run_says_whose_it_is(
    rows: Rows, reader: FlaskClient, error: str, text: str
) -> None:
    rows.run(state="failed", error=error, error_text="The property is read-only.")
    assert text in read_page(reader.get("/sync-log/1").text).shown_text


def test_the_list_says_why_a_run_failed_also_where_it_has_done_something(
    rows: Rows, reader: FlaskClient
) -> None:
    rows.run(state="failed", error="refused", counts={"companies": {"unchanged": 400}})
    line = read_page(reader.get("/sync-log").text).one("li", id="run-1").shown_text
    assert "HubSpot refused the request. 400 unchanged" in line
