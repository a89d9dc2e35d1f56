"""A backup: the database as it is at one moment, while everything goes on, and perhaps the keys."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
        archive.write(target, manifest, files)
    archive.check(target)
    _log.info("backup_written", bytes=target.stat().st_size, has_keys=with_keys)
    return manifest


@contextmanager
def working_folder(target: Path) -> Iterator[Path]:
    """A folder of our own beside a file, on the disk that has room for the file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".twinbook-", dir=target.parent) as name:
        yield Path(name)


def _keys(settings: Settings, folder: Path) -> dict[str, Path]:
    """The keys in force, wherever they came from, as the instance folder keeps them."""
    texts = {"secret_key": settings.secret_key, "encryption_key": ",".join(settings.encryption_key)}
    for name, text in texts.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    return {name: folder / name for name in texts}
