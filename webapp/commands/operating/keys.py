"""`keys`: the keys that encrypt what is stored."""

import json
from collections.abc import Iterator

import click

from webapp.commands.command import group, say
from webapp.commands.services import pass_services, pass_services_for_any_key
from webapp.errors import RefusedError, TwinbookError
from webapp.services import Services
from webapp.text.connection.connection import ENDINGS
from webapp.usecases.operating import forgetting, rotation
from webapp.usecases.operating.forgetting import Unreadable


@group("keys")
def keys_group() -> None:
    """Change the keys that encrypt what is stored, or give up what a lost one has encrypted."""


@keys_group.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def rotate(services: Services, *, as_json: bool) -> None:
    """Encrypt the stored tokens with the first key of ENCRYPTION_KEY, so that the others can be removed."""
    try:
        count = rotation.rotate(services)
    except TwinbookError as error:
        message = f"Nothing else was changed: {error}. Give the earlier keys too, behind the new one."
        if as_json:
            say(json.dumps({"error": "keys", "message": message}))
            raise SystemExit(1) from error
        raise click.ClickException(message) from error
    if as_json:
        say(json.dumps({"connections": count}))
    else:
        say(f"Encrypted with the first key: the tokens of {count} connection{'' if count == 1 else 's'}.")


@keys_group.command("forget")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; needs --yes.")
@pass_services_for_any_key
def forget(services: Services, *, yes: bool, as_json: bool) -> None:
    """Give up what a lost ENCRYPTION_KEY has encrypted: HubSpot has to be connected again.

    Records, links, log and undo stay. Stop the web and the workers of every machine first.
    """
    found = forgetting.look(services)
    if as_json and not yes:
        raise RefusedError("forget_needs_yes")
    if not as_json:
        for line in _lost(found):
            say(line, err=True)
    if not yes:
        click.confirm("Is the key lost, and every program of Twinbook stopped?", abort=True, err=True)
    found = forgetting.forget(services)
    if as_json:
        say(json.dumps({"portal_id": found.portal_id, "erasures": list(found.erasures)}))
        return
    say("Forgotten. Start the web and the workers, and connect HubSpot again under Integrations.")
    if found.remains is not None:
        say(ENDINGS[found.remains])


def _lost(found: Unreadable) -> Iterator[str]:
    """The list of what is lost with the key."""
    yield "The ENCRYPTION_KEY here does not read what this database holds. If another machine has the right"
    yield "one, copy its file encryption_key instead. Without it these are lost, and nothing else:"
    if found.portal_id is not None:
        yield f"  the access to HubSpot account {found.portal_id}; connected again, every link is there again"
    for number in found.erasures:
        yield f"  whom erasure {number} is about: erase the same address again, so that it ends"
    yield "  forms that were typed into a session which had ended, within the last hour"
