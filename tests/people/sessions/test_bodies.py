"""What somebody without a session sends is looked at by its length before it is read."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import QueuePool

from tests.support.samples.users import PASSWORD, add_user
from webapp.app import services_of
from webapp.models import User
from webapp.processes.arrival import MOST_OF_A_SMALL_BODY
from webapp.processes.client_socket import ClientSocket
from webapp.services import Services
from webapp.store.people import users
from webapp.usecases.people import accounts, sessions
from webapp.web.bodies import LATE_BYTES, MOST, MOST_WITHOUT_SESSION
from webapp.web.services import page_session

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
FORM = "application/x-www-form-urlencoded"
EXPECTS = {"HTTP_EXPECT": "100-continue"}


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")

    readinto = readline = read  # type: ignore[assignment]


class Late(BytesIO):
    """A body before whose first part something happens."""

    def __init__(self, content: bytes, happens: Callable[[], object]) -> None:
        super().__init__(content)
        self.was_read = False
        self._happens = happens

    def read(self, size: int | None = -1, /) -> bytes:
        self._begin()
        return super().read(size)

    def readinto(self, buffer: Any, /) -> int:
        self._begin()
        return super().readinto(buffer)

    def _begin(self) -> None:
        if not self.was_read:
            self.was_read = True
            self._happens()


@pytest.fixture(autouse=True)
def _asks_for_tokens(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True


def send(
    client: FlaskClient, address: str, body: BinaryIO, length: int | None, **more: Any
) -> tuple[int, str]:
    length_of = (
        {"CONTENT_LENGTH": str(length)} if length is not None else {"HTTP_TRANSFER_ENCODING": "chunked"}
    )
    answer = client.post(
        address,
        input_stream=body,
        content_type=FORM,
        environ_overrides={**length_of, **more, "wsgi.input_terminated": True},
    )
    return answer.status_code, answer.location or answer.text


class Sender(NamedTuple):
    """An administrator, beside whom there is another, and the form by which they invite a friend."""

    app: Flask
    user: User
    client: FlaskClient
    body: bytes


@pytest.fixture
def sender(app: Flask, logged_in: LogIn, administrator: User) -> Sender:
    add_user(app, "other@example.com", "Other Administrator", "administrator")
    app.config["WTF_CSRF_ENABLED"] = False
    client = logged_in(administrator)
    app.config["WTF_CSRF_ENABLED"] = True
    token = client.get("/people").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    given = {"name": "A Friend", "email": "friend@example.com", "role": "administrator", "csrf_token": token}
    return Sender(app, administrator, client, urlencode(given).encode())


@pytest.mark.parametrize("length", [64 * 1024 + 1, 10**30, None])
def test_nothing_large_is_read_of_who_has_no_session(client: FlaskClient, length: int | None) -> None:
    for address in ("/companies", "/companies/import", "/runs"):
        assert send(client, address, Unread(), length) == (303, "/login")
    for address in ("/login", "/forgotten-password", "/choose-password/abc"):
        status, text = send(client, address, Unread(), length)
        assert (status, "more than any form on this page can hold" in text) == (413, True)


@pytest.mark.parametrize(
    ("address", "length", "more", "is_hurried"),
    [
        ("/webhooks/hubspot", 1_000, {}, False),
        ("/webhooks/hubspot", 100_000, {}, True),
        ("/webhooks/hubspot", None, {}, True),
        # Who asks to be asked for the body is asked, and may take their time as well.
        ("/webhooks/hubspot", 2, EXPECTS, True),
        ("/login", 2, EXPECTS, True),
        ("/companies", 2, EXPECTS, True),
    ],
)
def test_who_shows_no_session_is_not_read_from_for_minutes(
    client: FlaskClient,
    address: str,
    length: int | None,
    more: dict[str, str],
    is_hurried: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Of large bodies few are read at a time."""
    accepted, client_side = socket.socketpair()
    with ClientSocket.of(accepted) as given, client_side:
        given.patient_until = later = time.monotonic() + 300
        send(client, address, BytesIO(b"[]"), length, **more, **{"gunicorn.socket": given})
        assert (given.patient_until < later - 200) is is_hurried


@pytest.mark.parametrize(("length", "more"), [(100_000, {}), (None, {}), (2, EXPECTS)])
@pytest.mark.parametrize("ends", [accounts.deactivate, sessions.end_all])
def test_who_is_logged_out_while_their_body_arrives_does_nothing_by_it(
    sender: Sender, ends: Callable[[Services, int], object], length: int | None, more: dict[str, str]
) -> None:
    """A body may take minutes, and is begun by whoever likes to keep a way in."""
    late = Late(sender.body, partial(ends, services_of(sender.app), sender.user.id))
    status, leads_to = send(sender.client, "/people", late, length and max(length, len(sender.body)), **more)
    assert (late.was_read, status, leads_to.partition("?")[0]) == (True, 303, "/login")
    with sender.app.app_context():
        assert users.by_email(page_session(), "friend@example.com") is None


@pytest.mark.parametrize("length", [100_000, 2])
def test_who_is_an_administrator_no_more_when_their_body_has_arrived_is_refused(
    sender: Sender, length: int
) -> None:
    late = Late(
        sender.body, partial(accounts.set_role, services_of(sender.app), sender.user.id, users.MEMBER)
    )
    assert send(sender.client, "/people", late, max(length, len(sender.body)), **EXPECTS)[0] == 403


def test_every_body_that_is_read_while_it_comes_counts_as_late() -> None:
    assert LATE_BYTES == MOST_OF_A_SMALL_BODY


def test_no_connection_waits_for_a_body(sender: Sender) -> None:
    pool = services_of(sender.app).database.engine.pool
    assert isinstance(pool, QueuePool)
    held: list[int] = []
    late = Late(sender.body, lambda: held.append(pool.checkedout()))
    assert send(sender.client, "/people", late, None)[0] == 200
    assert held == [0]


def test_a_log_in_is_short_enough(client: FlaskClient, administrator: User) -> None:
    page = client.get("/login").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    data = {
        "email": administrator.email,
        "password": PASSWORD,
        "csrf_token": token,
        "next": "/" + "a" * 60_000,
    }
    assert client.post("/login", data=data).status_code == 303


def test_a_form_that_comes_too_late_and_is_too_long_to_keep_says_so(
    app: Flask, logged_in: LogIn, administrator: User
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = logged_in(administrator)
    client.post("/logout")
    app.config["WTF_CSRF_ENABLED"] = True
    assert send(client, "/companies/import", Unread(), 10_000_000)[0] == 303
    assert "too" in client.get("/login").text.lower()


def test_who_has_a_session_uploads_files(app: Flask, logged_in: LogIn, administrator: User) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    content = b"name;domain\n" + b"".join(b"Firm %d;f%d.de\n" % (n, n) for n in range(20_000))
    answer = logged_in(administrator).post(
        "/companies/import", data={"file": (BytesIO(content), "firms.csv")}
    )
    assert answer.status_code == 303


def test_nobody_sends_more_than_the_largest_file(app: Flask, logged_in: LogIn, administrator: User) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    status, text = send(logged_in(administrator), "/companies/import", Unread(), MOST + 1)
    assert (status, "At most 20 MB" in text) == (413, True)


def test_webhook_deliveries_have_their_own_limit(client: FlaskClient) -> None:
    assert client.post("/webhooks/hubspot", data=b"x" * (MOST_WITHOUT_SESSION + 1)).status_code == 401
    assert client.post("/webhooks/hubspot", data=b"x" * (1024 * 1024 + 1)).status_code == 413
