"""The first page: how the sync stands at a glance, and what needs a person."""

from datetime import tzinfo

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.usecases.home import overview
from webapp.web.home import view
from webapp.web.live.parts import Parts, PartStream
from webapp.web.live.sse import event_stream
from webapp.web.services import ask

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """How the sync stands."""
    found = ask(overview.gather, view.viewer_zone())
    return render_template(
        "home/index.html",
        parts=view.parts(found),
        row=found.standing.connection,
        changes=view.changes(found),
        listed=view.listed(found),
    )


@blueprint.get("/stream")
def stream() -> ResponseReturnValue:
    """The page as events, for as long as it is open."""
    zone = view.viewer_zone()
    return event_stream(PartStream(lambda: parts_now(zone), "home"))


def parts_now(zone: tzinfo) -> Parts:
    """The page's parts at this moment, in the viewer's time zone."""
    return view.parts(ask(overview.gather, zone))
