"""Rows of announced associations, each of which ends in one log, on both databases (B46)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete

from tests.support.applications.services import reading, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.usecases import pulling
from tests.support.usecases.pushing import pushed
from webapp.domain.push.associations import Announced
from webapp.models import AnnouncedAssociation, LogEntry, Run
from webapp.store.push import announced_associations

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def run(with_key: int) -> Run:
    """A push that has made two contacts of a company."""
    company = make_company(name="Acme", domain="acme.de")
    for name in ("ana", "bea"):
        make_contact(company.id, first_name=name, email=f"{name}@acme.de")
    return pushed(with_key)


def _announced(run: Run, contact_id: int, **values: Any) -> Announced:
    remote_id = next(link.remote_id for link in pulling.links("contacts") if link.record_id == contact_id)
    given: dict[str, Any] = {
        "id": 0,
        "run_id": run.id,
        "contact_id": contact_id,
        "contact_remote_id": remote_id,
        "company_id": 1,
        "company_remote_id": "50",
        "before": "60",
        "was_associated": True,
        "announced_at": NOON,
        **values,
    }
    return Announced(**given)


def _announce(run: Run, *some: Announced) -> list[Announced]:
    with writing() as session:
        announced_associations.announce(session, run.connection_id, (run.id, run.fence), some, NOON)
    return _unlogged(run)


def _unlogged(run: Run, **part: Any) -> list[Announced]:
    with reading() as session:
        return announced_associations.unlogged(session, run.connection_id, **part)


def test_what_is_announced_is_read_with_its_contact_and_its_run(run: Run) -> None:
    [one] = _announce(run, _announced(run, 2))
    assert (one.contact_id, one.name, one.before, one.was_associated) == (
        *(2, "bea Wieland", "60"),
        True,
    )
    assert (one.is_reverting, one.is_run_open, one.announced_at) == (False, False, NOON)
    assert [each.contact_id for each in _unlogged(run, run_id=run.id)] == [2]
    assert _unlogged(run, run_id=run.id + 1) == _unlogged(run, contact_ids=[1]) == []
    assert _unlogged(run, remote_ids=["1"]) == []
    assert len(_unlogged(run, remote_ids=[str(one.contact_remote_id)])) == 1


def test_a_later_announcement_of_the_same_contact_takes_the_place(run: Run) -> None:
    _announce(run, _announced(run, 1))
    [one] = _announce(run, _announced(run, 1, company_remote_id="70"))
    assert one.company_remote_id == "70"


@pytest.mark.one_database
def test_a_create_is_asked_about_once_its_record_is_linked(run: Run) -> None:
    [one] = _announce(run, _announced(run, 1, contact_remote_id=None))
    assert one.contact_remote_id == pulling.links("contacts")[0].remote_id
    with writing() as session:
        session.delete(session.merge(pulling.links("contacts")[0]))
    assert _unlogged(run) == []


def test_two_who_look_at_once_complete_the_log_once(run: Run) -> None:
    some = _announce(run, _announced(run, 1), _announced(run, 2))
    before = pulling.entries(run.id)
    with writing() as session:
        assert announced_associations.complete(session, run.id, some, NOON) == 2
    with writing() as session:
        assert announced_associations.complete(session, run.id, some, NOON) == 0
        assert announced_associations.take(session, run.connection_id, run.id, [1, 2]) == set()
    logged = pulling.entries(run.id)[len(before) :]
    assert [(entry.seq, entry.record_id, entry.reason) for entry in logged] == [
        (len(before) + 1, 1, "associated"),
        (len(before) + 2, 2, "associated"),
    ]
    assert logged[0].changes == [["primary_company", "60", "50"]]
    assert logged[0].detail == {"company_id": 1, "was_associated": True}
    ended = pulling.run_of(run.id)
    assert (ended.last_seq, ended.counts["associations"]) == (len(before) + 2, {"unchanged": 2, "updated": 2})
    assert {link.remote_seen["company_id"] for link in pulling.links("contacts")} == {"50"}


def test_the_run_itself_takes_what_nobody_has_completed(run: Run) -> None:
    first, _ = _announce(run, _announced(run, 1), _announced(run, 2))
    with writing() as session:
        announced_associations.complete(session, run.id, [first], NOON)
    with writing() as session:
        assert announced_associations.take(session, run.connection_id, run.id, [1, 2]) == {2}
    assert pulling.all_rows(AnnouncedAssociation) == []


def test_of_a_run_whose_log_was_cleared_away_nothing_is_kept(run: Run) -> None:
    some = _announce(run, _announced(run, 1))
    with writing() as session:
        session.execute(delete(LogEntry))
        session.execute(delete(Run))
    with writing() as session:
        assert announced_associations.complete(session, run.id, some, NOON) == 0
    assert pulling.all_rows(AnnouncedAssociation) == []
