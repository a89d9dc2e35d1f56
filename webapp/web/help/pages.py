"""Help: the user guide, the first steps, and why a record did not sync."""

from pathlib import Path

from flask import Blueprint, abort, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from webapp.text.translated import gettext, mark
from webapp.web.help.markdown import Document, document
from webapp.web.help.topics import topic

DOCUMENTS = {
    "guide": mark("User guide"),
    "first-steps": mark("First steps with your HubSpot account"),
    "why-not-synced": mark("Why did my record not sync?"),
    "settings": mark("Settings"),
    "matching": mark("Matching"),
}
"""The documents that are pages of the help, by the name of their file, with what the index calls them."""
_FOLDER = Path(__file__).parents[3] / "docs"
_REPOSITORY = "https://github.com/twinbook/twinbook/blob/main/docs"

blueprint = Blueprint("help", __name__, url_prefix="/help")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The documents of the help."""
    guide = _document("guide")
    titles = {name: gettext(title) for name, title in DOCUMENTS.items()}
    return render_template("help/index.html", documents=titles, guide=guide)


@blueprint.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    """One document."""
    if name not in DOCUMENTS:
        abort(404)
    return render_template("help/show.html", name=name, document=_document(name))


@blueprint.get("/pictures/<name>")
def picture(name: str) -> ResponseReturnValue:
    """A picture of a document."""
    return send_from_directory(_FOLDER / "pictures", name, max_age=86_400)


def help_address() -> str:
    """The part of the help that is about the page that is shown."""
    name, anchor = topic(request.blueprint, request.endpoint)
    return url_for("help.show", name=name, _anchor=anchor or None)


def _document(name: str) -> Document:
    return document(_FOLDER / f"{name}.md", _link, request.script_root)


def _link(target: str) -> str:
    """Where a link between documents leads: to a page of the help, to a picture, else to the project."""
    path, _, anchor = target.partition("#")
    name = path.removesuffix(".md")
    if name in DOCUMENTS:
        return url_for("help.show", name=name, _anchor=anchor or None)
    if path.startswith("pictures/"):
        return url_for("help.picture", name=path.removeprefix("pictures/"))
    return f"{_REPOSITORY}/{target}"
