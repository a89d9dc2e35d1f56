"""Help: the user guide, the first steps, and why a record did not sync."""

from functools import partial
from pathlib import Path
from struct import unpack

from flask import Blueprint, abort, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from webapp.text.people import LANGUAGES
from webapp.text.translated import DEFAULT, gettext, language, mark
from webapp.web.help import why_not_synced
from webapp.web.help.markdown import Document, Size, document
from webapp.web.help.topics import topic

DOCUMENTS = {
    "guide": mark("User guide"),
    "first-steps": mark("First steps with your HubSpot account"),
    "why-not-synced": mark("Why did my record not sync?"),
    "settings": mark("Settings"),
    "matching": mark("Matching"),
}
"""The documents that are pages of the help, by the name of their file, with what the index calls them."""
_MADE = "why-not-synced"
_FOLDER = Path(__file__).parents[3] / "docs"
_REPOSITORY = "https://github.com/twinbook/twinbook/blob/main/docs"

blueprint = Blueprint("help", __name__, url_prefix="/help")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The documents of the help."""
    documents = {name: (gettext(title), _has(name, language())) for name, title in DOCUMENTS.items()}
    return render_template("help/index.html", documents=documents, guide=_document("guide"))


@blueprint.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    """One document."""
    if name not in DOCUMENTS:
        abort(404)
    spoken = language() if _has(name, language()) else DEFAULT
    return render_template("help/show.html", name=name, document=_document(name), spoken=spoken)


@blueprint.get("/pictures/<name>")
@blueprint.get(f"/pictures/<any({', '.join(LANGUAGES)}):spoken>/<name>")
def picture(name: str, spoken: str = DEFAULT) -> ResponseReturnValue:
    """A picture of a document, of pages in the language of the document."""
    return send_from_directory(_folder(spoken) / "pictures", name, max_age=86_400)


def help_address() -> str:
    """The part of the help that is about the page that is shown."""
    name, anchor = topic(request.blueprint, request.endpoint)
    return url_for("help.show", name=name, _anchor=anchor or None)


def _has(name: str, spoken: str) -> bool:
    """Whether there is a document in a language."""
    return spoken == DEFAULT or name == _MADE or _file(name, spoken).exists()


def _document(name: str) -> Document:
    """A document in the language of who reads it, as far as there is one."""
    original = _made(name, DEFAULT, None)
    if language() == DEFAULT or not _has(name, language()):
        return original
    return _made(name, language(), original)


def _made(name: str, spoken: str, original: Document | None) -> Document:
    return document(_text(name, spoken), _LINKS[spoken], request.script_root, original, _SIZES[spoken])


def _text(name: str, spoken: str) -> str:
    if name == _MADE and spoken != DEFAULT:
        return why_not_synced.page()
    return _file(name, spoken).read_text(encoding="utf-8")


def _file(name: str, spoken: str) -> Path:
    return _folder(spoken) / f"{name}.md"


def _folder(spoken: str) -> Path:
    return _FOLDER if spoken == DEFAULT else _FOLDER / spoken


def _link(spoken: str, target: str) -> str:
    """Where a link between documents leads: to a page of the help, to a picture, else to the project."""
    # Translations lie in a folder of their own; their links mean the same.
    path, _, anchor = target.removeprefix("../").partition("#")
    name = path.removesuffix(".md")
    if name in DOCUMENTS:
        return url_for("help.show", name=name, _anchor=anchor or None)
    if path.startswith("pictures/"):
        own = None if spoken == DEFAULT else spoken
        return url_for("help.picture", name=path.removeprefix("pictures/"), spoken=own)
    return f"{_REPOSITORY}/{target.removeprefix('../')}"


def _size(spoken: str, target: str) -> Size | None:
    """The width and height of a picture, from the head of its PNG file; None where there is no such file."""
    file = _folder(spoken) / target
    if not file.is_file():
        return None
    width, height = unpack(">II", file.read_bytes()[16:24])
    return width, height


# A document is kept by what it was made with.
_LINKS = {spoken: partial(_link, spoken) for spoken in LANGUAGES}
_SIZES = {spoken: partial(_size, spoken) for spoken in LANGUAGES}
