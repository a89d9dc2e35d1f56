"""The file of a backup: a tar archive with a manifest, a copy of the database and, where wanted, the keys."""

import errno
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from webapp.domain.operating.manifest import File, Manifest
from webapp.errors import RefusedError

MANIFEST = "manifest.json"
KEYS = ("secret_key", "encryption_key")
_DATABASES = ("database.sqlite", "database.dump")
_PART = "archive.part"
# What disks answer that know no second name of a file: of Windows, and many that are reached by a network.
_WITHOUT_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
_BLOCK_BYTES = 1024**2
_MOST_OF_MANIFEST_BYTES = 1024**2


def described(path: Path) -> File:
    """The size and the checksum of a file."""
    with path.open("rb") as file:
        return File(path.stat().st_size, _digest(file))


def refuse_present(target: Path) -> None:
    """Let no file be overwritten.

    Raises:
        RefusedError: `backup_exists`.
    """
    if target.exists():
        raise RefusedError("backup_exists", file=str(target))


def write(target: Path, manifest: Manifest, files: Mapping[str, Path], folder: Path) -> None:
    """Write an archive that only its owner may read; it has its name once all of it is on the disk.

    Args:
        target: the file.
        manifest: of what is in it.
        files: by their names in it.
        folder: on the same disk, for as long as it is not whole; who is killed leaves nothing elsewhere.

    Raises:
        RefusedError: there is a file of that name, or it cannot be written.
    """
    part = folder / _PART
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                _add(archive, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
                for name, path in files.items():
                    archive.add(path, name, filter=_of_nobody)
            file.flush()
            os.fsync(file.fileno())
        _give_name(part, target)
    except OSError as error:
        raise RefusedError("backup_unwritable", file=str(target), answer=error.strerror or "") from error


def _give_name(part: Path, target: Path) -> None:
    """Let a file that is whole have its name; one of that name that has come meanwhile is not overwritten."""
    try:
        os.link(part, target)
    except FileExistsError:
        refuse_present(target)
        raise
    except OSError as error:
        if error.errno not in _WITHOUT_LINKS:
            raise
        refuse_present(target)
        part.rename(target)


def check(target: Path) -> Manifest:
    """Read an archive to its end, and compare every checksum.

    Raises:
        RefusedError: something is missing or was changed.
    """
    with _opened(target) as archive:
        manifest = _manifest(archive, target)
        for name, expected in manifest.files.items():
            with _member(archive, name, target) as file:
                _insist_on_same(file, expected, target, name)
    return manifest


@contextmanager
def unpacked(target: Path, folder: Path) -> Iterator[Manifest]:
    """The files of an archive, in a folder, each compared with its checksum; yields what the archive says.

    Raises:
        RefusedError: something is missing or was changed, or the folder's disk is full.
    """
    manifest = check(target)
    with _opened(target) as archive:
        for name in manifest.files:
            with _member(archive, name, target) as file:
                _copy(file, folder / name)
    yield manifest


def database_of(manifest: Manifest) -> str:
    """The name of the copy of the database."""
    [name] = [name for name in manifest.files if name in _DATABASES]
    return name


@contextmanager
def _opened(target: Path) -> Iterator[tarfile.TarFile]:
    try:
        archive = tarfile.open(target, "r:")  # noqa: SIM115 - closed below; what fails here is told apart
    except FileNotFoundError as error:
        raise RefusedError("backup_absent", file=str(target)) from error
    except OSError as error:
        raise RefusedError("backup_unreadable", file=str(target), answer=error.strerror or "") from error
    except tarfile.TarError as error:
        raise RefusedError("backup_foreign", file=str(target)) from error
    try:
        with archive:
            yield archive
    except (OSError, tarfile.TarError) as error:
        answer = getattr(error, "strerror", None) or str(error)
        raise RefusedError("backup_damaged", file=str(target), answer=answer) from error


def _manifest(archive: tarfile.TarFile, target: Path) -> Manifest:
    with _member(archive, MANIFEST, target) as file:
        try:
            manifest = msgspec.json.decode(file.read(_MOST_OF_MANIFEST_BYTES), type=Manifest)
        except msgspec.MsgspecError as error:
            raise RefusedError("backup_damaged", file=str(target), answer=str(error)) from error
    databases = [name for name in manifest.files if name in _DATABASES]
    if len(databases) != 1 or not {*manifest.files} <= {*_DATABASES, *KEYS}:
        raise RefusedError("backup_damaged", file=str(target), answer=MANIFEST)
    return manifest


def _member(archive: tarfile.TarFile, name: str, target: Path) -> IO[bytes]:
    found = next((one for one in archive if one.name == name), None)
    # A link would lead elsewhere, or in a circle.
    file = archive.extractfile(found) if found is not None and found.isreg() else None
    if file is None:
        raise RefusedError("backup_damaged", file=str(target), answer=name)
    return file


def _insist_on_same(file: IO[bytes], expected: File, target: Path, name: str) -> None:
    if _digest(file) != expected.sha256:
        raise RefusedError("backup_damaged", file=str(target), answer=name)


def _digest(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _copy(file: IO[bytes], path: Path) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copied:
            while block := file.read(_BLOCK_BYTES):
                copied.write(block)
    except OSError as error:
        # The working folder is ours; who makes room has to know the one that it is in.
        place = path.parent.parent
        raise RefusedError("backup_unwritable", file=str(place), answer=error.strerror or "") from error


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    archive.addfile(info, io.BytesIO(content))


def _of_nobody(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the names and numbers of this machine's users."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info
