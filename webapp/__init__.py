"""Twinbook: a book of companies and contacts, kept in step with HubSpot."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Make the application; see `webapp.app.create_app`. A wrong setting ends a command with one line."""
    import click  # noqa: PLC0415 - parts of the package are used without Flask

    from webapp.app import create_app as make  # noqa: PLC0415 - the same
    from webapp.errors import SettingsError  # noqa: PLC0415 - the same
    from webapp.settings import is_command  # noqa: PLC0415 - the same

    try:
        return make(settings)
    except SettingsError as error:
        if not is_command():
            raise
        raise click.UsageError(str(error)) from error
