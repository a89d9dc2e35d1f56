"""`records import` and `records export`: companies and contacts from and to files."""

import json
import sys
from pathlib import Path
from typing import NoReturn

import click

from webapp.commands.services import pass_services
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.text.records import value_problems
from webapp.text.refusals import refused
from webapp.usecases.records.files import Imported, export_csv, export_json_lines, import_csv

records_group = click.Group("records", help="Companies and contacts from and to files.")

_TYPE = click.Choice(OBJECT_TYPES)


@records_group.command("import")
@click.argument("object_type", metavar="companies|contacts", type=_TYPE)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--again", is_flag=True, help="Store every row, also those stored from this file before.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def import_command(
    services: Services, object_type: ObjectType, file: Path, *, again: bool, as_json: bool
) -> None:
    """Create a record for every row of FILE (CSV, UTF-8).

    The first row names fields, as an export does; id and hubspot_id are ignored. A contact's company is named
    by company_id or company_domain. Rows with errors are left out and listed; the header is row 1.

    Repeated with the same file, an import goes on where it was cut off, tries the rows again that were left
    out, and stores no row twice.
    """
    try:
        result = import_csv(services, object_type, file, again=again)
    except RefusedError as refusal:
        _refuse(refusal, as_json=as_json)
    if as_json:
        errors = [{"row": error["row"], "errors": value_problems(error["errors"])} for error in result.errors]
        shown = {
            "created": result.created,
            "already": result.already,
            "failed": len(result.errors),
            "errors": errors,
        }
        click.echo(json.dumps(shown, ensure_ascii=False))
    else:
        _print(object_type, result)
    sys.exit(1 if result.errors else 0)


@records_group.command("export")
@click.argument("object_type", metavar="companies|contacts", type=_TYPE)
@click.option(
    "--format", "file_format", type=click.Choice(("csv", "jsonl")), default="csv", show_default=True
)
@pass_services
def export_command(services: Services, object_type: ObjectType, file_format: str) -> None:
    """Write every record to standard output.

    In CSV a value that a spreadsheet would run as a formula has an apostrophe in front, which an import takes
    away again; JSON lines hold the values exactly.
    """
    export = export_csv if file_format == "csv" else export_json_lines
    export(services, object_type, _write_utf8)
    sys.stdout.flush()


def _write_utf8(text: str) -> None:
    """Write as it is, whatever the terminal speaks and however it breaks lines."""
    sys.stdout.buffer.write(text.encode())


def _print(object_type: ObjectType, result: Imported) -> None:
    for error in result.errors:
        for name, text in value_problems(error["errors"]).items():
            click.echo(f"row {error['row']}: {name}: {text}", err=True)
    click.echo(f"{object_type.capitalize()} created: {result.created}. Rows left out: {len(result.errors)}.")
    if result.already:
        click.echo(
            f"Rows that were stored from this file before, and left alone: {result.already}. "
            "With --again they are stored once more."
        )


def _refuse(refusal: RefusedError, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"error": refusal.reason, "message": refused(refusal)}))
    else:
        click.echo(refused(refusal), err=True)
    sys.exit(1)
