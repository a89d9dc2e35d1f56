"""Companies and contacts: one set of pages for both."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.fields import ObjectType

blueprint = Blueprint("records", __name__, url_prefix="/<any(companies, contacts):object_type>")


@blueprint.get("")
def index(object_type: ObjectType) -> ResponseReturnValue:
    """The list."""
    return render_template("records/index.html", object_type=object_type)
