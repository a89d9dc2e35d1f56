"""`connect`: connect a portal with an access token."""

import json
import sys

import click

from webapp.commands.command import command, from_input, say
from webapp.commands.services import pass_services
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.text.refusals import refused_connection
from webapp.usecases.connection import connect, status
from webapp.usecases.push.own_key import key_property


@command("connect")
@click.option("--token-stdin", is_flag=True, required=True, help="Read the access token from standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def connect_command(services: Services, *, token_stdin: bool, as_json: bool) -> None:
    """Connect a HubSpot portal, after testing the token with live calls.

    The unique property twinbook_id is made where it is missing and the token may make it.
    """
    del token_stdin
    try:
        token = from_input("the token", sys.stdin.read)
        row = connect.connect_with_token(services, token, user_id=None)
    except RefusedError as refusal:
        if as_json:
            say(json.dumps({"error": refusal.reason, "message": refused_connection(refusal)}))
        else:
            say(f"Not connected. {refused_connection(refusal)} Nothing was stored.", err=True)
        sys.exit(1)
    states = key_property.configure(services, row.id, may_create=True)
    if set(states.values()) != {"ready"}:
        answer = ", ".join(f"{kind}: {state}" for kind, state in states.items()) or "not checked"
        say(f"The unique property twinbook_id is not ready ({answer}); see the Integrations page.", err=True)
    if as_json:
        say(json.dumps(status.connection_json(row, None)))
    else:
        say(f"Portal {row.portal_id} is connected.")
