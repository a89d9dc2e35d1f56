"""`mail`: mails that have not left."""

import json
from typing import Any

import click

from webapp.commands.command import group, say
from webapp.commands.services import pass_services
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.notifications import mails
from webapp.store.notifications.mails import Mail
from webapp.text.refusals import stored_text
from webapp.usecases.notifications import sending

_MOST = 1000


@group("mail")
def mail_group() -> None:
    """List mails that have not left, and try them again once the mail settings are mended."""


@mail_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def list_mails(services: Services, *, as_json: bool) -> None:
    """List the mails that wait, failed, or may not have arrived, the oldest first."""
    with services.database.reading() as session:
        rows = mails.unsent(session, limit=_MOST)
    if as_json:
        say(json.dumps({"mails": [_as_json(row) for row in rows]}))
        return
    for row in rows:
        say(f"{row.id:<8}{row.state:<11}{row.created_at:%Y-%m-%d %H:%M}  {row.recipient}  {_about(row)}")
        if row.error_text:
            say(f"{'':<8}{stored_text(row.error_text)}")
    if not rows:
        say("Every mail has left.")


@mail_group.command("retry")
@click.argument("number", type=click.IntRange(1, 2**31 - 1), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def retry(services: Services, number: int | None, *, as_json: bool) -> None:
    """Try mails at once, and for another day: all that wait or failed, or the one with this NUMBER.

    One that may have arrived is sent again by its number alone.
    """
    if number is None:
        count = sending.retry_all(services)
    elif sending.send_again(services, number):
        count = 1
    else:
        raise RefusedError("mail_has_left", number=number)
    if as_json:
        say(json.dumps({"mails": count}))
    else:
        say(f"Being tried: {count}. What does not leave stays in: flask --app webapp mail list")


def _about(row: Mail) -> str:
    """What a mail is about, by the name that programs have for it."""
    return f"run {row.run_id}" if row.run_id is not None else row.purpose or row.notification or ""


def _as_json(row: Mail) -> dict[str, Any]:
    return {
        "id": row.id,
        "to": row.recipient,
        "about": _about(row),
        "state": row.state,
        "attempts": row.attempts,
        "created_at": row.created_at.isoformat(),
        "not_before": row.not_before.isoformat() if row.not_before else None,
        "error": stored_text(row.error_text) if row.error_text else None,
    }
