"""The pages: a blueprint for each noun, registered here."""

from flask import Flask

from webapp.settings import Settings
from webapp.web import (
    access,
    auth,
    custom_fields,
    errors,
    failing,
    health,
    held,
    home,
    integrations,
    lost_values,
    mapping,
    merges,
    presentation,
    previews,
    privacy,
    record_history,
    record_push,
    record_sync,
    records,
    rules,
    runs,
    security,
    setup,
    status_mapping,
    sync_log,
    undo,
    webhooks,
)


def register(app: Flask) -> None:
    """Bind every blueprint to the application, and what stands before and behind all of them."""
    settings: Settings = app.extensions["twinbook.settings"]
    security.register(app, settings)
    access.register(app)
    errors.register(app)
    presentation.register(app)
    for blueprint in (
        home.blueprint,
        auth.blueprint,
        records.blueprint,
        record_history.blueprint,
        record_push.blueprint,
        record_sync.blueprint,
        integrations.blueprint,
        health.blueprint,
        runs.blueprint,
        sync_log.blueprint,
        previews.blueprint,
        undo.blueprint,
        held.blueprint,
        failing.blueprint,
        webhooks.blueprint,
        setup.blueprint,
        mapping.blueprint,
        status_mapping.blueprint,
        rules.blueprint,
        custom_fields.blueprint,
        privacy.blueprint,
        lost_values.blueprint,
        merges.blueprint,
    ):
        app.register_blueprint(blueprint)
