"""`version`: which Twinbook this is."""

import json

import click

from webapp.commands.command import command, say
from webapp.version import VERSION


@command("version")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def version_command(*, as_json: bool) -> None:
    """Show the version of this installation."""
    say(json.dumps({"version": VERSION}) if as_json else f"Twinbook {VERSION}")
