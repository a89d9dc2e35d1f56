"""Twinbook: a book of companies and contacts, kept in step with HubSpot."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Make the application; see `webapp.app.create_app`."""
    from webapp.app import create_app as make  # noqa: PLC0415 - parts of the package are used without Flask

    return make(settings)
