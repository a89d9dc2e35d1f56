"""The commands of `flask --app webapp …`."""

from flask import Flask

from webapp.commands.connect import connect_command
from webapp.commands.status import status_command


def register(app: Flask) -> None:
    """Bind every command to the application."""
    for command in (connect_command, status_command):
        app.cli.add_command(command)
