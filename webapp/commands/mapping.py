"""`flask mapping`: the mapping of fields and statuses, shown and set."""

import json
import sys
from pathlib import Path
from typing import NoReturn

import click

from webapp.commands.command import Group, say
from webapp.commands.services import connected_id, pass_services
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.mapping import mappings
from webapp.text.mapping import mapping_problem
from webapp.text.refusals import refused
from webapp.usecases.mapping import definitions
from webapp.usecases.mapping import files as mapping_files
from webapp.usecases.mapping import save as save_mapping

mapping_group = Group("mapping", help="Which property is which field, and which status is which.")


@mapping_group.command("show")
@click.option("--json", "as_json", is_flag=True, help="Nothing else: it is always one JSON object.")
@pass_services
def show_command(services: Services, *, as_json: bool) -> None:  # noqa: ARG001 - read where it is refused
    """Print the mapping as one JSON object, which `mapping set` takes."""
    connection_id = connected_id(services)
    with services.database.reading() as session:
        present = save_mapping.load(session, connection_id)
        shown = mapping_files.document(present, mappings.version(session, connection_id))
    say(json.dumps(shown, indent=2, ensure_ascii=False))


@mapping_group.command("set")
@click.option(
    "--json-file", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def set_command(services: Services, path: Path, *, as_json: bool) -> None:
    """Put the mapping of a file in force.

    An object type that the file leaves out stays as it is; fixed fields may be left out. With `version` the
    mapping is refused if somebody has changed it since.
    """
    connection_id = connected_id(services)
    try:
        desired, version = mapping_files.read(path.read_bytes())
    except RefusedError as error:
        _refuse("unreadable", refused(error), as_json=as_json)
    definitions.ensure(services, connection_id)
    with services.database.reading() as session:
        made_from = mappings.version(session, connection_id) if version is None else version
    answer = save_mapping.save(services, connection_id, desired, made_from)
    if isinstance(answer, save_mapping.Overtaken):
        message = f"Somebody changed the mapping: it is at version {answer.version} now. Show it again."
        _refuse("changed_meanwhile", message, as_json=as_json)
    if isinstance(answer, save_mapping.Refused):
        _refuse_problems(answer, as_json=as_json)
    started = [f"{kind}: {field}" for kind, field in answer.started]
    if as_json:
        say(json.dumps({"version": answer.version, "started": started}))
    else:
        say(f"The mapping is in force, version {answer.version}.")
        for line in started:
            say(f"  {line} means something new: a pull or push fills the old records.")


def _refuse_problems(refused: save_mapping.Refused, *, as_json: bool) -> NoReturn:
    if as_json:
        problems = [
            {"object_type": one.object_type, "field": one.field, "message": mapping_problem(one.problem)}
            for one in refused.problems
        ]
        say(json.dumps({"error": "refused", "problems": problems}, ensure_ascii=False))
    else:
        for one in refused.problems:
            say(f"{one.object_type}: {one.field}: {mapping_problem(one.problem)}", err=True)
    sys.exit(1)


def _refuse(reason: str, message: str, *, as_json: bool) -> NoReturn:
    if as_json:
        say(json.dumps({"error": reason, "message": message}))
    else:
        say(message, err=True)
    sys.exit(1)
