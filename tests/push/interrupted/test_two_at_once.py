"""Two runs that are about to write to one object at the same moment: the second reads it again (B46, B47)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from tests.support.faults.kills import finished_in_the_end
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, objects, pushed, pushed_record
from webapp.models import Run
from webapp.store.push import announcing

# So long the other one has to come in between, or to be found waiting.
_OTHER_S = 1.0


def _beside_the_announcement(
    app: Flask, monkeypatch: pytest.MonkeyPatch, connection_id: int
) -> threading.Thread:
    """Push the first contact alone once a bulk push has insisted that nobody writes to it."""
    real = announcing.announce

    def push_alone() -> None:
        with app.app_context():
            pushed_record(connection_id, "contacts", 1)

    other = threading.Thread(target=push_alone)

    def announce(session: Any, batch: Any, plans: Any) -> Any:
        if batch.object_type == "contacts" and plans and not other.ident:
            other.start()
            other.join(_OTHER_S)
        return real(session, batch, plans)

    monkeypatch.setattr(announcing, "announce", announce)
    return other


def _ended() -> list[Run]:
    return [finished_in_the_end(one) for one in pulling.all_rows(Run)]


def test_a_change_is_sent_by_one_of_two_pushes_and_stands_in_its_log_alone(
    in_app: Flask, with_key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(name="Acme", domain="acme.de")
    make_contact(company.id, first_name="Eva", email="eva@acme.de", phone="1")
    pushed(with_key)
    change_contact(1, phone="2")
    other = _beside_the_announcement(in_app, monkeypatch, with_key)
    pushed(with_key)
    other.join()
    changes = [
        change
        for run in _ended()
        for one in pulling.entries(run.id)
        for change in one.changes or ()
        if run.id > 1
    ]
    assert changes == [["phone", "1", "2"]]


def test_a_contact_is_made_by_one_of_two_pushes(
    in_app: Flask, with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(name="Acme", domain="acme.de")
    make_contact(company.id, first_name="Eva", last_name="Roth", email=None)
    other = _beside_the_announcement(in_app, monkeypatch, with_key)
    pushed(with_key)
    other.join()
    made = [one for run in _ended() for one in pulling.entries(run.id) if one.outcome == "created"]
    assert sorted(one.object_type for one in made) == ["companies", "contacts"]
    assert len(objects(sandbox, "contacts")) == 1
