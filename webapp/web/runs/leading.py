"""Leading a person to the page of a run."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from webapp.text.translated import gettext as _
from webapp.usecases.runs.lifecycle import Started
from webapp.web.fragments import lead_to


def lead_to_run(run_id: int) -> ResponseReturnValue:
    """To the page of a run."""
    return lead_to(url_for("sync_log.show", run_id=run_id))


def lead_to_started(started: Started) -> ResponseReturnValue:
    """To the run that was requested, or to the one that was under way."""
    if not started.is_new:
        flash(_("This was under way already, so no second one was started: this is it."), "info")
    return lead_to_run(started.run_id)
