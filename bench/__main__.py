"""`python -m bench [PART] [--rounds N] [--small]`: measures and prints one table; --help names the parts."""

import argparse
import sys
import time

from bench import limited, lists, lookups, machine, match, notices, plan, pulls, pushes
from bench.stage import set_up
from bench.table import Figure, as_table

_NOTICED, _NOTICED_SMALL = (1_000, 10_000), (200, 2_000)
_PARTS = ("pull", "push", "limit", "lists", "notices", "match", "plan", "lookups")
_PAIRS, _PAIRS_SMALL = 20_000, 4_000
_LOOKED_UP, _LOOKED_UP_SMALL = (10_000, 100_000, 1_000_000), (10_000, 100_000)
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
        if options.what in ("lookups", "all"):
            figures += lookups.measure(stage, _LOOKED_UP_SMALL if options.small else _LOOKED_UP)
    if options.what in ("match", "all"):
        figures += match.measure(_PAIRS_SMALL if options.small else _PAIRS, options.seed)
    if options.what in ("plan", "all"):
        figures += plan.measure()
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
    parser.add_argument(
        "--seed", type=int, default=match.REPORTED, help="of the pairs to match, to try something out on"
    )
    parser.add_argument("--small", action="store_true", help="with a fifth of the records, for a quick look")
    return parser


if __name__ == "__main__":
    sys.exit(main())
