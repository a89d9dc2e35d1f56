"""Keeps the files of an installation readable for their owner alone, who is that of its folder."""

import atexit
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


def leave_to_owner(folder: Path) -> None:
    """At the end of this program, give what root has made in a folder to whoever the folder belongs to.

    Else `sudo flask restore` would leave keys and a database that the web and the workers cannot read.
    """
    if os.geteuid() == 0 and folder.stat().st_uid != 0:
        atexit.register(give_to_owner, folder)


def give_to_owner(folder: Path) -> None:
    """Give what belongs to root in a folder to the owner of the folder.

    The owner could put links there. So none is followed, and what has a second name stays as it is.
    """
    owner = folder.stat()
    for _, folders, files, here in os.fwalk(folder):
        for name in (*folders, *files):
            with suppress(OSError):
                _give(name, here, owner)


def _give(name: str, here: int, owner: os.stat_result) -> None:
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    try:
        found = os.fstat(handle)
        is_alone = stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1)
        if found.st_uid == 0 and is_alone:
            os.fchown(handle, owner.st_uid, owner.st_gid)
    finally:
        os.close(handle)


def _close(path: Path) -> None:
    # Files that another process has just deleted need nothing, and sockets are protected by their folder.
    with suppress(OSError):
        found = path.lstat()
        is_kept = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        if is_kept and found.st_uid == os.getuid() and found.st_mode & _OF_OTHERS:
            path.chmod(stat.S_IMODE(found.st_mode) & ~_OF_OTHERS)
