"""Runs the fault matrix and prints its table: `python -m tests.chaos`; --help names the options.

Ends with 1 when a cell lost something or got stuck. With `--keep` the raw result is kept and the table in
`docs/reliability.md` written.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from tests.chaos import report
from tests.chaos.beds.own_bed import run_flow_in_own_bed
from tests.chaos.flows import FLOWS
from tests.chaos.matrix import Cell

_BEDS = 3
"""Beds at once: a cell waits most of its time."""


def main() -> int:
    """Run what was asked for."""
    options = _parser().parse_args()
    names = options.flow or [flow.name for flow in FLOWS]
    # A process for each bed, started afresh: an application and its connections belong to one process.
    context = multiprocessing.get_context("spawn")
    cells: list[Cell] = []
    with ProcessPoolExecutor(min(options.beds, len(names)), mp_context=context) as pool:
        for found in pool.map(run_flow_in_own_bed, names, [options.only] * len(names)):
            cells += found
    print(report.as_table(cells))
    for cell in cells:
        if cell.verdict in report.WRONG:
            print(f"{cell.verdict.upper()}: {cell.flow}; {cell.fault}; {cell.place}: {cell.detail}")
    if options.keep:
        report.keep(cells)
    return int(any(cell.verdict in report.WRONG for cell in cells))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Runs the fault matrix.")
    parser.add_argument("--flow", action="append", choices=[flow.name for flow in FLOWS], help="repeatable")
    parser.add_argument(
        "--only", action="append", default=[], metavar="TEXT", help="faults or places with it"
    )
    parser.add_argument("--beds", type=int, default=_BEDS, metavar="N", help="installations at once")
    parser.add_argument("--keep", action="store_true", help="keep the raw result, write docs/reliability.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
