"""The pages: blueprints by capability, and what all of them share."""

from flask import Flask

from webapp.services import Services
from webapp.web import access, addresses, errors, health, home, presentation, security
from webapp.web.connection import banner, integrations, setup
from webapp.web.deletion import many as deletion_of_many
from webapp.web.deletion import one as deletion_of_one
from webapp.web.duplicates import merging as duplicate_merges
from webapp.web.duplicates import pages as duplicate_pages
from webapp.web.failing import pages as failing_pages
from webapp.web.frame import assets, design, navigation, palette
from webapp.web.held import decide as held_decisions
from webapp.web.help import pages as help_pages
from webapp.web.links import sync_panel
from webapp.web.mapping import fields as mapping_fields
from webapp.web.mapping import statuses as status_mapping
from webapp.web.people import login
from webapp.web.preview import pages as preview_pages
from webapp.web.privacy import pages as privacy_pages
from webapp.web.push import red_button
from webapp.web.records import custom_fields, lost_values, merging
from webapp.web.records import history as record_history
from webapp.web.records import pages as record_pages
from webapp.web.rules import pages as rule_pages
from webapp.web.runs import start as start_runs
from webapp.web.runs import sync_log
from webapp.web.undo import pages as undo_pages
from webapp.web.webhooks import endpoint as webhook_endpoint


def register(app: Flask) -> None:
    """Bind every blueprint to the application, and what stands before and behind all of them."""
    services: Services = app.extensions["twinbook.services"]
    addresses.register(app)
    security.register(app, services.settings)
    access.register(app)
    errors.register(app)
    assets.register(app)
    presentation.register(app)
    navigation.register(app)
    banner.register(app)
    health.register(app)
    duplicate_pages.register(app)
    for blueprint in (
        home.blueprint,
        design.blueprint,
        palette.blueprint,
        login.blueprint,
        record_pages.blueprint,
        record_history.blueprint,
        red_button.blueprint,
        sync_panel.blueprint,
        integrations.blueprint,
        health.blueprint,
        start_runs.blueprint,
        sync_log.blueprint,
        preview_pages.blueprint,
        undo_pages.blueprint,
        held_decisions.blueprint,
        help_pages.blueprint,
        failing_pages.blueprint,
        duplicate_pages.blueprint,
        duplicate_merges.blueprint,
        webhook_endpoint.blueprint,
        setup.blueprint,
        mapping_fields.blueprint,
        status_mapping.blueprint,
        rule_pages.blueprint,
        custom_fields.blueprint,
        privacy_pages.blueprint,
        lost_values.blueprint,
        merging.blueprint,
        deletion_of_one.blueprint,
        deletion_of_many.blueprint,
    ):
        app.register_blueprint(blueprint)
