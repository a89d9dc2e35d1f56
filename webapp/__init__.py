"""Twinbook: a book of companies and contacts, kept in step with HubSpot."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Make the application; see `webapp.app.create_app`.

    For one of our commands it has no pages, since importing them takes longer than most commands do; a wrong
    setting ends the command with one line; and the command itself says whether it needs the database's key.
    """
    from webapp.app import create_app as make  # noqa: PLC0415 - parts of the package are used without Flask
    from webapp.errors import SettingsError  # noqa: PLC0415 - the same
    from webapp.settings import is_command  # noqa: PLC0415 - the same

    if not is_command():
        return make(settings)
    import click  # noqa: PLC0415 - the same

    # Flask looks our commands up in the application; its own, which need the pages, load it from within.
    context = click.get_current_context(silent=True)
    is_own = context is None or context.info_name not in ("run", "routes", "shell")
    try:
        return make(settings, with_pages=not is_own, insists_on_key=not is_own)
    except SettingsError as error:
        from webapp.commands.command import refused_setting  # noqa: PLC0415 - only where it is needed

        raise refused_setting(error) from error
