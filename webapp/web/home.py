"""The first page."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Lead to the companies, which most visits are about."""
    return redirect(url_for("records.index", object_type="companies"))
