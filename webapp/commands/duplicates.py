"""`flask duplicates`: find and list possible duplicates."""

import json

import click

from webapp.commands.command import group, say
from webapp.commands.runs.lines import print_run
from webapp.commands.services import pass_services
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.duplicates import lists
from webapp.store.duplicates.lists import Question
from webapp.store.duplicates.pairs import as_pair
from webapp.text.matching import evidence
from webapp.text.refusals import refused
from webapp.usecases.duplicates import scan

_A_PAGE = 500


@group("duplicates")
def duplicates_group() -> None:
    """Records that look alike, and may be one."""


@duplicates_group.command("scan")
@click.option("--wait", is_flag=True, help="Wait for its end; exit 1 unless it finished.")
@click.option("--json", "as_json", is_flag=True, help="Print the run as one JSON object.")
@pass_services
def scan_command(services: Services, *, wait: bool, as_json: bool) -> None:
    """Compare the whole book, and list what looks alike.

    A scan that is under way already is the one that is shown and waited for.
    """
    try:
        started = scan.start(services, trigger="command", user_id=None)
    except RefusedError as error:
        raise click.ClickException(refused(error)) from error
    if not started.is_new:
        say(f"Run {started.run_id} was under way already.", err=True)
    print_run(services, started.run_id, wait=wait, as_json=as_json)


@duplicates_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with a list for each type.")
@pass_services
def list_command(services: Services, *, as_json: bool) -> None:
    """List the pairs that nobody has decided about, the likeliest first."""
    found = {kind: [as_pair(row) for row in _rows(services, Question(kind))] for kind in OBJECT_TYPES}
    if as_json:
        listed = {
            kind: [
                {"ids": pair.ids, "strength": pair.strength, "points": pair.points, "evidence": pair.evidence}
                for pair in some
            ]
            for kind, some in found.items()
        }
        say(json.dumps(listed))
        return
    for kind, some in found.items():
        for pair in some:
            say(f"{kind} {pair.lower_id} and {pair.higher_id}: {evidence(pair.evidence)}")


def _rows(services: Services, question: Question) -> list[lists.PossibleDuplicate]:
    after, rows = "", []
    while True:
        with services.database.reading() as session:
            page = lists.page(session, question, after=after, limit=_A_PAGE)
        rows += page.rows
        after = page.next
        if not after:
            return rows
