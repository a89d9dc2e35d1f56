"""The Flask application: the API by its path table, the control API and the portal's own pages."""

from flask import Flask, Response

from sandbox.calls.answers import encode
from sandbox.calls.auth import Access
from sandbox.calls.call import Answer
from sandbox.calls.gate import view
from sandbox.calls.paths import every_path
from sandbox.control import control_blueprint
from sandbox.store.portal import Portal
from sandbox.ui import ui_blueprints
from sandbox.webhooks.deliveries import Deliveries

LARGEST_BODY_BYTES = 32 * 1024 * 1024


def create_app(portal: Portal, access: Access) -> Flask:
    """Everything that the portal's origin serves."""
    app = Flask("sandbox", static_url_path="/sandbox/static")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for version, rule, route in every_path():
        endpoint = f"api {version} {route.method} {rule}"
        app.add_url_rule(rule, endpoint, view(portal, access, version, route), methods=[route.method])
    deliveries = Deliveries(portal, access.client_secret)
    app.register_blueprint(control_blueprint(portal, access, deliveries))
    for blueprint in ui_blueprints(portal, access, deliveries):
        app.register_blueprint(blueprint)
    app.register_error_handler(404, lambda _: _nothing_here())
    return app


def _nothing_here() -> Response:
    body = encode(Answer(404, {"status": "error", "message": "resource not found"}).body)
    return Response(body, 404, content_type="application/json")
