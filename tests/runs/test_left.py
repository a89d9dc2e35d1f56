"""What the page of a run says of the records that it left to people, and of those that fail still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import writing
from tests.support.pages.page import Element, read_page
from tests.support.samples.factories import NOW, make_remote_object, make_run
from tests.support.samples.rows import Rows
from webapp.models import FailingRecord, HeldRecord, RemoteObject, Run, User
from webapp.store.held import of_run

LogIn = Callable[[User], FlaskClient]

HELD: dict[str, Any] = {"outcome": "held", "reason": "doubtful_match"}


@pytest.fixture
def reader(logged_in: LogIn, member: User) -> FlaskClient:
    return logged_in(member)


def _line(reader: FlaskClient, run: Run) -> Element:
    return read_page(reader.get(f"/sync-log/{run.id}").text).one(id="run-done")


def _add(row: HeldRecord | FailingRecord) -> None:
    with writing() as session:
        session.add(row)


def _held_record(run: Run, record_id: int, **values: Any) -> HeldRecord:
    return HeldRecord(
        connection_id=run.connection_id,
        object_type="contacts",
        record_id=record_id,
        reason="doubtful_match",
        detail={},
        held_at=NOW,
        run_id=run.id,
        **values,
    )


def _failing(run: Run, key: str, reason: str) -> FailingRecord:
    return FailingRecord(
        connection_id=run.connection_id,
        object_type="contacts",
        key=key,
        name="Ida",
        direction="out",
        reason=reason,
        property="",
        run_id=run.id,
        failed_at=NOW,
    )


def _run_with_held(rows: Rows, *, more: dict[str, int] | None = None) -> Run:
    """A run that held the objects 1, 2 and 3, while a fourth one waits that another run held."""
    run = rows.run(counts={"contacts": {"created": 5} | (more or {})})
    rows.log(run, *({**HELD, "record_id": None, "remote_id": one, "name": f"Ida {one}"} for one in "123"))
    for one in "1234":
        rows(make_remote_object, run.connection_id, one)
    return run


def _decide(remote_id: str, **values: Any) -> None:
    with writing() as session:
        row = session.query(RemoteObject).filter_by(remote_id=remote_id).one()
        for name, value in values.items():
            setattr(row, name, value)


def test_what_a_run_left_to_people_is_its_own_and_is_counted_until_it_is_decided(
    rows: Rows, reader: FlaskClient
) -> None:
    run = _run_with_held(rows)
    line = _line(reader, run)
    assert line.shown_text == "8 records: 5 created. 3 need you"
    assert line.one("a")["href"] == "/held"
    rows(_decide, "1", decision={"verb": "import"})
    assert _line(reader, run).shown_text == "8 records: 5 created. 2 need you"
    rows(_decide, "2", state="skipped")
    assert _line(reader, run).shown_text == "8 records: 5 created. 1 needs you"
    rows(_decide, "3", state="excluded")
    expected = "8 records: 5 created. Everything it had left to people has been decided."
    assert _line(reader, run).shown_text == expected


def test_records_that_a_push_left_to_people_are_counted_until_they_are_decided(
    rows: Rows, reader: FlaskClient
) -> None:
    run = rows.run(kind="push", counts={"contacts": {"created": 1}})
    rows.log(run, *({**HELD, "record_id": one, "remote_id": None} for one in (1, 2)))
    rows(_add, _held_record(run, 1))
    rows(_add, _held_record(run, 2, decision={"verb": "create"}))
    rows(_add, _held_record(run, 3))
    assert _line(reader, run).shown_text == "3 records: 1 created. 1 needs you"


def test_an_entry_leads_to_its_question_as_long_as_it_is_open(rows: Rows, reader: FlaskClient) -> None:
    run = _run_with_held(rows)
    rows(_decide, "2", state="skipped")
    for address in ("", "?outcome=held"):
        page = read_page(reader.get(f"/sync-log/{run.id}{address}").text)
        shown = [page.one("li", id=f"entry-{seq}").shown_text for seq in (1, 2, 3)]
        assert ["Decide under Needs you" in one for one in shown] == [True, False, True]
        assert ["Decided" in one for one in shown] == [False, True, False]


def test_what_failed_is_failing_and_does_not_need_a_decision(rows: Rows, reader: FlaskClient) -> None:
    run = _run_with_held(rows, more={"failed": 2})
    rows(_add, _failing(run, "8", "refused"))
    rows(_add, _failing(run, "9", "refused"))
    later = rows(make_run, run.connection_id, kind="push")
    rows(_add, _failing(later, "10", "refused"))
    line = _line(reader, run)
    assert line.shown_text == "10 records: 5 created, 2 failed. 3 need you · 2 are failing"
    assert [one["href"] for one in line.all("a")] == ["/held", "/held/failing"]
    spoken = read_page(reader.get(f"/sync-log/{run.id}").text).one(id="run-spoken")
    assert "3 need you, 2 failed" in spoken.shown_text


def test_a_record_that_was_sent_in_part_stands_in_the_sentence(rows: Rows, reader: FlaskClient) -> None:
    run = rows.run(kind="push", counts={"contacts": {"created": 4}})
    rows(_add, _failing(run, "8", "property_refused"))
    assert _line(reader, run).shown_text == "4 records: 4 created. 1 without some of its fields"


def test_of_very_many_it_says_how_many_it_left(
    rows: Rows, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_run, "MOST_LOOKED_AT", 2)
    run = _run_with_held(rows)
    assert _line(reader, run).shown_text == "8 records: 5 created. 3 needed you"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("waiting_for", "end"),
    [
        ("hubspot_unreachable", "It goes on by itself."),
        ("comparison", "Compare everything, on the Integrations page."),
        ("other_key", "start one with that key."),
    ],
)
def test_a_run_that_waits_says_what_ends_its_wait(
    rows: Rows, reader: FlaskClient, waiting_for: str, end: str
) -> None:
    run = rows.run(kind="push", state="running", waiting_for=waiting_for)
    assert _line(reader, run).shown_text.endswith(end)


@pytest.mark.one_database
def test_rows_of_a_file_that_failed_are_not_looked_for_under_needs_you(
    rows: Rows, reader: FlaskClient
) -> None:
    connection_id = rows.connection()
    rows(make_remote_object, connection_id, "701")
    run = rows(make_run, connection_id, kind="import", counts={"companies": {"created": 1, "failed": 1}})
    assert _line(reader, run).shown_text == "2 records: 1 created, 1 failed."
