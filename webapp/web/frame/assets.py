"""Style sheets, scripts and icons: addresses that change with the content, and one style sheet made of many.

`static/style/` has a file for each idea, so that it can be read; browsers get them as one answer. What is our
own is served without comments and indentation, which are two fifths of it.
"""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue
from rcssmin import cssmin
from rjsmin import jsmin
from werkzeug.security import safe_join

from webapp.web.access import open_to_all

STYLES = ("tokens", "base", "frame", "components", "navigation", "tables", "forms", "pages", "contrast")
_ICONS = "vendor/lucide-1.62.0.svg"
# Browsers may keep these for good, since their addresses carry the digest of their content.
KEPT = ("static", "assets.style")
_VENDORED = "vendor"

blueprint = Blueprint("assets", __name__)


def register(app: Flask) -> None:
    """Give the templates the addresses."""
    app.register_blueprint(blueprint)
    app.view_functions["static"] = _static_file
    app.after_request(_read_whole)
    app.jinja_env.globals.update(asset=asset, stylesheet=stylesheet, icon_address=icon_address)


@blueprint.get("/style.css")
@open_to_all
def style() -> ResponseReturnValue:
    """The files of `static/style/`, one behind the other."""
    return _kept(_joined(_state()), "text/css", _digest_of_style(_state()))


def _static_file(filename: str) -> ResponseReturnValue:
    """A static file; one of our own style sheets and scripts as short as it can be."""
    joined = safe_join(str(_static()), filename)
    path = Path(joined or "")
    changed_ns = _changed_ns(path) if joined and _is_ours(path) else 0
    if not changed_ns:
        return current_app.send_static_file(filename)
    mimetype = "text/css" if path.suffix == ".css" else "text/javascript"
    return _kept(_served(path, changed_ns), mimetype, _digest(path, changed_ns))


def _kept(content: bytes, mimetype: str, digest: str) -> ResponseReturnValue:
    response = Response(content, mimetype=mimetype)
    response.set_etag(digest)
    return response.make_conditional(request)


def asset(name: str) -> str:
    """The address of a static file, which changes with its content, so that browsers may keep it."""
    path = _static() / name
    return url_for("static", filename=name, v=_digest(path, _changed_ns(path)))


def stylesheet() -> str:
    """The address of the style sheet of every page."""
    return url_for("assets.style", v=_digest_of_style(_state()))


def digest_of_request() -> str:
    """The digest of what this request was given, with which its address should end."""
    if request.endpoint == "assets.style":
        return _digest_of_style(_state())
    path = _static() / (request.view_args or {})["filename"]
    return _digest(path, _changed_ns(path))


def icon_address(name: str) -> str:
    """The address of an icon in the one file that holds them all."""
    return f"{asset(_ICONS)}#{name}"


def _read_whole(response: Response) -> Response:
    """Have a static file in memory, where it can be compressed; all of them are small."""
    is_file = request.endpoint == "static" and response.direct_passthrough
    if is_file and response.status_code == HTTPStatus.OK:
        file: Any = response.response
        response.direct_passthrough = False
        response.make_sequence()
        # At once, and not with the answer: a server may lose sight of it when a browser goes away.
        file.close()
    return response


def _static() -> Path:
    return Path(current_app.static_folder or "")


def _state() -> tuple[tuple[Path, int], ...]:
    """The files and when each was changed: what is made of them is made once."""
    paths = [_static() / "style" / f"{name}.css" for name in STYLES]
    return tuple((path, _changed_ns(path)) for path in paths)


def _changed_ns(path: Path) -> int:
    """When a file was changed; 0 for one that is gone, as the next version has put its own in their place.

    Pages go on without it until this program is restarted.
    """
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@cache
def _joined(state: tuple[tuple[Path, int], ...]) -> bytes:
    return b"\n".join(_served(path, changed_ns) for path, changed_ns in state)


@cache
def _served(path: Path, changed_ns: int) -> bytes:
    """What browsers get of a file of this state; nothing of one that is gone."""
    if not changed_ns:
        return b""
    content = path.read_bytes()
    if not _is_ours(path):
        return content
    shorten = cssmin if path.suffix == ".css" else jsmin
    return bytes(shorten(content))


def _is_ours(path: Path) -> bool:
    """Whether a file is a style sheet or a script that this project has written."""
    return path.suffix in (".css", ".js") and path.parent.name != _VENDORED


@cache
def _digest_of_style(state: tuple[tuple[Path, int], ...]) -> str:
    return _short_digest(_joined(state))


@cache
def _digest(path: Path, changed_ns: int) -> str:
    return _short_digest(_served(path, changed_ns))


def _short_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
