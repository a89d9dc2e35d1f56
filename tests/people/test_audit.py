"""The audit log: who did what, told in the transaction of what they did."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.applications.services import current_services, reading, writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_connection, make_run
from tests.support.samples.users import PASSWORD
from webapp.domain.people.actor import Actor
from webapp.domain.people.audited import AREAS, AUDITED, area_of
from webapp.domain.rules.rule import Rule
from webapp.models import AuditEntry, User
from webapp.store.people import audit
from webapp.text import people as people_text
from webapp.usecases.people import audit as audit_log
from webapp.usecases.people import clearing

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


def logged(app: Flask) -> list[tuple[int | None, str, str]]:
    """Who did what by which way, oldest first, but for log-ins."""
    with app.app_context(), reading() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    return [(one.user_id, one.via, one.action) for one in rows if one.action != "logged_in"]


def texts(page: str) -> list[str]:
    return [row.shown_text for row in read_page(page).one("tbody").all("tr")]


def test_every_action_has_an_area_and_a_text_and_none_is_left_over() -> None:
    assert set(people_text.AUDITED) == set(AUDITED)
    assert tuple(people_text.AREAS) == AREAS
    assert set(AUDITED.values()) | {area_of("run_started", "delete")} == set(AREAS)


def test_what_is_done_in_the_browser_is_told_with_person_and_address(
    app: Flask, logged_in: LogIn, administrator: User, member: User
) -> None:
    boss = logged_in(administrator)
    boss.post(f"/people/{member.id}/role", data={"role": "administrator"})
    boss.post(f"/people/{member.id}/deactivation")
    assert logged(app) == [
        (administrator.id, "page", "role_changed"),
        (administrator.id, "page", "user_deactivated"),
    ]
    rows = texts(boss.get("/audit").text)
    assert "Ada Administrator Deactivated Mem Member in the browser, 127.0.0.1" in rows[0]
    assert "Ada Administrator Changed the role of Mem Member to Administrator in the browser" in rows[1]
    assert "Ada Administrator Logged in in the browser" in rows[2]


def test_what_is_refused_is_not_told(app: Flask, logged_in: LogIn, administrator: User) -> None:
    boss = logged_in(administrator)
    boss.post(f"/people/{administrator.id}/role", data={"role": "member"})
    assert logged(app) == []


@pytest.mark.every_database
def test_what_is_rolled_back_was_never_told(app: Flask, administrator: User) -> None:
    def fail(session: Session) -> None:
        audit.add(session, Actor(administrator.id, "page"), "rules_saved", object_types=["companies"])
        session.flush()
        raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError), writing() as session:
        fail(session)
    assert logged(app) == []


def test_a_run_that_a_person_starts_is_told_and_one_of_the_schedule_is_not(
    app: Flask, logged_in: LogIn, administrator: User
) -> None:
    with app.app_context():
        make_connection()
    boss = logged_in(administrator)
    assert boss.post("/runs", data={"kind": "pull"}).status_code == 303
    entries = [one for one in logged(app) if one[2] == "run_started"]
    assert entries == [(administrator.id, "page", "run_started")]
    page = read_page(boss.get("/audit?area=runs").text)
    assert page.leads_to("/sync-log/1")
    with app.app_context():
        make_run(1, trigger="schedule", kind="reconcile")
    assert [one for one in logged(app) if one[2] == "run_started"] == entries
    boss.post("/runs/1/cancellation")
    assert logged(app)[-1] == (administrator.id, "page", "run_cancelled")


def test_what_is_done_on_the_command_line_is_told_without_a_person(app: Flask) -> None:
    app.test_cli_runner().invoke(
        args=["users", "add", "x@example.com", "--name", "X"], input="a long enough one\n"
    )
    assert logged(app) == [(None, "command", "user_added")]


def test_what_is_done_by_a_mailed_link_is_told(
    app: Flask, logged_in: LogIn, administrator: User, client: FlaskClient
) -> None:
    boss = logged_in(administrator)
    page = boss.post("/people", data={"name": "Ida", "email": "ida@example.com", "role": "member"})
    path = "/choose-password/" + read_page(page.text).one("code", id="link").shown_text.rpartition("/")[2]
    client.post(path, data={"new_password": PASSWORD, "new_password_again": PASSWORD})
    assert logged(app)[0] == (administrator.id, "page", "user_invited")
    assert logged(app)[-1][2] == "password_set"


@pytest.mark.parametrize(
    ("request_", "action"),
    [
        (("/integrations/hubspot/automatic", {"push_contacts": "on"}), "switches_saved"),
        (("/companies/1/active", {"active": "no"}), "activity_changed"),
        (
            ("/custom-fields", {"object_type": "companies", "label": "A", "name": "a", "kind": "text"}),
            "custom_field_added",
        ),
    ],
)
def test_changes_of_all_kinds_are_told(
    app: Flask, logged_in: LogIn, administrator: User, request_: tuple[str, dict[str, str]], action: str
) -> None:
    with app.app_context():
        make_connection()
        make_company()
    path, data = request_
    answer = logged_in(administrator).post(path, data=data)
    assert answer.status_code in (200, 303), answer.text
    assert [one[2] for one in logged(app)] == [action]


def test_rules_are_told_with_the_transaction_that_saves_them(app: Flask) -> None:
    from webapp.usecases.rules import sync_rules  # noqa: PLC0415

    with app.app_context():
        connection_id = make_connection().id
        sync_rules.save(current_services(), connection_id, {"companies": {"in": Rule()}})
    assert logged(app) == [(None, "machine", "rules_saved")]


def test_exports_are_told_before_they_are_taken(app: Flask, logged_in: LogIn, administrator: User) -> None:
    boss = logged_in(administrator)
    boss.get("/audit/entries.csv?area=people").close()
    with app.app_context():
        make_run(make_connection().id)
    boss.get("/sync-log/1/entries.csv").close()
    boss.get("/duplicates/export.csv").close()
    boss.get("/companies/export.csv").close()
    app.test_cli_runner().invoke(args=["records", "export", "contacts"])
    assert [one[1:] for one in logged(app)] == [
        ("page", "exported"),
        ("page", "exported"),
        ("page", "exported"),
        ("page", "exported"),
        ("command", "exported"),
    ]
    rows = texts(boss.get("/audit?area=exports").text)
    assert [one for one in rows if "Exported the audit log" in one]
    assert [one for one in rows if "Exported contacts" in one]


@pytest.fixture
def many(app: Flask, administrator: User, member: User) -> None:
    """120 entries of two people, one an hour."""
    for number in range(120):
        with (
            time_machine.travel(datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=number), tick=False),
            app.app_context(),
            writing() as session,
        ):
            actor = Actor((administrator if number % 2 else member).id, "page", "10.0.0.1")
            action = "rules_saved" if number % 3 else "mapping_saved"
            audit.add(session, actor, action, object_types=[f"number {number}"])


@pytest.mark.usefixtures("many")
@pytest.mark.every_database
def test_the_log_is_filtered_and_read_page_by_page(
    logged_in: LogIn, administrator: User, member: User
) -> None:
    boss = logged_in(administrator)
    page = read_page(boss.get("/audit?area=rules").text)
    seen = [row.shown_text for row in page.one("tbody").all("tr")]
    assert len(seen) == 50
    on = page.one("a", class_="button", rel="next")["href"]
    seen += texts(boss.get(on).text)
    assert len(seen) == 80
    assert len(set(seen)) == 80
    of_mem = texts(boss.get(f"/audit?person={member.id}&area=mapping").text)
    assert len(of_mem) == 20
    assert all("Mem Member" in one for one in of_mem)
    one_day = texts(boss.get("/audit?since=2026-11-02&until=2026-11-02").text)
    assert len(one_day) == 24
    part = boss.get("/audit?area=rules", headers={"HX-Request": "true"}).text
    assert not read_page(part).has("html")


@pytest.mark.usefixtures("many")
@pytest.mark.every_database
def test_a_day_begins_where_the_viewer_is(logged_in: LogIn, administrator: User) -> None:
    boss = logged_in(administrator)
    given = {"name": "Ada", "email": administrator.email, "time_zone": "Europe/Berlin", "language": ""}
    boss.post("/profile", data=given)
    rows = texts(boss.get("/audit?since=2026-11-02&until=2026-11-02").text)
    assert "2 Nov 2026, 23:00" in rows[0]
    assert "2 Nov 2026, 00:00" in rows[-1]


@pytest.mark.parametrize(
    "query",
    [
        *("person=99999999999999999999", "person=x", "area=nonsense", "after=nonsense"),
        *("since=yesterday", "since=2026-02-30", "until=0001-01-01", "since=9999-12-31&until=9999-12-31"),
        "person=%00&area=mapping%00",
    ],
)
@pytest.mark.every_database
def test_a_filter_that_somebody_made_up_breaks_nothing(
    logged_in: LogIn, administrator: User, query: str
) -> None:
    """Neither the page nor the file, whose download is recorded with its filter."""
    client = logged_in(administrator)
    assert client.get(f"/audit?{query}").status_code == 200
    assert client.get(f"/audit/entries.csv?{query}").status_code == 200


@pytest.mark.usefixtures("many")
@pytest.mark.every_database
def test_the_file_holds_everything_that_the_filter_shows(
    logged_in: LogIn, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webapp.web.people import audit_pages  # noqa: PLC0415

    monkeypatch.setattr(audit_pages, "ENTRIES_AT_ONCE", 7)
    text = logged_in(administrator).get("/audit/entries.csv?area=mapping").text
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == 40
    assert lines[0]["text"] == "Saved the mapping of number 117"
    assert (lines[0]["person"], lines[0]["way"], lines[0]["address"]) == (
        "Ada Administrator",
        "page",
        "10.0.0.1",
    )


@pytest.mark.usefixtures("many")
@pytest.mark.every_database
def test_entries_are_cleared_away_after_their_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    # PostgreSQL's own clock does not travel.
    monkeypatch.setattr(audit_log, "surely_past", lambda _engine, now: now)
    monkeypatch.setattr(audit_log, "BATCH_SIZE", 10)
    days = timedelta(days=365)
    with app.app_context(), time_machine.travel(datetime(2026, 11, 3, tzinfo=UTC) + days, tick=False):
        clearing.clear_old(current_services())
    assert len(logged(app)) == 72


def test_an_entry_of_another_version_is_still_read() -> None:
    assert people_text.action_text("moved_house", {"x": 1}) == "Moved house"
    assert people_text.action_text("role_changed", {"person": "Ada"}) == "Changed the role of Ada to …"


def test_a_run_is_called_as_in_the_sync_log(app: Flask, logged_in: LogIn, administrator: User) -> None:
    with app.app_context():
        run = make_run(make_connection().id, kind="pull")
        with writing() as session:
            somebody = Actor(administrator.id, "page", "")
            audit.add(session, somebody, "run_started", run_id=run.id, kind="pull")
            audit.add(session, somebody, "run_cancelled", run_id=run.id)
            audit.add(session, somebody, "run_started", run_id=99, kind="push")
    pages = logged_in(administrator)
    shown = " ".join(texts(pages.get("/audit").text))
    for text in (f"Started Pull {run.id}", f"Cancelled Pull {run.id}", "Started Push 99"):
        assert text in shown, text
        assert text in pages.get("/audit/entries.csv").text, text


@pytest.mark.parametrize(
    ("action", "detail", "text"),
    [
        ("held_decided", {"verb": "link", "count": 2}, "Decided about records from HubSpot: 2, linked"),
        (
            "activity_changed",
            {"object_type": "contacts", "record_id": 5, "state": "inactive"},
            "contact 5 to inactive",
        ),
        ("kept_apart", {"object_type": "companies", "ids": "3/4"}, "not the same: companies 3/4"),
        (
            "rules_saved",
            {"object_types": ["companies", "contacts"]},
            "Saved the rules of companies, contacts",
        ),
        ("switches_saved", {"on": ["push_contacts", "create"]}, "sync: edits of contacts, new records"),
        ("switches_saved", {"on": []}, "Set automatic sync: nothing"),
        ("profile_changed", {"person": "Ada", "fields": ["time_zone"]}, "profile of Ada: Time zone"),
        ("held_decided", {"verb": "dance", "count": 2}, "HubSpot: 2, dance"),
    ],
)
def test_codes_are_said_in_words(in_app: Flask, action: str, detail: dict[str, Any], text: str) -> None:
    assert in_app
    assert people_text.action_text(action, detail).endswith(text)
