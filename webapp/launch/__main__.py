"""The command `python -m webapp.launch demo|serve`."""

import argparse
import signal
import sys
from pathlib import Path

from webapp.errors import SettingsError
from webapp.installation.private_files import keep_new_files_private
from webapp.launch import demo, serve
from webapp.launch.programs import LaunchError
from webapp.processes.terminal import print_line


def main() -> int:
    """Start everything, watch over it, and stop it at a signal."""
    parser = argparse.ArgumentParser(prog="python -m webapp.launch", description="Start a whole Twinbook.")
    parser.add_argument("what", choices=("demo", "serve"))
    parser.add_argument(
        "--folder", type=Path, default=demo.FOLDER, help="for what the demo keeps; emptied first"
    )
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    keep_new_files_private()
    try:
        if options.what == "demo":
            demo.launch(options.folder.resolve())
        else:
            serve.launch()
    except KeyboardInterrupt:
        print_line("\nStopped.")
        return 0
    except (LaunchError, SettingsError) as error:
        print_line(f"\n{error}", err=True)
        return 1
    except OSError as error:
        print_line(f"\nCannot write to {error.filename or 'the disk'}: {error.strerror}.", err=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
