"""The sandbox portal's own pages."""

from flask import Blueprint

from sandbox.calls.auth import Access
from sandbox.store.portal import Portal
from sandbox.ui.consent import consent_blueprint
from sandbox.ui.desk import desk_blueprint
from sandbox.ui.records import records_blueprint
from sandbox.ui.traffic import traffic_blueprint
from sandbox.webhooks.deliveries import Deliveries


def ui_blueprints(portal: Portal, access: Access, deliveries: Deliveries) -> list[Blueprint]:
    """Every group of pages."""
    return [
        desk_blueprint(portal, access),
        traffic_blueprint(portal, deliveries),
        records_blueprint(portal),
        consent_blueprint(portal, access),
    ]
