"""The keys that an installation makes for itself, in files of its instance folder."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from webapp.errors import SettingsError


def kept(path: Path, make: Callable[[], str]) -> str:
    """The text kept in a file that only its owner may read; made at first need, once for all processes.

    Raises:
        SettingsError: the file cannot be made or read, or is empty: a lost key must not be replaced.
    """
    try:
        if not path.exists():
            _keep(path, make())
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        fits = f"a folder in which we may write and read {path.name}"
        raise SettingsError("INSTANCE_PATH", f"{fits} ({error.strerror}: {path})") from error
    except UnicodeDecodeError:
        text = ""
    if not text:
        fits = f"a folder whose file {path.name} is not empty: copy it from a backup or another machine, or"
        raise SettingsError("INSTANCE_PATH", f"{fits} delete it if nobody has it any more ({path})")
    return text


def _keep(path: Path, text: str) -> None:
    """Write the whole file or none, also on a full disk; of several processes the first one's stays."""
    handle, part = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        Path(part).unlink()
