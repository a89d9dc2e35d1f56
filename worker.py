"""Works off the queues, and acts on the schedule: `python worker.py [--workers N]`."""

import argparse
import sys

from webapp.errors import SettingsError
from webapp.processes.workers import supervise

_MOST_WORKERS = 64


def main() -> int:
    """Run the workers until told to stop; 2 for wrong use or a wrong setting."""
    options = _parser().parse_args()
    try:
        supervise(options.workers)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Works off the queues, and acts on the schedule.")
    parser.add_argument(
        "--workers", type=_count, default=2, metavar="N", help="worker processes (default: 2)"
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {_MOST_WORKERS}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
