"""A flow with all of its cells in a bed of its own, for a process of its own."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.bed import bed
from tests.chaos.matrix import Cell, cells_of, flow_named


def run_flow_in_own_bed(name: str, only: Sequence[str]) -> list[Cell]:
    """All cells of a flow, in a bed of its own."""
    # Told to end, this process takes its bed down: its servers and workers are none of its children alone.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    found: list[Cell] = []
    with tempfile.TemporaryDirectory(prefix="twinbook-chaos-") as folder, bed(Path(folder)) as made:
        for cell in cells_of(made, flow_named(name), only=only):
            found.append(cell)
            where = f"{cell.flow}; {cell.fault}; {cell.place}"
            print(f"{cell.verdict:10} {cell.took_s:5.1f} s  {where} {cell.detail}".rstrip(), flush=True)
    return found
