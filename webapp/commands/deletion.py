"""`records delete`: records deleted here, never in HubSpot."""

import click

from webapp.commands.command import command, say
from webapp.commands.runs.lines import print_run
from webapp.commands.runs.start import user_id_of
from webapp.commands.services import pass_services
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.runs.options import ContactChoice, DeleteOptions, ListFilter
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.text.refusals import refused
from webapp.usecases.deletion import run as deletion_run
from webapp.usecases.deletion.one import delete_one

_NUMBER = click.IntRange(1, 2**31 - 1)


@command("delete")
@click.argument("object_type", metavar="companies|contacts", type=click.Choice(OBJECT_TYPES))
@click.argument("record_ids", metavar="[ID]...", nargs=-1, type=_NUMBER)
@click.option(
    "--all", "is_all", is_flag=True, help="All that --search and --state leave, instead of some by ID."
)
@click.option("--search", default="", help="With --all: what name, domain or e-mail begins with.")
@click.option(
    "--state", type=click.Choice(("active", "inactive", "any")), default="active", show_default=True
)
@click.option(
    "--contacts",
    type=click.Choice(("leave", "delete")),
    default="leave",
    show_default=True,
    help="What becomes of companies that have contacts: they are left, or their contacts are deleted too.",
)
@click.option(
    "--move-contacts-to", type=_NUMBER, metavar="ID", help="Give the contacts this company instead."
)
@click.option("--yes", is_flag=True, help="With --all: do not ask.")
@click.option("--preview", is_flag=True, help="Only say what it would do; nothing is written.")
@click.option("--wait", is_flag=True, help="Wait for its end; exit 1 unless it finished.")
@click.option("--json", "as_json", is_flag=True, help="Print the run as one JSON object.")
@click.option("--as", "email", metavar="EMAIL", help="Who deletes them, as the log shows it.")
@pass_services
def delete_command(
    services: Services,
    object_type: ObjectType,
    record_ids: tuple[int, ...],
    *,
    is_all: bool,
    search: str,
    state: str,
    contacts: ContactChoice,
    move_contacts_to: int | None,
    yes: bool,
    preview: bool,
    wait: bool,
    as_json: bool,
    email: str | None,
) -> None:
    """Delete records here; in HubSpot nothing is deleted, and no pull brings them back.

    It is a run, which can be undone as long as the log is kept.
    """
    if is_all == bool(record_ids):
        raise click.UsageError("Name the records by ID, or say --all.")
    if is_all and not yes and not preview:
        click.confirm(f"Delete all {object_type} that this leaves?", abort=True, err=True)
    options = DeleteOptions(
        object_type=object_type,
        records=None if is_all else record_ids,
        listed=ListFilter(search=search, state=state),  # type: ignore[arg-type]
        contacts="move" if move_contacts_to is not None else contacts,
        company_id=move_contacts_to,
    )
    user_id = user_id_of(services, email)
    try:
        run_id = _delete(services, options, user_id, is_preview=preview)
    except RefusedError as error:
        raise click.ClickException(refused(error)) from error
    print_run(services, run_id, wait=wait, as_json=as_json)


def _delete(services: Services, options: DeleteOptions, user_id: int | None, *, is_preview: bool) -> int:
    """One record goes at once; many, and one with very many contacts, by a run that a worker does."""
    if options.records is not None and len(options.records) == 1 and not is_preview:
        try:
            return delete_one(services, options, trigger="command", user_id=user_id)
        except RefusedError as refusal:
            if refusal.reason != "too_many_contacts":
                raise
    started = deletion_run.start(services, options, trigger="command", user_id=user_id, is_preview=is_preview)
    if not started.is_new:
        say(f"Run {started.run_id} was under way already.", err=True)
    return started.run_id
