"""Ends a child process with its parent, through the kernel."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Be killed as soon as the parent process ends, however it ends; only Linux can do it.

    Args:
        parent: The process id of the parent; in a container it may be 1, which also adopts orphans.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # The parent ended before the request took effect.
        os.kill(os.getpid(), signal.SIGKILL)
