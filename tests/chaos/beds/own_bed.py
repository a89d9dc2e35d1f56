"""A flow with all of its cells in a bed of its own, for a process of its own."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.chaos.beds.bed import bed
from tests.chaos.matrix import Cell, cells_of, flow_named


def run_flow_in_own_bed(name: str, only: Sequence[str]) -> list[Cell]:
    """All cells of a flow, in a bed of its own."""
    # Told to end, this process takes its bed down, whose servers and workers would go on without it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        return list(_cells(name, only))
    except SystemExit:
        # The pool would give this process the next flow.
        os._exit(1)


def _cells(name: str, only: Sequence[str]) -> Iterator[Cell]:
    with tempfile.TemporaryDirectory(prefix="twinbook-chaos-") as folder, bed(Path(folder)) as made:
        for cell in cells_of(made, flow_named(name), only=only):
            where = f"{cell.flow}; {cell.fault}; {cell.place}"
            print(f"{cell.verdict:10} {cell.took_s:5.1f} s  {where} {cell.detail}".rstrip(), flush=True)
            yield cell
