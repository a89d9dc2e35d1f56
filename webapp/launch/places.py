"""Ports and addresses: which are free, who answers, and the embedded Redis of a folder."""

import fcntl
import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from webapp.installation.embedded_redis import socket_path
from webapp.launch.programs import LaunchError

HOST = "127.0.0.1"
_PORTS_TRIED = 100
_START_S = 60.0
_SERVER_ERROR = 500


@contextmanager
def alone(lock: Path, otherwise: str) -> Iterator[None]:
    """Be the only one with this file, as long as this process lives.

    Raises:
        LaunchError: another one has it.
    """
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LaunchError(otherwise) from None
        yield


def free_port(preferred: int) -> int:
    """The preferred port, or the next free one.

    Raises:
        LaunchError: a hundred ports in a row are taken.
    """
    for port in range(preferred, preferred + _PORTS_TRIED):
        try:
            socket.create_server((HOST, port)).close()
        except OSError:
            continue
        return port
    raise LaunchError(f"No free port from {preferred} to {preferred + _PORTS_TRIED - 1}.")


def await_answer(name: str, port: int, path: str, check: Callable[[], None]) -> None:
    """Wait until a web server answers.

    Args:
        name: for the message.
        port: on loopback.
        path: of a page.
        check: called while waiting; raises when waiting is in vain.

    Raises:
        LaunchError: it does not answer within a minute.
    """
    deadline = time.monotonic() + _START_S
    while not _answers(port, path):
        check()
        if time.monotonic() > deadline:
            raise LaunchError(f"{name} does not answer on port {port}.")
        time.sleep(0.05)


def stop_redis(instance_path: Path) -> None:
    """End the embedded Redis of an instance, if it runs; what it holds is kept on the disk."""
    path = socket_path(instance_path)
    if not path.exists():
        return
    try:
        with Redis(unix_socket_path=str(path), socket_connect_timeout=2) as redis:
            redis.shutdown()
    except (RedisError, OSError):
        return


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < _SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
