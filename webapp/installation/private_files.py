"""What an installation keeps on the disk is for its owner alone."""

import os
import stat
from contextlib import suppress
from pathlib import Path

_UMASK = 0o077
_OF_OTHERS = 0o077


def keep_new_files_private() -> None:
    """Whatever this process and its children make from now on, nobody else may read."""
    os.umask(_UMASK)


def close_to_others(folder: Path) -> None:
    """Take from others what they may do with a folder and all that is in it.

    Left alone are what belongs to somebody else, and a folder that everybody may write to, such as /tmp.
    """
    if folder.stat().st_mode & stat.S_ISVTX:
        return
    _close(folder)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            _close(Path(place, name))


def _close(path: Path) -> None:
    # What another process has just deleted need not be closed, and sockets are closed by their folder.
    with suppress(OSError):
        found = path.lstat()
        is_kept = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        if is_kept and found.st_uid == os.getuid() and found.st_mode & _OF_OTHERS:
            path.chmod(stat.S_IMODE(found.st_mode) & ~_OF_OTHERS)
