"""The page that a browser has kept to show while the server does not answer."""

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.text.translated import gettext
from webapp.version import VERSION
from webapp.web.access import open_to_all
from webapp.web.frame.assets import icon_address, stylesheet

blueprint = Blueprint("offline", __name__)


@blueprint.get("/offline")
@open_to_all
def show() -> str:
    """The page."""
    return render_template(
        "errors/bare.html",
        title=gettext("Twinbook cannot be reached"),
        text=gettext(
            "Your device is offline, or the server is restarting. Everything you saved is safe, and syncing "
            "continues without this page."
        ),
        fields=(),
        back="",
    )


@blueprint.get("/offline.js")
@open_to_all
def worker() -> ResponseReturnValue:
    """The service worker that keeps the page, and what it loads, from the first visit on."""
    kept = [url_for(".show"), stylesheet(), icon_address("").rstrip("#")]
    script = render_template("offline.js", kept=kept, version=f"{VERSION} {stylesheet()}")
    return Response(script, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})
