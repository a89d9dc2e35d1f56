"""`flask runs`: look at a run, or cancel it."""

import json

import click
from flask.cli import with_appcontext

from webapp.commands.run_lines import ended_line, found_run
from webapp.sync import runs
from webapp.sync.run_json import run_json


@click.group("runs")
def runs_command() -> None:
    """Look at runs and cancel them."""


@runs_command.command("show")
@click.argument("run_id", type=int, metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the run as one JSON object.")
@with_appcontext
def show_command(run_id: int, *, as_json: bool) -> None:
    """Show a run's state and counts."""
    run = found_run(run_id)
    click.echo(json.dumps(run_json(run)) if as_json else ended_line(run))


@runs_command.command("cancel")
@click.argument("run_id", type=int, metavar="ID")
@with_appcontext
def cancel_command(run_id: int) -> None:
    """End a run now; what it did so far stays done."""
    found_run(run_id)
    if not runs.cancel(run_id):
        raise click.ClickException(f"Run {run_id} had ended already.")
    click.echo(f"Run {run_id} is cancelled.")
