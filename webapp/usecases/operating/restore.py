"""Bringing back what a backup holds, in place of whatever is here; what was here is kept."""

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path

import structlog
from msgspec import Struct
from redis.exceptions import RedisError

from webapp.allowed_jobs import named_queue
from webapp.domain.operating.manifest import Manifest, obstacle
from webapp.errors import RefusedError, VaultError
from webapp.services import Services
from webapp.settings import INSTANCE_FOLDER, origins
from webapp.store.operating import contents, copying, version
from webapp.store.people import audit
from webapp.usecases.operating import archive, backup, forgetting
from webapp.usecases.runs import machinery
from webapp.usecases.runs.queues import QUEUES
from webapp.vault import Vault

_log = structlog.get_logger()


class Restored(Struct, frozen=True):
    """The result of a restore.

    Attributes:
        manifest: of the backup.
        kept: the backup of what was here before; None where there was nothing, or it was not wanted.
        has_new_keys: whether the keys of the backup are in the instance folder now.
    """

    manifest: Manifest
    kept: Path | None
    has_new_keys: bool


def restore(
    services: Services, source: Path, *, replaces: bool, keeps: bool, forgets_tokens: bool = False
) -> Restored:
    """Have the database be what it was when the backup was made.

    Args:
        services: what it works with.
        source: the backup.
        replaces: whether what is here may be replaced; without it an empty database is asked for.
        keeps: whether a backup of what is here is made first.
        forgets_tokens: whether tokens that no key reads are given up; the portal is then connected again.

    Raises:
        RefusedError: it cannot be done; nothing was changed, unless its code says otherwise.
    """
    engine = services.database.engine
    with (
        backup.working_folder(services.settings.instance_path / "x") as folder,
        archive.unpacked(source, folder) as manifest,
    ):
        found = obstacle(manifest, database=copying.kind_of(engine), revision=version.newest())
        if found is not None:
            raise RefusedError(found.code, **found.params)
        new_keys = _new_keys(services, manifest, folder)
        if new_keys is None and not forgets_tokens:
            raise RefusedError("backup_key_missing")
        machinery.refuse_while_running(services)
        rows = contents.rows_of_the_book(engine)
        if rows and not replaces:
            raise RefusedError("restore_needs_yes", rows=rows)
        kept = _keep(services) if rows and keeps else None
        copying.put_back(engine, folder / archive.database_of(manifest), manifest.counts)
    _finish(services, manifest)
    if new_keys is None:
        forgetting.forget(services)
    for path, text in (new_keys or {}).items():
        _replace_key(path, text)
    return Restored(manifest, kept, bool(new_keys))


def _new_keys(services: Services, manifest: Manifest, folder: Path) -> dict[Path, str] | None:
    """The keys to be written, by their file: those of the backup where ours do not read its tokens.

    None where the backup has no key that does.

    Raises:
        RefusedError: another setting would hide them.
    """
    proof = manifest.key_proof
    if proof is None or _reads(services.vault, proof):
        return {}
    if not set(archive.KEYS) <= set(manifest.files):
        return None
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in archive.KEYS}
    if not _reads(Vault(tuple(texts["encryption_key"].split(","))), proof):
        return None
    if origins()["encryption_key"] != INSTANCE_FOLDER:
        raise RefusedError("key_set_elsewhere")
    return {services.settings.instance_path / name: text for name, text in texts.items()}


def _reads(vault: Vault, sealed: bytes) -> bool:
    try:
        vault.open(sealed)
    except VaultError:
        return False
    return True


def _keep(services: Services) -> Path:
    """A backup of what is here, in the instance folder."""
    name = f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"
    target = services.settings.instance_path / name
    backup.write(services, target, with_keys=True)
    return target


def _finish(services: Services, manifest: Manifest) -> None:
    """An entry that tells of it, and queues that speak of a newer state."""
    with services.database.writing() as session:
        audit.add(session, services.actor, "restored", made_at=manifest.made_at.isoformat())
    with contextlib.suppress(RedisError):
        for name in QUEUES:
            named_queue(services.redis, name).delete()
    _log.info("backup_restored", revision=manifest.revision, records=manifest.records)


def _replace_key(path: Path, text: str) -> None:
    """Write a key; the one before it stays beside it."""
    if path.exists():
        path.rename(path.with_name(f"{path.name}.before-restore"))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
