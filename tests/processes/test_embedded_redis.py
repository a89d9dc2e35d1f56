"""The Redis that comes along: there when it is needed, gone when it is not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, ResponseError

from tests.support.applications.app import ROOT
from tests.support.applications.worker_process import wait_until
from tests.support.servers.redis_server import redis_server
from webapp.installation import embedded_redis
from webapp.installation.embedded_redis import socket_path

# As long as a test can bear; the product waits for longer.
_IDLE_S = 1.0
_LONG = "a-folder-deeper-than-the-name-of-a-socket-may-be-long"


@pytest.fixture
def instance() -> Iterator[Path]:
    """An instance folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="twinbook-redis-", ignore_cleanup_errors=True) as name:
        yield Path(name)
        _shut_down(Path(name))


def _shut_down(instance: Path) -> None:
    if socket_path(instance).exists():
        with suppress(RedisConnectionError), Redis.from_url(f"unix://{socket_path(instance)}") as client:
            client.shutdown(nosave=True)


def _answers(instance: Path) -> bool:
    try:
        with Redis.from_url(f"unix://{socket_path(instance)}") as client:
            return bool(client.ping())
    except (RedisConnectionError, OSError):
        return False


def test_the_server_starts_when_it_is_first_asked_and_once_for_all(instance: Path) -> None:
    with embedded_redis.embedded_redis(instance) as one, embedded_redis.embedded_redis(instance) as two:
        assert not _answers(instance)
        one.set("word", "kept")
        assert two.get("word") == b"kept"
        assert one.info("server")["process_id"] == two.info("server")["process_id"]


def test_nobody_but_its_owner_may_speak_with_it(instance: Path) -> None:
    with embedded_redis.embedded_redis(instance) as client:
        client.ping()
        assert socket_path(instance).stat().st_mode & 0o077 == 0
        assert client.config_get("port")["port"] == "0"


def test_the_server_outlives_the_process_that_started_it(instance: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from webapp.installation.embedded_redis import embedded_redis\n"
        "embedded_redis(Path(sys.argv[1])).set('word', 'kept')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    starter = subprocess.run([sys.executable, "-c", program, str(instance)], cwd=ROOT, check=False)
    assert starter.returncode == -signal.SIGKILL
    assert _answers(instance)
    with embedded_redis.embedded_redis(instance) as client:
        assert client.get("word") == b"kept"


def test_the_server_goes_after_its_last_client_and_comes_back_with_what_it_held(instance: Path) -> None:
    with embedded_redis.embedded_redis(instance, idle_s=_IDLE_S) as client:
        client.set("word", "kept")
        pid = client.info("server")["process_id"]
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the server is gone")
    with embedded_redis.embedded_redis(instance, idle_s=_IDLE_S) as client:
        assert client.get("word") == b"kept"
        assert client.info("server")["process_id"] != pid


def test_a_client_survives_the_death_of_the_server(instance: Path) -> None:
    with embedded_redis.embedded_redis(instance) as client:
        client.set("word", "kept")
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
        wait_until(lambda: not _answers(instance), "the server is gone")
        client.set("word", "again")
        assert client.get("word") == b"again"


def test_a_folder_too_deep_for_a_socket_is_served_from_the_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instance: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(instance))
    monkeypatch.setenv("TMPDIR", str(instance))
    deep = tmp_path / _LONG / _LONG
    path = socket_path(deep)
    assert path.is_relative_to(instance)
    try:
        with embedded_redis.embedded_redis(deep) as client:
            assert client.ping()
        assert path.parent.stat().st_mode & 0o077 == 0
    finally:
        _shut_down(deep)


