"""`flask runs`: look at a run, cancel it, or undo it."""

import json

import click

from webapp.commands.command import group, say
from webapp.commands.runs.lines import found_run, print_run, run_json, run_lines
from webapp.commands.services import pass_services
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.text.refusals import refused
from webapp.usecases.runs import lifecycle
from webapp.usecases.undo import run as undo_run

_NUMBER = click.IntRange(1, 2**31 - 1)


@group("runs")
def runs_command() -> None:
    """Look at runs, cancel and undo them."""


@runs_command.command("show")
@click.argument("run_id", type=_NUMBER, metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the run as one JSON object.")
@pass_services
def show_command(services: Services, run_id: int, *, as_json: bool) -> None:
    """Show a run's state and counts."""
    run = found_run(services, run_id)
    say(json.dumps(run_json(run)) if as_json else run_lines(services, run))


@runs_command.command("cancel")
@click.argument("run_id", type=_NUMBER, metavar="ID")
@pass_services
def cancel_command(services: Services, run_id: int) -> None:
    """End a run now; what it did so far stays done."""
    found_run(services, run_id)
    if not lifecycle.cancel(services, run_id):
        raise click.ClickException(f"Run {run_id} had ended already.")
    say(f"Run {run_id} is cancelled.")


@runs_command.command("undo")
@click.argument("run_id", type=_NUMBER, metavar="ID")
@click.option("--preview", is_flag=True, help="Only say what it would do; nothing is written.")
@click.option("--archive", is_flag=True, help="Of a push: archive in HubSpot what it made there.")
@click.option("--send", is_flag=True, help="Of a pull: send the values put back to HubSpot like edits.")
@click.option("--wait", is_flag=True, help="Wait for its end; exit 1 unless it finished.")
@click.option("--json", "as_json", is_flag=True, help="Print the run as one JSON object.")
@pass_services
def undo_command(
    services: Services, run_id: int, *, preview: bool, archive: bool, send: bool, wait: bool, as_json: bool
) -> None:
    """Put back what a run wrote, here or in HubSpot; what changed since is left alone."""
    undo_request = undo_run.UndoRequest(run_id=run_id, archives=archive, sends=send)
    try:
        started = undo_run.start(services, undo_request, trigger="command", user_id=None, is_preview=preview)
    except RefusedError as error:
        raise click.ClickException(refused(error)) from error
    if not started.is_new:
        say(f"Run {started.run_id} was under way already.", err=True)
    print_run(services, started.run_id, wait=wait, as_json=as_json)
