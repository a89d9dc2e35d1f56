"""Many open pages of one run: it is read once for all of them, and those who take nothing are dropped."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import pytest
import requests
from flask import Flask
from sqlalchemy import event

from tests.support.pages.events import EventReader
from tests.support.pages.page import read_page
from tests.support.samples.rows import Rows
from tests.support.samples.users import PASSWORD
from webapp.app import services_of
from webapp.models import User
from webapp.usecases.records import editing
from webapp.web.live import clients, onlooker
from webapp.web.live.clients import SocketClient

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("keepalive_s", [60.0])
def test_a_run_is_read_once_for_all_who_watch_it(
    app: Flask, rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    address = f"{served_url}/sync-log/{run.id}/stream"
    with ExitStack() as opened:
        readers = [opened.enter_context(EventReader(visitor, address)) for _ in range(8)]
        for reader in readers:
            reader.next("parts")
        # Once this has come to all, what each of them asks when it comes is over.
        rows.log(run, {})
        for reader in readers:
            reader.next("parts")
        read: list[str] = []
        engine = services_of(app).database.engine
        rows.log(run, {})
        event.listen(engine, "before_cursor_execute", lambda *given: read.append(given[2]))
        frames = {reader.next("parts") for reader in readers}
    assert len(frames) == 1
    # A hint that comes late has it read once more, for all of them as well.
    assert len([one for one in read if "FROM runs" in one]) < len(readers) / 2


@pytest.mark.parametrize("keepalive_s", [60.0])
def test_who_reads_another_language_is_sent_their_own(
    rows: Rows, visitor: requests.Session, served_url: str, administrator: User
) -> None:
    run = rows.run(state="running")
    address = f"{served_url}/sync-log/{run.id}/stream"
    with requests.Session() as other:
        other.headers["Accept-Language"] = "de"
        data = {"email": administrator.email, "password": PASSWORD}
        other.post(f"{served_url}/login", data=data, allow_redirects=False, timeout=120)
        with EventReader(visitor, address) as english, EventReader(other, address) as german:
            texts = [reader.next("parts") for reader in (english, german)]
    assert "running for" in texts[0]
    assert "running for" not in texts[1]


def test_a_client_that_takes_nothing_is_slow() -> None:
    ours, client_end = socket.socketpair()
    ours.setblocking(False)
    with ours, client_end:
        client = SocketClient(ours, is_chunked=True)
        client.send(b"news")
        assert not client.is_slow(time.monotonic())
        while not client.has_waiting:
            client.send(b"x" * 65_536)
        assert not client.is_slow(time.monotonic())
        assert client.is_slow(time.monotonic() + clients.SLOW_S + 1)
        client.send(b"x" * clients.MOST_WAITING_BYTES)
        assert client.is_slow(time.monotonic())


def test_what_waited_for_a_client_comes_whole_and_in_order() -> None:
    ours, client_end = socket.socketpair()
    ours.setblocking(False)
    with ours, client_end:
        client = SocketClient(ours, is_chunked=False)
        sent = b""
        while not client.has_waiting:
            part = b"%06d" % (len(sent) % 999_983) * 1000
            client.send(part)
            sent += part
        client.send(b"last")
        received = b""
        while len(received) < len(sent) + 4:
            received += client_end.recv(100_000)
            client.send_waiting()
        assert received == sent + b"last"


def test_a_form_that_is_sent_to_many_has_the_token_of_each(
    app: Flask, visitor: requests.Session, served_url: str
) -> None:
    with app.test_request_context():
        saved = editing.create(services_of(app), "companies", {"name": "Nordlicht"})
    assert isinstance(saved, editing.Saved)
    with EventReader(visitor, f"{served_url}/companies/{saved.record_id}/stream") as reader:
        page = read_page(reader.next("changed"))
    assert onlooker._ANY_TOKEN not in page.shown_text
    assert all(one["value"] != onlooker._ANY_TOKEN for one in page.all("input", name="csrf_token"))
