"""What somebody without a session sends is looked at by its length before it is read."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any, BinaryIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.samples.users import PASSWORD
from webapp.models import User
from webapp.processes.client_socket import ClientSocket
from webapp.web.bodies import MOST, MOST_WITHOUT_SESSION

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
FORM = "application/x-www-form-urlencoded"


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")

    readinto = readline = read  # type: ignore[assignment]


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


@pytest.mark.parametrize("length", [64 * 1024 + 1, 10**30, None])
def test_nothing_large_is_read_of_who_has_no_session(client: FlaskClient, length: int | None) -> None:
    for address in ("/companies", "/companies/import", "/runs"):
        assert send(client, address, Unread(), length) == (303, "/login")
    for address in ("/login", "/forgotten-password", "/choose-password/abc"):
        status, text = send(client, address, Unread(), length)
        assert (status, "more than any form on this page can hold" in text) == (413, True)


@pytest.mark.parametrize(("length", "is_hurried"), [(1_000, False), (100_000, True), (None, True)])
def test_who_shows_no_session_is_not_read_from_for_minutes(
    client: FlaskClient,
    length: int | None,
    is_hurried: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Of large bodies few are read at a time."""
    accepted, client_side = socket.socketpair()
    with ClientSocket.of(accepted) as given, client_side:
        given.patient_until = later = time.monotonic() + 300
        send(client, "/webhooks/hubspot", BytesIO(b"[]"), length, **{"gunicorn.socket": given})
        assert (given.patient_until < later - 200) is is_hurried


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
