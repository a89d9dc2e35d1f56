"""A child that must not outlive its parent."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

_CHILD = "import os; from webapp.processes.parent import die_with_parent; die_with_parent({}); print('alive')"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
@pytest.mark.parametrize(
    ("parent", "code", "output"),
    [
        # In a container the parent itself may be 1, as is whoever adopts orphans.
        ("os.getppid()", 0, "alive\n"),
        ("os.getppid() + 1", -signal.SIGKILL, ""),
    ],
)
def test_who_was_orphaned_before_it_could_ask_ends(parent: str, code: int, output: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _CHILD.format(parent)], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (code, output)
