"""A transaction that would wait for itself, or for a writer that does not come to its end, says so."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.applications.worker_process import wait_until
from tests.support.samples.users import PASSWORD
from webapp.app import services_of
from webapp.models import User
from webapp.services import Services
from webapp.store.database import transactions
from webapp.store.database.transactions import NoTurnError
from webapp.store.database.trouble import trouble_of


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a turn to write."""
    monkeypatch.setattr(transactions, "TURN_LIMIT_S", 0.05)
    monkeypatch.setattr(transactions, "STUCK_LIMIT_S", 0.05)


@contextmanager
def a_writer_that_hangs(services: Services) -> Iterator[None]:
    """As a process that was stopped in the middle of a transaction."""
    path = services.database.engine.url.database
    handle = os.open(f"{path}.write-lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def test_a_transaction_within_another_is_refused_and_leaves_no_lock(in_app: Flask) -> None:
    assert in_app
    database = current_services().database
    with pytest.raises(RuntimeError, match="within another"), database.writing(), database.writing():
        pass
    with database.writing(), database.reading():
        pass


@pytest.mark.sqlite
def test_who_waits_in_vain_for_a_turn_is_told_and_takes_none_later(services: Services, hasty: None) -> None:
    del hasty
    with a_writer_that_hangs(services):
        for _ in range(3):
            with pytest.raises(NoTurnError) as raised, services.database.writing():
                pass
            assert trouble_of(raised.value) == "busy"
    for _ in range(3):
        with services.database.writing():
            pass


@pytest.mark.sqlite
def test_who_come_behind_one_that_waited_in_vain_do_not_pile_up_threads(
    services: Services, hasty: None
) -> None:
    del hasty
    with a_writer_that_hangs(services):
        # Threads that others have left may end meanwhile.
        before = set(threading.enumerate())
        for _ in range(5):
            with pytest.raises(NoTurnError), services.database.writing():
                pass
        assert len(set(threading.enumerate()) - before) == 1
    wait_until(lambda: set(threading.enumerate()) <= before, "nobody waits any more")


@pytest.mark.sqlite
def test_a_signal_that_ends_a_wait_leaves_no_lock(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a job that has taken too long."""

    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    with a_writer_that_hangs(services), monkeypatch.context() as patch:
        patch.setattr(threading.Event, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt), services.database.writing():
            pass
    with services.database.writing():
        pass


@pytest.mark.sqlite
def test_pages_are_read_and_forms_get_an_answer_while_another_writer_hangs(
    app: Flask, client: FlaskClient, administrator: User, hasty: None
) -> None:
    del hasty
    typed = {"email": administrator.email, "password": PASSWORD}
    with a_writer_that_hangs(services_of(app)):
        assert client.get("/login").status_code == 200
        answer = client.post("/login", data=typed)
        assert (answer.status_code, "The database is busy" in answer.text) == (503, True)
    assert client.post("/login", data=typed).status_code == 303
