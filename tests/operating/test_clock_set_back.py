"""What a clock that was ahead has dated goes on as soon as the clock is right, and not a day later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_connection, make_run
from webapp.app import services_of
from webapp.models import Connection, CreationCheck, InboxEvent, Mail, Run, User
from webapp.store.notifications import mails
from webapp.store.people import sessions as session_rows
from webapp.store.runs import queries
from webapp.usecases.operating import clock_set_back
from webapp.usecases.people import sessions as person_sessions
from webapp.usecases.reconcile import begin

pytestmark = pytest.mark.every_database

DAY = timedelta(days=1)


@pytest.fixture
def connection_id(in_app: Flask) -> int:
    assert in_app
    return make_connection().id


def written_at(then: datetime, connection_id: int) -> list[int]:
    """What stands still by the time at which it was written: three runs, a mail, an event, a check, looks."""
    values: dict[str, Any] = {"state": "running", "touched_at": then, "finished_at": None}
    waits = values | {"kind": "refresh", "not_before": then, "waiting_since": then, "waiting_for": "redis"}
    asks = values | {"kind": "auto_push", "not_before": then + 3650 * DAY, "waiting_for": "approval"}
    runs = [make_run(connection_id, **given).id for given in (values, waits, asks)]
    with writing() as session:
        session.add(
            Mail(recipient="a@b.de", state="waiting", purpose="password", created_at=then, not_before=then)
        )
        about = {"connection_id": connection_id, "object_type": "contacts"}
        session.add(
            InboxEvent(
                **about,
                remote_id="7",
                kind="changed",
                source="CRM",
                source_id="1",
                occurred_at=then,
                received_at=then,
                not_before=then,
            )
        )
        session.add(CreationCheck(**about, record_id=1, run_id=runs[0], announced_at=then, not_before=then))
        session.execute(
            update(Connection).values(
                first_pull_finished_at=then, reconciled_at=then, compared_at=then, probe_at=then
            )
        )
    return runs


def waiting(now: datetime) -> dict[str, int]:
    """How much stands still by each of the rows."""
    with reading() as session:
        abandoned = [run.id for run in queries.abandoned(session, now, now)]
        row = session.query(Connection).one()
        return {
            "runs": session.query(Run).filter(Run.state == "running").count() - len(abandoned),
            "mails": 1 - len(mails.due(session, now)),
            "events": session.query(InboxEvent).filter(InboxEvent.not_before > now).count(),
            "checks": session.query(CreationCheck).filter(CreationCheck.not_before > now).count(),
            "looks": int(
                begin.next_due_at(current_services().settings, row, None, now) > now + timedelta(minutes=30)
            ),
        }


@pytest.mark.parametrize("ahead", [timedelta(hours=1), DAY])
def test_all_that_waits_goes_on_but_what_waits_for_a_person(connection_id: int, ahead: timedelta) -> None:
    now = datetime.now(UTC)
    runs = written_at(now + ahead, connection_id)
    assert waiting(now)["runs"] == 2, "who has left a sign of life in the future is taken up all the same"
    clock_set_back.let_go_on(current_services())
    later = datetime.now(UTC) + timedelta(seconds=10)
    assert waiting(later) == {"runs": 1, "mails": 0, "events": 0, "checks": 0, "looks": 0}
    with reading() as session:
        asking = session.get_one(Run, runs[2])
    assert (asking.waiting_for, asking.not_before) == ("approval", now + ahead + 3650 * DAY)


def test_what_another_machine_has_dated_minutes_ahead_is_left_alone(connection_id: int) -> None:
    now = datetime.now(UTC)
    written_at(now + timedelta(minutes=20), connection_id)
    before = waiting(now)
    clock_set_back.let_go_on(current_services())
    assert waiting(now) == before


@pytest.mark.postgresql
def test_a_machine_whose_own_clock_is_behind_the_databases_changes_nothing(connection_id: int) -> None:
    with time_machine.travel(datetime.now(UTC) - DAY, tick=True):
        now = datetime.now(UTC)
        written_at(now + DAY, connection_id)
        before = waiting(now)
        clock_set_back.let_go_on(current_services())
        assert waiting(now) == before
        assert before["events"] == 1


def test_a_session_of_a_clock_that_was_ahead_ends_as_one_of_today(app: Flask, member: User) -> None:
    """Nobody is logged out by this; but no session goes on for as long as the clock was ahead."""
    services = services_of(app)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=300), tick=True):
        token = person_sessions.begin(
            services,
            member.id,
            proved_hash=member.password_hash,
            new_hash=None,
            user_agent="",
            replaced_id=None,
        )
    assert token is not None
    now = datetime.now(UTC)
    clock_set_back.let_go_on(services)
    with services.database.reading() as session:
        assert session_rows.find(session, token, now + timedelta(hours=1)) is not None
        assert session_rows.find(session, token, now + timedelta(hours=3)) is None
