"""The pages: blueprints by capability, and what all of them share."""

from flask import Flask

from webapp.extensions import LANGUAGE
from webapp.services import Services
from webapp.web import access, addresses, errors, language, presentation, security
from webapp.web.changes import pages as change_pages
from webapp.web.connection import integrations, setup
from webapp.web.deletion import many as deletion_of_many
from webapp.web.deletion import one as deletion_of_one
from webapp.web.duplicates import merging as duplicate_merges
from webapp.web.duplicates import pages as duplicate_pages
from webapp.web.failing import pages as failing_pages
from webapp.web.frame import (
    assets,
    design,
    kept_templates,
    navigation,
    offline,
    palette,
    standing,
    surroundings,
)
from webapp.web.held import decide as held_decisions
from webapp.web.help import pages as help_pages
from webapp.web.home import pages as home_pages
from webapp.web.links import sync_buttons
from webapp.web.live import sse
from webapp.web.mapping import fields as mapping_fields
from webapp.web.mapping import statuses as status_mapping
from webapp.web.notifications import pages as notification_pages
from webapp.web.operating import health, metrics, request_log
from webapp.web.people import (
    audit_pages,
    login,
    mailed_link_pages,
    people_pages,
    profile_pages,
    settings_page,
    typed_forms,
)
from webapp.web.prefix import PathPrefix
from webapp.web.preview import pages as preview_pages
from webapp.web.privacy import pages as privacy_pages
from webapp.web.privacy import persons
from webapp.web.push import red_button
from webapp.web.records import custom_fields, lost_values, merging
from webapp.web.records import history as record_history
from webapp.web.records import pages as record_pages
from webapp.web.records.files import export as record_files
from webapp.web.records.files import imports as record_imports
from webapp.web.records.listing import pages as list_pages
from webapp.web.rules import pages as rule_pages
from webapp.web.runs import start as start_runs
from webapp.web.runs import sync_log
from webapp.web.undo import pages as undo_pages
from webapp.web.webhooks import endpoint as webhook_endpoint

__all__ = ["PathPrefix", "register"]


_BLUEPRINTS = (
    home_pages.blueprint,
    design.blueprint,
    palette.blueprint,
    surroundings.blueprint,
    offline.blueprint,
    login.blueprint,
    mailed_link_pages.blueprint,
    people_pages.blueprint,
    profile_pages.blueprint,
    audit_pages.blueprint,
    settings_page.blueprint,
    typed_forms.blueprint,
    notification_pages.blueprint,
    record_pages.blueprint,
    record_history.blueprint,
    red_button.blueprint,
    sync_buttons.blueprint,
    integrations.blueprint,
    health.blueprint,
    metrics.blueprint,
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
    persons.blueprint,
    lost_values.blueprint,
    merging.blueprint,
    deletion_of_one.blueprint,
    deletion_of_many.blueprint,
    record_files.blueprint,
    record_imports.blueprint,
    list_pages.blueprint,
    change_pages.blueprint,
)


def register(app: Flask) -> None:
    """Bind every blueprint to the application, and what stands before and behind all of them."""
    services: Services = app.extensions["twinbook.services"]
    kept_templates.register(app)
    app.extensions[LANGUAGE] = language.chosen
    request_log.register(app)
    addresses.register(app)
    security.register(app, services.settings)
    access.register(app)
    typed_forms.register(app)
    settings_page.register(app)
    errors.register(app)
    assets.register(app)
    presentation.register(app)
    navigation.register(app)
    health.register(app)
    standing.register(app)
    sse.prepare(app, services)
    duplicate_pages.register(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
