"""`python -m bench [PART] [--rounds N] [--small]`: measures and prints one table; --help names the parts."""

import argparse
import sys
import time

from bench import limited, lists, machine, notices, pulls, pushes
from bench.stage import set_up
from bench.table import Figure, as_table

_NOTICED, _NOTICED_SMALL = (1_000, 10_000), (200, 2_000)
_PARTS = ("pull", "push", "limit", "lists", "notices")
_LIMITED, _LIMITED_SMALL = (2_000, 20_000), (400, 4_000)


def main() -> int:
    """Measure what was asked for. 1 when the floor was too slow for the figures to mean anything."""
    options = _parser().parse_args()
    sizes = pulls.SMALL if options.small else pulls.LARGE
    print(f"{machine.described()}; {time.strftime('%Y-%m-%d %H:%M')}", flush=True)
    figures: list[Figure] = []
    is_valid = True
    with set_up() as stage:
        if options.what in ("push", "all"):
            figures += pushes.measure(stage, sizes.large[0], options.rounds, say)
        if options.what in ("pull", "all"):
            found, is_valid = pulls.measure(stage, sizes, options.rounds, say)
            figures += found
        if options.what in ("limit", "all"):
            figures += limited.measure(stage, _LIMITED_SMALL if options.small else _LIMITED)
            figures += pushes.measure_limited(stage, (_LIMITED_SMALL if options.small else _LIMITED)[0])
        if options.what in ("lists", "all"):
            figures += lists.measure(stage, sizes.large)
        if options.what in ("notices", "all"):
            figures += notices.measure(stage, _NOTICED_SMALL if options.small else _NOTICED)
    print(as_table(figures))
    if not is_valid:
        print(f"VOID: the portal gave the floor less than {pulls.FLOOR_RECORDS_PER_S:,} records/s.")
    return 0 if is_valid else 1


def say(text: str) -> None:
    """Show progress at once."""
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures speed and memory.")
    parser.add_argument("what", nargs="?", default="all", choices=(*_PARTS, "all"))
    parser.add_argument("--rounds", type=int, default=3, help="rounds whose medians are shown (default: 3)")
    parser.add_argument("--small", action="store_true", help="with a fifth of the records, for a quick look")
    return parser


if __name__ == "__main__":
    sys.exit(main())
