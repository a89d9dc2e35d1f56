"""A page with every component once, for writing pages; only in development."""

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

blueprint = Blueprint("design", __name__)


@blueprint.get("/design")
def show() -> ResponseReturnValue:
    """The components, in `flask --debug run`; elsewhere there is no such page."""
    if not current_app.debug:
        abort(404)
    return render_template("design/show.html")
