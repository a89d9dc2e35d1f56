"""A backup: the database as it is at one moment, while everything goes on, and perhaps the keys."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import structlog

from webapp.domain.operating.manifest import Manifest
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.settings import Settings
from webapp.store.operating import copying, version
from webapp.usecases.operating import archive
from webapp.version import VERSION

_PREFIX = ".twinbook-"
_YOUNG_S = 60.0

_log = structlog.get_logger()


def write(services: Services, target: Path, *, with_keys: bool) -> Manifest:
    """Write a backup, and read it again.

    Args:
        services: what it works with.
        target: the file, which must not be there yet.
        with_keys: whether the keys go into it; anybody with the file can then read the tokens.

    Raises:
        RefusedError: it cannot be made; nothing is left of it.
    """
    engine = services.database.engine
    revision = version.stored(engine)
    if revision is None:
        raise RefusedError("nothing_to_back_up")
    made_at = datetime.now(UTC)
    with working_folder(target) as folder:
        archive.refuse_present(target)
        copy = copying.copy(engine, folder)
        files = {copy.name: folder / copy.name}
        files |= _keys(services.settings, folder) if with_keys else {}
        manifest = Manifest(
            program=VERSION,
            revision=revision,
            database=copying.kind_of(engine),
            made_at=made_at,
            counts=copy.counts,
            files={name: archive.described(path) for name, path in files.items()},
            key_proof=copy.key_proof,
        )
        archive.write(target, manifest, files, folder)
    archive.check(target)
    _log.info("backup_written", bytes=target.stat().st_size, has_keys=with_keys)
    return manifest


@contextmanager
def working_folder(beside: Path) -> Iterator[Path]:
    """A folder of our own beside a file, on the disk that has room for the file.

    One that was left behind, as its program was killed, goes first: it may hold a copy of the whole database.

    Raises:
        RefusedError: nothing can be made there.
    """
    try:
        _clear_left_behind(beside.parent)
        made = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=beside.parent)
    except OSError as error:
        raise RefusedError(
            "backup_unwritable", file=str(beside.parent), answer=error.strerror or ""
        ) from error
    with made as name, _held(Path(name)):
        yield Path(name)


def _clear_left_behind(folder: Path) -> None:
    for path in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            # One that was made a moment ago may not be held yet.
            if time.time() - path.stat().st_mtime > _YOUNG_S:
                with _held(path):
                    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Show others that a folder is in use, as long as this process lives.

    Raises:
        BlockingIOError: another one uses it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _keys(settings: Settings, folder: Path) -> dict[str, Path]:
    """The keys in force, wherever they came from, as the instance folder keeps them."""
    texts = {"secret_key": settings.secret_key, "encryption_key": ",".join(settings.encryption_key)}
    for name, text in texts.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    return {name: folder / name for name in texts}
