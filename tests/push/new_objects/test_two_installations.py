"""Two installations push one list into one portal at the same second: each company is there once (B50)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from sqlalchemy import update

from tests.support.applications.app import application, migrate
from tests.support.applications.services import current_services, writing
from tests.support.faults.at_once import at_once
from tests.support.faults.kills import finished_in_the_end
from tests.support.samples import shop
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import objects, primary_of, pushed
from webapp.domain.push.creation_checks import CHECKED_AFTER
from webapp.models import Connection, CreationCheck, Run
from webapp.settings import Settings
from webapp.usecases.push.new_objects import creation_checks

T = TypeVar("T")

_MOST_LOOKS = 3


@contextmanager
def _second_app(settings: Settings, folder: Path) -> Iterator[Flask]:
    url = f"sqlite:///{folder / 'second.db'}"
    migrate(url, folder)
    own = replace(settings, database_url=url, redis_url=f"{settings.redis_url}?db=1", instance_path=folder)
    with application(own) as app:
        yield app


@pytest.fixture
def second(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """Another installation, with a database of its own, which is to be connected with the same portal."""
    with _second_app(settings, tmp_path) as app:
        yield app


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    pulling.hasty_retries(monkeypatch)


def _fill(connection_id: int) -> None:
    shop.fill(6, 12)
    with writing() as session:
        connection = session.get_one(Connection, connection_id)
        connection.key_properties = {"companies": "ready", "contacts": "ready"}


def _checked() -> Run:
    long_ago = datetime.now(UTC) - 3 * CHECKED_AFTER
    with writing() as session:
        session.execute(update(CreationCheck).values(not_before=long_ago))
        session.execute(update(Run).where(Run.finished_at.is_not(None)).values(finished_at=long_ago))
    creation_checks.begin_due(current_services())
    runs = pulling.all_rows(Run, kind="check")
    # Where nothing was made on the search's word there is nothing to look at.
    return pulling.worked_off(runs[-1].id) if runs else pulling.all_rows(Run)[-1]


def _linked() -> dict[str, str]:
    names = {one.id: str(one.name) for one in pulling.companies()}
    return {names[one.record_id]: one.remote_id for one in pulling.links("companies")}


_LOST: tuple[dict[str, Any], ...] = (
    {"kind": "cut_after"},
    {"kind": "status", "status": 502, "effect": "after"},
    {"kind": "malformed", "effect": "after"},
)
_SEEDS = range(int(os.environ.get("SOAK_EXAMPLES", "4")))


@pytest.mark.long
@pytest.mark.parametrize("seed", _SEEDS)
def test_each_company_is_there_once_and_primaries_are_at_rest(
    with_key: int, in_app: Flask, second: Flask, sandbox: SandboxServer, seed: int
) -> None:
    """Both push at once, and both look at once at what they made; some answers are lost.

    Each seed mixes their calls otherwise.
    """
    sandbox.settings(search_delay_s=3600 if seed % 2 == 0 else 0)
    _fill(with_key)
    with second.app_context():
        other_id = pulling.connected()
        _fill(other_id)
    both = [(in_app, with_key), (second, other_id)]

    def of_both(work: Callable[[int], Run]) -> None:
        works = [(app, lambda number=number: finished_in_the_end(work(number))) for app, number in both]
        for place, fault in enumerate(_LOST):
            sandbox.fault(method="POST", path="/crm/*", after=(seed * 7 + place * 11) % 40, **fault)
        for run in at_once(works, seed):
            assert run.state == "finished", run.error_text
        sandbox.clear_faults()

    of_both(pushed)
    sandbox.settings(search_delay_s=0)
    for _ in range(_MOST_LOOKS):
        of_both(lambda _: _checked())
        if not any(_in(app, lambda: pulling.all_rows(CreationCheck)) for app, _ in both):
            break
    firms = objects(sandbox, "companies", "name")
    # One has no domain: its name and its town together are certain.
    assert sorted(one["name"] for one in firms) == [f"Firm {number}" for number in range(6)]
    of_both(pushed)
    assert [_in(app, _linked) for app, _ in both] == [{one["name"]: one["id"] for one in firms}] * 2
    primaries = _primaries(sandbox)
    assert set(primaries.values()) <= {one["id"] for one in firms}
    assert len(primaries) == 12
    of_both(pushed)
    for app, _ in both:
        last = _in(app, lambda: pulling.all_rows(Run, kind="push")[-1])
        assert (last.counts["companies"], last.counts["associations"]) == (
            {"unchanged": 6},
            {"unchanged": 12},
        )
    assert _primaries(sandbox) == primaries


def _in(app: Flask, work: Callable[[], T]) -> T:
    with app.app_context():
        return work()


def _primaries(sandbox: SandboxServer) -> dict[str, str | None]:
    return {one["id"]: primary_of(sandbox, one["id"]) for one in objects(sandbox, "contacts")}
