"""The portal's own pages."""

from flask import Blueprint

from sandbox.auth import Access
from sandbox.store.portal import Portal


def ui_blueprints(portal: Portal, access: Access) -> list[Blueprint]:
    """Every group of pages."""
    return []
