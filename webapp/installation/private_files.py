"""Keeps the files of an installation readable for their owner alone."""

import os
import stat
from contextlib import suppress
from pathlib import Path

_UMASK = 0o077
_OF_OTHERS = 0o077


def keep_new_files_private() -> None:
    """Have all files that this process and its children make from now on unreadable for others."""
    os.umask(_UMASK)


def close_to_others(folder: Path) -> None:
    """Remove other users' rights to a folder and everything in it.

    Left alone are what belongs to somebody else, and a folder that everybody may write to, such as /tmp.
    """
    if folder.stat().st_mode & stat.S_ISVTX:
        return
    _close(folder)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            _close(Path(place, name))


def _close(path: Path) -> None:
    # Files that another process has just deleted need nothing, and sockets are protected by their folder.
    with suppress(OSError):
        found = path.lstat()
        is_kept = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        if is_kept and found.st_uid == os.getuid() and found.st_mode & _OF_OTHERS:
            path.chmod(stat.S_IMODE(found.st_mode) & ~_OF_OTHERS)
