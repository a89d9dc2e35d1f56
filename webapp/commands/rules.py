"""`flask rules`: what comes in and what goes out, shown and set."""

import json
import sys
from pathlib import Path
from typing import NoReturn

import click

from webapp.commands.command import Group, say
from webapp.commands.services import connected_id, pass_services
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.text.refusals import refused
from webapp.text.rules import rule_problem
from webapp.usecases.rules import sync_rules

rules_group = Group("rules", help="Which records come in with a pull, and which go out with a push.")


@rules_group.command("show")
@click.option("--json", "as_json", is_flag=True, help="Nothing else: it is always one JSON object.")
@pass_services
def show_command(services: Services, *, as_json: bool) -> None:  # noqa: ARG001 - read where it is refused
    """Print the rules as one JSON object, which `rules set` takes."""
    connection_id = connected_id(services)
    with services.database.reading() as session:
        shown = sync_rules.document(session, connection_id)
    say(json.dumps(shown, indent=2, ensure_ascii=False))


@rules_group.command("set")
@click.option(
    "--json-file", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def set_command(services: Services, path: Path, *, as_json: bool) -> None:
    """Put the rules of a file in force, all or none.

    An object type or a direction that the file leaves out stays as it is. What is linked keeps syncing.
    """
    connection_id = connected_id(services)
    try:
        problems = sync_rules.save(services, connection_id, sync_rules.read(path.read_bytes()))
    except RefusedError as error:
        _refuse("unreadable", [refused(error)], as_json=as_json)
    if problems:
        texts = [f"{kind}, {side}: {rule_problem(found)}" for kind, side, found in problems]
        _refuse("refused", texts, as_json=as_json)
    say(json.dumps({"saved": True}) if as_json else "The rules are in force.")


def _refuse(reason: str, messages: list[str], *, as_json: bool) -> NoReturn:
    if as_json:
        say(json.dumps({"error": reason, "problems": messages}, ensure_ascii=False))
    else:
        for message in messages:
            say(message, err=True)
    sys.exit(1)
