"""`records import` and `records export`: companies and contacts from and to files."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from webapp.commands.command import Group, say
from webapp.commands.deletion import delete_command
from webapp.commands.records import import_lines
from webapp.commands.services import pass_services
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.records.files.encoding import OTHERS
from webapp.domain.records.files.row_plan import RowPlan
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.text.records.files import ENCODINGS
from webapp.text.records.records import value_problems
from webapp.text.refusals import refused
from webapp.usecases.people import audit
from webapp.usecases.records.files import import_result
from webapp.usecases.records.files.exporting import export_csv, export_json_lines
from webapp.usecases.records.files.import_at_once import Each, import_csv, no_interest
from webapp.usecases.records.files.import_result import Imported, RowProblems

records_group = Group("records", help="Companies and contacts from and to files.")
records_group.add_command(delete_command)

_TYPE = click.Choice(OBJECT_TYPES)


@records_group.command("import")
@click.argument("object_type", metavar="companies|contacts", type=_TYPE)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "is_check", is_flag=True, help="Store nothing; say of every row what it would do.")
@click.option("--skip-bad-rows", "skips_bad_rows", is_flag=True, help="Store the rows without errors.")
@click.option("--encoding", type=click.Choice(OTHERS), help="How the file is read, if it is no UTF.")
@click.option("--again", is_flag=True, help="Store every row, also those stored from this file before.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def import_command(
    services: Services, /, object_type: ObjectType, file: Path, *, as_json: bool, **options: Any
) -> None:
    """Create or change a record for every row of FILE.

    FILE is CSV in UTF-8, UTF-16, or an encoding of Windows, DOS or older Macs that its letters show, unless
    --encoding names it; with commas, semicolons, tabs or bars between its cells. Its first row names fields,
    as an export does. A contact's company is named by company_id, company_domain or
    company_name.

    A row changes the record that its id, its hubspot_id, its e-mail address or its domain names; a blank cell
    leaves the value alone. A row that none of them names is a new record.

    The whole file is checked first. Where a row has an error nothing is stored, unless --skip-bad-rows is
    given; every error is listed with its row, the header being row 1.

    Repeated with the same file, an import goes on where it was cut off, and stores no row twice.
    """
    plans: list[dict[str, Any]] = []
    try:
        each = _listing(plans, as_json=as_json) if options["is_check"] else no_interest
        result = import_csv(services, object_type, file, each=each, **options)
    except RefusedError as refusal:
        _refuse(refusal, as_json=as_json)
    if as_json:
        listed = {"rows": plans} if result.is_check else {}
        say(json.dumps(_as_json(result) | listed, ensure_ascii=False))
    else:
        _print(object_type, result)
    sys.exit(1 if result.failed else 0)


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
    audit.record_export(services, object_type, format=file_format)
    export = export_csv if file_format == "csv" else export_json_lines
    export(services, object_type, _write_utf8)
    sys.stdout.flush()


def _write_utf8(content: str) -> None:
    """Write as it is, whatever the terminal speaks and however it breaks lines."""
    sys.stdout.buffer.write(content.encode())


def _listing(plans: list[dict[str, Any]], *, as_json: bool) -> Each:
    """What is done with every row's plan: printed, or kept for the JSON object as far as that is listed."""

    def keep(plan: RowPlan) -> None:
        if len(plans) < import_result.MOST_LISTED:
            shown = {"row": plan.number, "outcome": plan.outcome, "id": plan.record_id}
            plans.append(shown | {"changes": [list(change) for change in plan.changes]})

    return keep if as_json else lambda plan: say(import_lines.row_line(plan))


def _as_json(result: Imported) -> dict[str, Any]:
    return {
        **result.counts(),
        "errors": [_row_as_json(row, "errors") for row in result.errors],
        "warnings": [_row_as_json(row, "warnings") for row in result.warnings],
        "stored": result.is_stored,
        "possible_duplicates": result.alike,
        "encoding": ENCODINGS[result.encoding],
        "separator": result.separator,
    }


def _row_as_json(row: RowProblems, name: str) -> dict[str, Any]:
    problems: Mapping[str, str] = value_problems(row.problems)
    return {"row": row.number, name: problems, "values": row.values}


def _print(object_type: ObjectType, result: Imported) -> None:
    for row in (*result.errors, *result.warnings):
        for line in import_lines.problem_lines(row):
            say(line, err=True)
    for line in import_lines.summary(object_type, result):
        say(line)


def _refuse(refusal: RefusedError, *, as_json: bool) -> NoReturn:
    if as_json:
        say(json.dumps({"error": refusal.reason, "message": refused(refusal)}))
    else:
        say(refused(refusal), err=True)
    sys.exit(1)
