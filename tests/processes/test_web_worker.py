"""Slow clients take no threads, and none of them keeps others from being served."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.applications.app import PYTHON_PATH
from tests.support.applications.program import Program
from tests.support.servers.smtp import free_port

THREADS = 4
CONNECTIONS = 40
# Whoever is not served within this is not served at all.
_PATIENCE_S = 20.0
_END_S = 15.0
HALF_A_HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
HALF_A_BODY = HALF_A_HEAD + b"Content-Length: 10\r\n\r\n12345"
LARGE_HEAD = HALF_A_HEAD + b"Content-Length: 200000\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"

Connect = Callable[[bytes], socket.socket]


@pytest.fixture
def arrive_s() -> float:
    """How long a request may take to arrive."""
    return 60.0


@pytest.fixture
def server(tmp_path: Path, arrive_s: float) -> Iterator[tuple[Program, int]]:
    """One process of gunicorn with our worker and few threads."""
    port = free_port()
    # Not the one of the folder in which the tests run.
    (tmp_path / "empty.py").touch()
    program = Program(
        [
            *("gunicorn", "-c", str(tmp_path / "empty.py")),
            *("--worker-class", "webapp.processes.web_worker.WebWorker"),
            *("--workers", "1", "--threads", str(THREADS), "--worker-connections", str(CONNECTIONS)),
            *(
                "--no-control-socket",
                "--bind",
                f"127.0.0.1:{port}",
                "tests.support.applications.tiny_wsgi:app",
            ),
        ],
        environment=os.environ | {"PYTHONPATH": PYTHON_PATH, "TINY_ARRIVE_S": str(arrive_s)},
        folder=tmp_path,
        log=tmp_path / "web.log",
    )
    try:
        yield program, port
    finally:
        program.end(signal.SIGKILL, _END_S)


@pytest.fixture
def connect(server: tuple[Program, int]) -> Iterator[Connect]:
    """Opens a connection and sends something; all are closed at the end."""
    with ExitStack() as opened:

        def made(sent: bytes) -> socket.socket:
            client = opened.enter_context(_connected(server[1]))
            client.sendall(sent)
            return client

        yield made


def _connected(port: int) -> socket.socket:
    """A connection, once the server listens."""
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), _PATIENCE_S)
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def answer(client: socket.socket) -> str:
    """The next answer on a connection: its status and its text."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = client.recv(1)
        if not part:
            return received.decode()
        received += part
    head = received.decode().lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    text = b""
    while len(text) < length:
        text += client.recv(length - len(text))
    return f"{head[9:12]} {text.decode()}".strip()


@pytest.mark.parametrize("sent", [b"", HALF_A_HEAD, HALF_A_BODY, b"\r\n\r\n"], ids=len)
def test_unfinished_requests_keep_nobody_from_being_served(connect: Connect, sent: bytes) -> None:
    for _ in range(5 * THREADS):
        connect(sent)
    assert answer(connect(GET)) == "200 0"


def test_clients_that_never_close_keep_nobody_from_being_served(connect: Connect) -> None:
    """Gunicorn by itself waits two seconds for each, and accepts nobody meanwhile."""
    for _ in range(5 * THREADS):
        assert answer(connect(b"GET / HTTP/1.0\r\n\r\n")) == "200 0"
    assert answer(connect(GET)) == "200 0"


@pytest.mark.parametrize("arrive_s", [0.5])
@pytest.mark.parametrize("sent", [b"", HALF_A_HEAD, HALF_A_BODY], ids=len)
def test_a_request_that_does_not_arrive_is_dropped(connect: Connect, sent: bytes) -> None:
    assert connect(sent).recv(1) == b""


@pytest.mark.parametrize("arrive_s", [0.5])
def test_a_kept_connection_is_dropped_in_the_middle_of_its_second_request(connect: Connect) -> None:
    client = connect(GET)
    assert answer(client) == "200 0"
    client.sendall(HALF_A_HEAD)
    assert client.recv(1) == b""


def test_where_all_places_are_taken_who_waits_longest_goes(connect: Connect) -> None:
    waiting = [connect(HALF_A_HEAD) for _ in range(CONNECTIONS + 10)]
    assert answer(connect(GET)) == "200 0"
    assert waiting[0].recv(1) == b""
    waiting[-1].sendall(b"Content-Length: 0\r\n\r\n")
    assert answer(waiting[-1]) == "200 0"


def test_requests_behind_each_other_are_answered_on_one_connection(connect: Connect) -> None:
    client = connect(GET)
    assert answer(client) == "200 0"
    client.sendall(GET + HALF_A_BODY)
    assert answer(client) == "200 0"
    client.sendall(b"67890" + GET)
    assert [answer(client), answer(client)] == ["200 10", "200 0"]


def test_a_body_may_come_in_pieces_however_long_it_is(connect: Connect) -> None:
    for size in (10, 60_000, 200_000):
        client = connect(HALF_A_HEAD + b"Content-Length: %d\r\n\r\n" % size)
        for start in range(0, size, 10_000):
            client.sendall(b"x" * min(10_000, size - start))
        assert answer(client) == f"200 {size}"


