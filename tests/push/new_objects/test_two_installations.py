"""Two installations push one list into one portal at the same second: each company is there once (B50)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from tests.support.applications.app import application, migrate
from tests.support.applications.services import current_services, writing
from tests.support.samples import shop
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import objects, primary_of, pushed
from webapp.domain.push.creation_checks import CHECKED_AFTER
from webapp.models import Connection, CreationCheck, Run
from webapp.settings import Settings
from webapp.usecases.push.new_objects import creation_checks


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
    return pulling.worked_off(pulling.all_rows(Run, kind="check")[-1].id)


def _linked() -> dict[str, str]:
    names = {one.id: str(one.name) for one in pulling.companies()}
    return {names[one.record_id]: one.remote_id for one in pulling.links("companies")}


@pytest.mark.parametrize("first_to_look", ["the first", "the second"])
def test_each_company_is_there_once_and_primaries_are_at_rest(
    with_key: int, in_app: Flask, second: Flask, sandbox: SandboxServer, first_to_look: str
) -> None:
    sandbox.settings(search_delay_s=3600)
    _fill(with_key)
    pushed(with_key)
    with second.app_context():
        other_id = pulling.connected()
        _fill(other_id)
        pushed(other_id)
    assert len(objects(sandbox, "companies")) == 12
    sandbox.settings(search_delay_s=0)
    both = [in_app, second]
    for app in both if first_to_look == "the first" else both[::-1]:
        with app.app_context():
            run = _checked()
            assert run.state == "finished", run.error_text
    firms = objects(sandbox, "companies", "name")
    # One has no domain: its name and its town together are certain.
    assert sorted(one["name"] for one in firms) == [f"Firm {number}" for number in range(6)]
    pairs, primaries = [], []
    for app, number in ((in_app, with_key), (second, other_id)):
        with app.app_context():
            again = pushed(number)
            assert again.counts["companies"] == {"unchanged": 6}
            pairs.append(_linked())
            primaries.append(_primaries(sandbox))
    assert pairs[0] == pairs[1] == {one["name"]: one["id"] for one in firms}
    assert primaries[0] == primaries[1]
    assert set(primaries[0].values()) <= {one["id"] for one in firms}
    assert len(primaries[0]) == 12
    for app, number in ((in_app, with_key), (second, other_id)):
        with app.app_context():
            assert pushed(number).counts["associations"] == {"unchanged": 12}


def _primaries(sandbox: SandboxServer) -> dict[str, str | None]:
    return {one["id"]: primary_of(sandbox, one["id"]) for one in objects(sandbox, "contacts")}
