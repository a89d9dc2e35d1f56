"""`python -m bench [PART] [--small|--large]`: measures, prints one table and keeps the raw result.

--help names the parts. What is measured with --small or on other pairs is a quick look, and is not kept.
With --large pulls, previews and undo go through a million contacts, which takes an hour.
"""

import argparse
import sys
from collections.abc import Callable
from datetime import datetime

from bench import machine, previews, result, scan
from bench.instead import compared
from bench.matching import match
from bench.pages import control, lists, onlookers, onslaught
from bench.pull import limited, lookups, million, plan, pulls
from bench.push import pushes
from bench.stage import Stage, set_up
from bench.table import Figure, as_table
from bench.webhooks import automatic as webhooks

_EVENTS, _EVENTS_SMALL = (1_000, 10_000), (200, 2_000)
_PARTS = (
    *("pull", "push", "limit", "lists", "webhooks", "match", "scan", "plan", "lookups"),
    *("previews", "control", "onlookers", "onslaught", "instead"),
)
_LARGE_PARTS = ("pull", "previews", "all")
_PULLED, _PULLED_SMALL = (2_000, 20_000), (200, 2_000)
_PREVIEWED, _PREVIEWED_SMALL = (
    previews.Sizes((5_000, 50_000), (500, 5_000)),
    previews.Sizes((1_000, 10_000), (100, 1_000)),
)
_MILLION = (100_000, 1_000_000)
_PREVIEWED_LARGE = previews.Sizes(_MILLION, (1_000, 10_000))
_HELD, _HELD_SMALL = 5_000, 500
_PAIRS, _PAIRS_SMALL = 20_000, 4_000
_LOOKED_UP, _LOOKED_UP_SMALL = (10_000, 100_000, 1_000_000), (10_000, 100_000)
_SCANNED, _SCANNED_SMALL = (10_000, 100_000), (1_000, 5_000)
_SEARCHED, _SEARCHED_SMALL = 1_000_000, 20_000
_LIMITED, _LIMITED_SMALL = (2_000, 20_000), (400, 4_000)


def main() -> int:
    """Measure the chosen parts. 1 when the floor was too slow for the figures to mean anything."""
    options = _options()
    began, load = datetime.now().astimezone(), machine.load()
    print(f"{machine.described()}, load {load:.1f} before; {began:%Y-%m-%d %H:%M}", flush=True)
    figures, is_valid = _measured(options)
    print(as_table([one for found in figures.values() for one in found]))
    if not is_valid:
        print(f"VOID: the portal gave the floor less than {pulls.FLOOR_RECORDS_PER_S:,} records/s.")
    if not options.small and options.seed == match.REPORTED:
        size = "--large" if options.large else f"--rounds {options.rounds}"
        command = f"python -m bench {options.what} {size}"
        void_parts = [] if is_valid else ["pull"]
        kept = result.of_run(began, figures, command=command, load=load, void_parts=void_parts)
        print(f"Kept as {result.write(kept).relative_to(result.ROOT)}")
    return 0 if is_valid else 1


def _measured(options: argparse.Namespace) -> tuple[dict[str, list[Figure]], bool]:
    """The figures of every chosen part, and whether those of pulls mean anything."""
    sizes = pulls.SMALL if options.small else pulls.LARGE
    figures: dict[str, list[Figure]] = {}
    is_valid = True
    if options.large:
        return _measured_large(options), True
    with set_up() as stage:
        if options.what in ("pull", "all"):
            figures["pull"], is_valid = pulls.measure(stage, sizes, options.rounds, report_progress)
        for part, measure in _staged(stage, options, sizes).items():
            if options.what in (part, "all"):
                figures[part] = measure()
    if options.what in ("match", "all"):
        figures["match"] = match.measure(_PAIRS_SMALL if options.small else _PAIRS, options.seed)
    return figures, is_valid


def _measured_large(options: argparse.Namespace) -> dict[str, list[Figure]]:
    """The figures of a million contacts; they stand beside those of fewer."""
    figures = {}
    with set_up() as stage:
        if options.what in ("pull", "all"):
            figures["pull_large"] = million.measure(stage, _MILLION, report_progress)
        if options.what in ("previews", "all"):
            figures["previews_large"] = previews.measure(stage, _PREVIEWED_LARGE)
    return figures


def _staged(
    stage: Stage, options: argparse.Namespace, sizes: pulls.Sizes
) -> dict[str, Callable[[], list[Figure]]]:
    """What is measured on databases and portals, by part."""
    is_small = options.small
    limits = _LIMITED_SMALL if is_small else _LIMITED
    return {
        "push": lambda: pushes.measure(stage, sizes.large[0], options.rounds, report_progress),
        "limit": lambda: limited.measure(stage, limits) + pushes.measure_limited(stage, limits[0]),
        "lists": lambda: lists.measure(stage, sizes.large, _SEARCHED_SMALL if is_small else _SEARCHED),
        "previews": lambda: previews.measure(stage, _PREVIEWED_SMALL if is_small else _PREVIEWED),
        "control": lambda: control.measure(stage, sizes.large, _HELD_SMALL if is_small else _HELD),
        "webhooks": lambda: webhooks.measure(stage, _EVENTS_SMALL if is_small else _EVENTS),
        "onlookers": lambda: onlookers.measure(
            onlookers.ONLOOKERS_SMALL if is_small else onlookers.ONLOOKERS
        ),
        "onslaught": lambda: onslaught.measure(onslaught.FEW if is_small else onslaught.ALL),
        "plan": lambda: plan.measure(stage, _PULLED_SMALL if is_small else _PULLED),
        "instead": lambda: compared.measure(stage, compared.SIZE_SMALL if is_small else compared.SIZE),
        "scan": lambda: scan.measure(stage, _SCANNED_SMALL if is_small else _SCANNED),
        "lookups": lambda: lookups.measure(stage, _LOOKED_UP_SMALL if is_small else _LOOKED_UP),
    }


def report_progress(text: str) -> None:
    """Show progress at once."""
    print(text, flush=True)


def _options() -> argparse.Namespace:
    parser = _parser()
    options = parser.parse_args()
    if options.large and options.what not in _LARGE_PARTS:
        parser.error(f"--large goes with one of {', '.join(_LARGE_PARTS)}")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures speed and memory.")
    parser.add_argument("what", nargs="?", default="all", choices=(*_PARTS, "all"))
    parser.add_argument("--rounds", type=int, default=3, help="rounds whose medians are shown (default: 3)")
    parser.add_argument(
        "--seed", type=int, default=match.REPORTED, help="of the pairs to match, to try something out on"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--small", action="store_true", help="with a fifth of the records, for a quick look")
    size.add_argument("--large", action="store_true", help="pulls, previews and undo of a million contacts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