def test_a_body_of_unknown_length_is_read(connect: Connect) -> None:
    client = connect(HALF_A_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n")
    client.sendall(b"3\r\nfgh\r\n0\r\n\r\n")
    assert answer(client) == "200 8"


def test_few_large_bodies_are_read_at_a_time_and_pages_are_served_meanwhile(connect: Connect) -> None:
    first, second, third = (connect(LARGE_HEAD) for _ in range(3))
    refused = answer(third)
    assert refused.startswith("503 ")
    assert "try again" in refused.lower()
    assert answer(connect(GET)) == "200 0"
    for client in (first, second):
        client.sendall(b"x" * 200_000)
        assert answer(client) == "200 200000"
    again = connect(LARGE_HEAD)
    again.sendall(b"x" * 200_000)
    assert answer(again) == "200 200000"


def test_a_body_for_which_there_is_no_time_is_dropped_although_more_of_it_comes(connect: Connect) -> None:
    """Else a few slow ones would take all places for minutes."""
    client = connect(LARGE_HEAD.replace(b"POST /", b"POST /hurried"))
    with pytest.raises(ConnectionError):  # noqa: PT012 - it is dropped somewhere in between
        for _ in range(int(_PATIENCE_S / 0.1)):
            client.sendall(b"x")
            time.sleep(0.1)
    assert answer(connect(GET)) == "200 0"


def test_a_head_without_end_is_refused(connect: Connect) -> None:
    client = connect(b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"a" * 100_000)
    assert answer(client).startswith("431")


def test_what_is_no_request_is_refused(connect: Connect) -> None:
    assert answer(connect(b"nonsense\r\n\r\n")).startswith("400")
    assert answer(connect(GET)) == "200 0"


def test_what_fails_outside_the_application_is_logged_without_its_address(
    connect: Connect, tmp_path: Path
) -> None:
    """It may hold the token of a mailed link, or a name that somebody looks for."""
    assert answer(connect(b"GET /broken/the-token?q=Eve HTTP/1.1\r\nHost: a\r\n\r\n")).startswith("500")
    log = (tmp_path / "web.log").read_text()
    assert "RuntimeError: GET" in log
    assert "the-token" not in log
    assert "Eve" not in log


@pytest.mark.parametrize(
    "sent",
    [
        "GET /choose-password/the-token?q=Ève HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /choose-password/the-token HTTP/one\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nCookie the-token\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nthe-token é: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: the-token\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: the-token\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nthe-token\r\n",
    ],
)
def test_a_request_that_cannot_be_read_is_logged_without_its_lines(
    connect: Connect, tmp_path: Path, sent: str
) -> None:
    assert answer(connect(sent.encode()))[0] in "45"
    log = (tmp_path / "web.log").read_text()
    assert "Invalid request from ip=127.0.0.1: " in log
    assert "the-token" not in log


def test_unfinished_requests_do_not_hold_up_the_end(server: tuple[Program, int], connect: Connect) -> None:
    assert answer(connect(GET)) == "200 0"
    for _ in range(10):
        connect(HALF_A_HEAD)
    os.kill(server[0].pid, signal.SIGTERM)
    _await_end(server[0])


def _await_end(server: Program) -> None:
    for _ in range(100):
        if server.has_ended():
            return
        time.sleep(0.1)
    raise AssertionError("it did not end")


def test_a_connection_that_is_handed_over_holds_no_thread(connect: Connect) -> None:
    """The server says neither that its answer ends nor that it is closed; who took it does."""
    streams = [connect(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(3 * THREADS)]
    assert answer(connect(GET)) == "200 0"
    for stream in streams:
        received = b""
        while part := stream.recv(1000):
            received += part
        assert received.partition(b"\r\n\r\n")[2] == b"4\r\nhead\r\n5\r\nlater\r\n0\r\n\r\n"


def test_while_it_ends_who_is_connected_is_served_and_nobody_else_is_kept_waiting(
    server: tuple[Program, int], connect: Connect
) -> None:
    """A proxy sends a form on to another process if this one refuses it, and to none if it is cut off."""
    slow = connect(LARGE_HEAD)
    begun = [connect(HALF_A_BODY) for _ in range(3)]
    assert answer(connect(GET)) == "200 0"
    silent = [connect(b"") for _ in range(3)]
    os.kill(server[0].pid, signal.SIGTERM)
    _await_refusal(server[1])
    for client in silent:
        client.sendall(GET)
    for client in begun:
        client.sendall(b"67890")
    assert {answer(client) for client in silent} == {"200 0"}
    assert {answer(client) for client in begun} == {"200 10"}
    slow.close()
    _await_end(server[0])


def _await_refusal(port: int) -> None:
    """Connect until nobody listens: each that could is to be answered.

    A connection that the system has taken, and nobody has accepted when the socket is closed, is reset.
    """
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), _PATIENCE_S) as client:
                client.sendall(GET)
                assert answer(client) == "200 0"
        except (ConnectionRefusedError, ConnectionResetError):
            return
    raise AssertionError("it goes on listening")
