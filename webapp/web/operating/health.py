"""For monitors: whether the process lives, and whether it can serve."""

import time
from typing import Any

from flask import Blueprint, Flask, g, request
from flask.typing import ResponseReturnValue

from webapp.store.operating import version
from webapp.usecases.connection import status
from webapp.usecases.runs import machinery
from webapp.web.access import open_to_all
from webapp.web.services import ask, ask_for_nobody

blueprint = Blueprint("health", __name__)

QUIET_S = 30.0
"""So long after the web has begun its pages say nothing: the other processes begin as well."""
LOOK_EVERY_S = 5.0

_SILENT = ("static", "health.healthz", "health.readyz", "metrics.show")


class _Latest:
    """The latest known troubles of an application: every page asks, but only some measure again."""

    def __init__(self) -> None:
        self.began_s = self.looked_s = time.monotonic()
        self.found: list[str] = []

    def look(self) -> list[str]:
        now = time.monotonic()
        if now >= self.began_s + QUIET_S and now >= self.looked_s + LOOK_EVERY_S:
            self.looked_s = now
            self.found = ask(machinery.troubles)
        return self.found


def register(app: Flask) -> None:
    """Look for every page whether all works behind it."""
    latest = _Latest()
    # This program's own, before an upgrade puts the files of the next one in their place.
    version.newest()

    @app.before_request
    def look() -> None:
        if request.endpoint in _SILENT:
            return
        # Before the page reads anything: looking ends its reading. What answers a form shows what is known.
        g.machinery_troubles = latest.look() if request.method == "GET" else latest.found


@blueprint.get("/healthz")
@open_to_all
def healthz() -> ResponseReturnValue:
    """The process lives."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@open_to_all
def readyz() -> ResponseReturnValue:
    """Whether requests can be served: that takes a database of this version, the rest is reported.

    One that a newer program has upgraded serves this one, too, until every machine has the new program.
    Redis does not count, since webhook events are accepted without it.
    """
    database = ask_for_nobody(status.database_state)
    is_ready = database in ("up", "newer")
    queues = ask_for_nobody(status.queues)
    body: dict[str, Any] = {
        "status": "ready" if is_ready else "not ready",
        "database": database,
        "redis": "up" if queues else "down",
        "workers": queues.workers if queues else None,
        "queues": queues.waiting if queues else None,
        "schedule_age_s": queues.schedule_age_s if queues else None,
        "trouble": ask_for_nobody(machinery.troubles),
    }
    if trouble := ask_for_nobody(status.trouble_code):
        # Syncing stands still, yet requests are served.
        body["hubspot"] = trouble
    return body, 200 if is_ready else 503
