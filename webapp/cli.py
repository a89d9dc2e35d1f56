"""The commands of `flask --app webapp …`."""

from flask import Flask

from webapp.commands.bulk import pull_command, push_command, push_record_command, reconcile_command
from webapp.commands.connect import connect_command
from webapp.commands.deletion import delete_command
from webapp.commands.duplicates import duplicates_group
from webapp.commands.explain import explain_command
from webapp.commands.keys import keys_group
from webapp.commands.mapping import mapping_group
from webapp.commands.records import records_group
from webapp.commands.rules import rules_group
from webapp.commands.runs import runs_command
from webapp.commands.search import search_group
from webapp.commands.status import status_command
from webapp.commands.users import users_group
from webapp.commands.version import version_command


def register(app: Flask) -> None:
    """Bind every command to the application."""
    records_group.add_command(delete_command)
    for command in (
        connect_command,
        status_command,
        pull_command,
        push_command,
        push_record_command,
        reconcile_command,
        runs_command,
        explain_command,
        users_group,
        records_group,
        mapping_group,
        rules_group,
        duplicates_group,
        search_group,
        keys_group,
        version_command,
    ):
        app.cli.add_command(command)
