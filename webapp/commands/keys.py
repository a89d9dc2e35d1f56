"""`keys`: the keys that encrypt what is stored."""

import json

import click

from webapp.commands.command import group
from webapp.commands.services import pass_services
from webapp.errors import TwinbookError
from webapp.services import Services
from webapp.usecases.operating import rotation


@group("keys")
def keys_group() -> None:
    """Change the keys that encrypt what is stored."""


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
            click.echo(json.dumps({"error": "keys", "message": message}))
            raise SystemExit(1) from error
        raise click.ClickException(message) from error
    if as_json:
        click.echo(json.dumps({"connections": count}))
    else:
        click.echo(
            f"Encrypted with the first key: the tokens of {count} connection{'' if count == 1 else 's'}."
        )
