"""The ways in which a Redis that answers takes nothing: no memory, a replica, no disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from redis import Redis

from tests.support.applications.worker_process import wait_until

Refuse = Callable[[Redis, Path], None]


def no_memory(client: Redis, _folder: Path) -> None:
    """It may hold nothing more."""
    client.config_set("maxmemory", 1)


def replica(client: Redis, _folder: Path) -> None:
    """Another server is the one to write to."""
    client.replicaof("127.0.0.1", "9")


def no_disk(client: Redis, folder: Path) -> None:
    """It could not save what it holds, in the folder that is its own."""
    wait_until(lambda: not client.info("persistence")["rdb_bgsave_in_progress"], "the one before has ended")
    saved = folder / "dump.rdb"
    if saved.is_file():
        saved.unlink()
    saved.mkdir(exist_ok=True)
    client.config_set("save", "3600 1")
    client.bgsave()
    wait_until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", "it has failed")


def take_again(client: Redis, folder: Path) -> None:
    """It takes what it is given."""
    client.config_set("maxmemory", 0)
    client.replicaof("NO", "ONE")
    client.config_set("save", "")
    # In the place of what it saves it would not even start.
    if (folder / "dump.rdb").is_dir():
        (folder / "dump.rdb").rmdir()


REFUSALS: dict[str, Refuse] = {"no memory": no_memory, "a replica": replica, "no disk": no_disk}
