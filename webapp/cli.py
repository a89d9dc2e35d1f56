"""The commands of `flask --app webapp …`: each is imported when it is called, all take a second."""

from importlib import import_module
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

COMMANDS = {
    "backup": "operating.backup:backup_command",
    "check": "operating.check:check_command",
    "connect": "connection:connect_command",
    "duplicates": "duplicates:duplicates_group",
    "explain": "links:explain_command",
    "keys": "operating.keys:keys_group",
    "mail": "operating.mail:mail_group",
    "mapping": "mapping:mapping_group",
    "privacy": "privacy:privacy_group",
    "pull": "runs.start:pull_command",
    "push": "runs.start:push_command",
    "push-record": "runs.start:push_record_command",
    "reconcile": "runs.start:reconcile_command",
    "records": "records.records:records_group",
    "restore": "operating.backup:restore_command",
    "rules": "rules:rules_group",
    "runs": "runs.runs:runs_command",
    "search": "records.search:search_group",
    "status": "operating.status:status_command",
    "users": "people:users_group",
    "version": "version:version_command",
}
"""By name: the module below `webapp.commands`, and what it calls the command."""


def register(app: Flask) -> None:
    """Bind every command to the application."""
    # What the extensions have bound, such as `db`, stays.
    app.cli = _Commands(name=app.name, commands=app.cli.commands)


class _Commands(AppGroup):
    """The commands, which are not there before they are looked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, if there is one."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: Any = getattr(import_module(f"webapp.commands.{module}"), name)
        assert isinstance(found, click.Command)  # noqa: S101 - a guard test looks up every one
        return found
