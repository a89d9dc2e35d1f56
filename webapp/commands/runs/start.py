"""`flask pull`, `flask push` and `flask push-record`: queue a run, and wait for its end with `--wait`."""

import click

from webapp.commands.command import command, say
from webapp.commands.runs.lines import print_run
from webapp.commands.services import pass_services
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.runs.options import PushOptions, PushRecordOptions, RunOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.people import users
from webapp.store.records import records
from webapp.text.records.records import SINGULAR
from webapp.text.refusals import refused
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle, of_record


@command("pull")
@click.option("--preview", is_flag=True, help="Only say what it would do; nothing is written.")
@click.option("--wait", is_flag=True, help="Wait for its end; exit 1 unless it finished.")
@click.option("--json", "as_json", is_flag=True, help="Print the run as one JSON object.")
@click.option("--as", "email", metavar="EMAIL", help="The user on whose behalf it runs.")
@pass_services
def pull_command(services: Services, *, preview: bool, wait: bool, as_json: bool, email: str | None) -> None:
    """Bring HubSpot's companies and contacts here.

    A pull that works or waits already is the one that is shown and waited for.
    """
    print_run(
        services,
        _start(services, "pull", user_id_of(services, email), is_preview=preview),
        wait=wait,
        as_json=as_json,
    )


@command("push")
@click.option("--preview", is_flag=True, help="Only say what it would do; nothing is written.")
@click.option("--make-again", is_flag=True, help="Also make again what was deleted in HubSpot.")
@click.option("--wait", is_flag=True, help="Wait for its end; exit 1 unless it finished.")
@click.option("--json", "as_json", is_flag=True, help="Print the run as one JSON object.")
@click.option("--as", "email", metavar="EMAIL", help="The user on whose behalf it runs, who gets the mail.")
@pass_services
def push_command(
    services: Services, *, preview: bool, make_again: bool, wait: bool, as_json: bool, email: str | None
) -> None:
    """Send the companies and contacts here to HubSpot.

    A push that works or waits already is the one that is shown and waited for.
    """
    with services.database.reading() as session:
        connection = connections.current(session)
    if connection is not None and connection.first_pull_finished_at is None and not preview:
        say("No pull has finished yet, so nothing is linked: pulling first is recommended.", err=True)
    print_run(
        services,
        _start(
            services,
            "push",
            user_id_of(services, email),
            is_preview=preview,
            options=PushOptions(makes_again=make_again),
        ),
        wait=wait,
        as_json=as_json,
    )


@command("reconcile")
@click.option("--everything", is_flag=True, help="Compare all objects, as once a night: finds deletions too.")
@click.option("--wait", is_flag=True, help="Wait for its end; exit 1 unless it finished.")
@click.option("--json", "as_json", is_flag=True, help="Print the run as one JSON object.")
@pass_services
def reconcile_command(services: Services, *, everything: bool, wait: bool, as_json: bool) -> None:
    """Find and repair what changed in HubSpot without a webhook event.

    A look that is under way already is the one that is shown and waited for.
    """
    try:
        started = begin_reconcile.start(services, trigger="command", user_id=None, is_full=everything)
    except RefusedError as error:
        raise click.ClickException(refused(error)) from error
    if not started.is_new:
        say(f"Run {started.run_id} was under way already.", err=True)
    print_run(services, started.run_id, wait=wait, as_json=as_json)


@command("push-record")
@click.argument("object_type", type=click.Choice(OBJECT_TYPES))
@click.argument("record_id", type=click.IntRange(1, 2**31 - 1))
@click.option("--wait", is_flag=True, help="Wait for its end; exit 1 unless it finished.")
@click.option("--json", "as_json", is_flag=True, help="Print the run as one JSON object.")
@pass_services
def push_record_command(
    services: Services, object_type: ObjectType, record_id: int, *, wait: bool, as_json: bool
) -> None:
    """Send one record to HubSpot, whatever the rules say; a company takes its contacts along."""
    with services.database.reading() as session:
        is_there = records.get(session, object_type, record_id) is not None
    if not is_there:
        raise click.ClickException(f"There is no {SINGULAR[object_type]} {record_id}.")
    try:
        options = PushRecordOptions(object_type=object_type, record_id=record_id)
        started = of_record.start(services, options, user_id=None, trigger="command")
    except RefusedError as error:
        raise click.ClickException(refused(error)) from error
    print_run(services, started.run_id, wait=wait, as_json=as_json)


def user_id_of(services: Services, email: str | None) -> int | None:
    """The person that `--as` names; None where it is not given."""
    if email is None:
        return None
    with services.database.reading() as session:
        user = users.by_email(session, email)
    if user is None or not user.is_active:
        raise click.BadParameter(f"there is no active user {email}", param_hint="--as")
    return user.id


def _start(
    services: Services,
    kind: str,
    user_id: int | None,
    *,
    is_preview: bool,
    options: RunOptions | None = None,
) -> int:
    with services.database.reading() as session:
        connection = connections.current(session)
    if connection is None:
        raise click.ClickException("HubSpot is not connected. Connect it with `flask connect --token-stdin`.")
    try:
        started = lifecycle.start(
            services,
            kind,
            connection_id=connection.id,
            trigger="command",
            started_by_id=user_id,
            options=options,
            is_preview=is_preview,
        )
    except RefusedError as error:
        raise click.ClickException(refused(error)) from error
    if not started.is_new:
        say(f"Run {started.run_id} was under way already.", err=True)
    return started.run_id
