"""What the figures were measured on."""

import os
import platform
import resource
import sys
from pathlib import Path

_KIB = 1024
_MIB = 1024 * 1024


def described() -> str:
    """Cores, memory, system, and Python's version."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {system}"


def load() -> float:
    """How many processes were ready to run in the last minute, on average."""
    return os.getloadavg()[0]


def peak_memory_mib() -> float:
    """The most memory that this process has had (resident), in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # The kernel's other figure, of getrusage, starts with what the parent process had.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * _KIB / _MIB
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / _MIB if sys.platform == "darwin" else most * _KIB / _MIB