def test_a_folder_that_somebody_else_made_is_not_trusted(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes out of a queue is run."""
    monkeypatch.setattr(os, "getuid", lambda: instance.stat().st_uid + 1)
    with (
        embedded_redis.embedded_redis(instance) as client,
        pytest.raises(RedisConnectionError, match="another user"),
    ):
        client.ping()
    assert not _answers(instance)


def _data_of(instance: Path) -> Path:
    return socket_path(instance).parent / "appendonlydir"


def _written_by_another_version(instance: Path) -> dict[str, bytes]:
    """Data in a form that this server does not know; by file."""
    with embedded_redis.embedded_redis(instance) as client:
        client.set("word", "kept")
        client.bgrewriteaof()
        wait_until(lambda: client.info("persistence")["aof_rewrite_in_progress"] == 0, "it is written")
    with Redis.from_url(f"unix://{socket_path(instance)}") as other:
        other.shutdown()
    [base] = [one for one in _data_of(instance).iterdir() if one.suffix == ".rdb"]
    # The version stands behind the word that every such file begins with.
    base.write_bytes(b"REDIS9999" + base.read_bytes()[9:])
    return {one.name: one.read_bytes() for one in _data_of(instance).iterdir()}


def test_data_that_another_version_wrote_is_set_aside_and_the_server_starts(instance: Path) -> None:
    held = _written_by_another_version(instance)
    with embedded_redis.embedded_redis(instance) as client:
        assert client.get("word") is None
        client.set("word", "new")
    [folder] = embedded_redis.set_aside(instance)
    assert {one.name: one.read_bytes() for one in (folder / "appendonlydir").iterdir()} == held
    assert folder.stat().st_mode & 0o077 == 0


def test_data_is_not_set_aside_for_a_server_that_does_not_start_without_it_either(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = _written_by_another_version(instance)
    monkeypatch.setattr(embedded_redis, "_server_program", lambda: "false")
    with pytest.raises(RuntimeError, match="either"):
        embedded_redis.keep(instance, _IDLE_S)
    assert embedded_redis.set_aside(instance) == []
    assert {one.name: one.read_bytes() for one in _data_of(instance).iterdir()} == held


def _aof_of(instance: Path) -> Path:
    """The file to which the server appends what it is told."""
    [found] = [one for one in _data_of(instance).iterdir() if ".incr." in one.name]
    return found


def _in_the_middle(content: bytes) -> bytes:
    return content[: len(content) // 2] + b"\xff\x00no command\r\n" + content[len(content) // 2 :]


_DAMAGES: dict[str, Callable[[Path], object]] = {
    "end cut off": lambda instance: os.truncate(_aof_of(instance), _aof_of(instance).stat().st_size - 3),
    "middle overwritten": lambda instance: _aof_of(instance).write_bytes(
        _in_the_middle(_aof_of(instance).read_bytes())
    ),
    "log unknown": lambda instance: _aof_of(instance).write_bytes(b"*1\r\n$7\r\nNOSUCHX\r\n"),
    "log gone": lambda instance: _aof_of(instance).unlink(),
    "list of files damaged": lambda instance: next(_data_of(instance).glob("*.manifest")).write_bytes(
        b"?\x00"
    ),
    "list of files empty": lambda instance: next(_data_of(instance).glob("*.manifest")).write_bytes(b""),
    "list of files gone": lambda instance: next(_data_of(instance).glob("*.manifest")).unlink(),
    "base cut off": lambda instance: os.truncate(next(_data_of(instance).glob("*.rdb")), 20),
    "base empty": lambda instance: os.truncate(next(_data_of(instance).glob("*.rdb")), 0),
    "a file in place of the folder": lambda instance: _file_in_place_of_folder(_data_of(instance)),
    "keys of other kinds": lambda instance: _aof_of(instance).write_bytes(
        b"*3\r\n$5\r\nLPUSH\r\n$17\r\ntwinbook:schedule\r\n$1\r\nx\r\n"
    ),
}


def _file_in_place_of_folder(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_bytes(b"?")


@pytest.mark.parametrize("damage", _DAMAGES)
def test_however_data_is_damaged_the_server_starts_and_takes_something(instance: Path, damage: str) -> None:
    """What can be read is kept, and else all of it is set aside."""
    with embedded_redis.embedded_redis(instance) as client:
        client.set("word", "kept" * 50)
        client.set("other", "kept" * 50)
    with Redis.from_url(f"unix://{socket_path(instance)}") as other:
        other.shutdown()
    _DAMAGES[damage](instance)
    with embedded_redis.embedded_redis(instance) as client:
        client.set("word", "new")
        assert client.get("word") == b"new"
    assert len(embedded_redis.set_aside(instance)) <= 1


def test_a_server_that_cannot_write_to_its_disk_is_not_started_a_second_time(instance: Path) -> None:
    """It refuses even to say that it is there."""
    with embedded_redis.embedded_redis(instance) as client:
        (socket_path(instance).parent / "dump.rdb").mkdir()
        client.config_set("save", "3600 1")
        client.set("word", "kept")
        client.bgsave()
        wait_until(
            lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", "it could not be written"
        )
        with pytest.raises(ResponseError, match="MISCONF"):
            client.ping()
        embedded_redis.ensure_running(instance)
        assert client.get("word") == b"kept"


def test_behind_a_failover_the_server_that_takes_writes_is_found(instance: Path) -> None:
    """The one before refuses them, and keeps its connections."""
    old, new, address = (instance / f"{name}.sock" for name in ("old", "new", "redis"))
    with redis_server(old, password=""), redis_server(new, password=""):
        address.symlink_to(old)
        with Redis.from_url(f"unix://{address}", retry=embedded_redis.Patience()) as client:
            client.set("word", "old")
            client.replicaof("127.0.0.1", "9")
            with pytest.raises(ReadOnlyError):
                client.set("word", "refused")
            address.unlink()
            address.symlink_to(new)
            client.set("word", "new")
            with client.pipeline() as pipe:
                assert pipe.set("other", "new").get("word").execute() == [True, b"new"]


def test_the_server_of_the_wheel_is_preferred(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade of the system's own would change which data can be read."""
    monkeypatch.setenv("PATH", f"{instance}:{os.environ['PATH']}")
    (instance / "valkey-server").write_text("#!/bin/sh\nexit 1\n")
    (instance / "valkey-server").chmod(0o700)
    with embedded_redis.embedded_redis(instance) as client:
        assert client.ping()
