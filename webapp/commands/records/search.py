"""`flask search`: the texts by which searches find records."""

import json

import click

from webapp.commands.command import group, say
from webapp.commands.services import pass_services
from webapp.services import Services
from webapp.store.records.searching import texts, trigrams
from webapp.usecases.records import search_texts

_WITHOUT_INDEX = (
    "PostgreSQL has no extension pg_trgm, and this role may not make it: searches work, and are slow in "
    "large books. Have a superuser say CREATE EXTENSION pg_trgm in this database, then repeat this command."
)
_MOST_COUNTED = 1_000_000


@group("search")
def search_group() -> None:
    """The texts by which searches find records."""


@search_group.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def status_command(services: Services, *, as_json: bool) -> None:
    """Say whether searches have their index, and how many changed records it does not know yet."""
    with services.database.reading() as session:
        behind, has_index = texts.count_changes(session, _MOST_COUNTED), not trigrams.has_no_index(session)
    if as_json:
        say(json.dumps({"behind": behind, "has_index": has_index}))
        return
    say(f"{behind:,} changed records are still to be taken in." if behind else "Up to date.")
    if not has_index:
        say(_WITHOUT_INDEX, err=True)


@search_group.command("rebuild")
@click.option("--wait", is_flag=True, help="Take all records in at once; else the schedule does so.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def rebuild_command(services: Services, *, wait: bool, as_json: bool) -> None:
    """Take all records in afresh; on PostgreSQL also make the index where it is missing."""
    has_index = search_texts.rebuild(services)
    if wait:
        search_texts.bring_all_up_to_date(services)
    with services.database.reading() as session:
        behind = texts.count_changes(session, _MOST_COUNTED)
    if as_json:
        say(json.dumps({"behind": behind, "has_index": has_index}))
    elif behind:
        say(f"The schedule takes {behind:,} records in, beside everything else.")
    else:
        say("All records were taken in.")
    if not has_index:
        say(_WITHOUT_INDEX, err=True)
        raise SystemExit(1)
