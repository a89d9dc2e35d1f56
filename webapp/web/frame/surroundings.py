"""The present counts in the menu and the banner, for a page that stays open."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

blueprint = Blueprint("surroundings", __name__)


@blueprint.get("/surroundings/<page>")
def show(page: str) -> ResponseReturnValue:  # noqa: ARG001 - the banner asks for it
    """The parts, each for its element.

    Args:
        page: The endpoint of the page that shows them.
    """
    return render_template("_surroundings.html")
