"""What many records share weighs little; a run keeps to the count that it began with (B31)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.runs.options import PullOptions
from webapp.models import FrequencyCount, Run
from webapp.store.matching import frequencies

CROWD: dict[str, Any] = {"phone": "0431 778899"}


@pytest.fixture
def crowd(connection_id: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """A book that counts as large, in which twenty have one phone number; its connection."""
    monkeypatch.setattr(frequencies, "SMALLEST_BOOK", 10)
    for number in range(20):
        make_contact(first_name=f"Nele{number}", last_name="Thoms", email=f"n{number}@foerde.de", **CROWD)
    return connection_id


def _counts() -> list[FrequencyCount]:
    with reading() as session:
        return list(session.scalars(select(FrequencyCount).order_by(FrequencyCount.id)))


def _version_of(run_id: int) -> int:
    with reading() as session:
        number: int = session.get_one(Run, run_id).options["frequencies"]
        return number


def test_a_run_counts_the_book_before_it_brings_anything(crowd: int, sandbox: SandboxServer) -> None:
    firm = sandbox.create("companies", {"name": "Werft", "domain": "werft.de"})
    for number in range(10):
        values = {"firstname": f"Ole{number}", "lastname": "Brandt", "email": f"o{number}@werft.de"}
        sandbox.create("contacts", values | {"phone": "0731 112233"}, [firm["id"]])
    run = pulling.pulled(crowd)
    assert run.counts["contacts"] == {"created": 10}
    (count,) = _counts()
    assert (count.records, count.counts["contacts.phone"]) == ({"contacts": 20}, {"431778899": 20})
    assert _version_of(run.id) == count.id


def test_a_count_serves_all_runs_of_a_day(crowd: int) -> None:
    first, second = (_version_of(pulling.pulled(crowd).id) for _ in range(2))
    assert first == second
    with writing() as session:
        session.execute(update(FrequencyCount).values(counted_at=datetime.now(UTC) - timedelta(days=2)))
    assert _version_of(pulling.pulled(crowd).id) > second


def test_a_run_keeps_to_the_count_of_its_preview(crowd: int) -> None:
    preview_id = pulling.worked_off(pulling.begun(crowd, is_preview=True)).id
    with writing() as session:
        session.execute(update(FrequencyCount).values(counted_at=datetime.now(UTC) - timedelta(days=2)))
    run = pulling.worked_off(pulling.begun(crowd, options=PullOptions(preview_id=preview_id)))
    assert _version_of(run.id) == _version_of(preview_id)


@pytest.mark.one_database
def test_a_small_book_is_judged_by_what_is_shipped(connection_id: int) -> None:
    make_contact(**CROWD)
    pulling.pulled(connection_id)
    assert [(count.records, count.counts) for count in _counts()] == [({}, {})]


@pytest.mark.one_database
def test_explain_shows_what_each_sign_weighs(connection_id: int, sandbox: SandboxServer, app: Flask) -> None:
    make_company(name="Werft", domain="werft.de")
    firm = sandbox.create("companies", {"name": "Werft", "domain": "werft.de"})
    pulling.pulled(connection_id)
    record = make_contact(first_name="Ole", last_name="Brandt", email="ole@home.de", **CROWD)
    values = {"firstname": "Ole", "lastname": "Brandt", "email": "meer@werft.de", **CROWD}
    there = sandbox.create("contacts", values, [firm["id"]])["id"]
    found = _explained(app, there, "--json")
    signs = {one["sign"]: one["weight"] for one in json.loads(found)["weights"][str(record.id)]}
    assert signs == {"same_name": 11.0, "same_phone": 9.0, "other_email": -4.0}
    assert "same phone number +9.0, but another e-mail address -4.0; in sum +16.0." in _explained(app, there)


def _explained(app: Flask, remote_id: str, *more: Any) -> str:
    answer = app.test_cli_runner().invoke(args=["explain", "contacts", "--hubspot-id", remote_id, *more])
    assert answer.exit_code == 0, answer.output
    return answer.stdout


@pytest.mark.usefixtures("crowd")
def test_a_large_book_is_counted_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's edit waits for it, and the count is the same."""
    whole = frequencies.count(current_services().database)
    monkeypatch.setattr(frequencies, "PAGE", 7)
    assert frequencies.count(current_services().database) == whole
    assert whole.counts["contacts.last_name"] == {"thoms": 20}
