"""The guided set-up after connecting: its overview, its own two steps, and the bar on the other pages."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import current_user
from msgspec import Struct

from webapp.domain.connection.setup import STEPS as NAMES
from webapp.domain.connection.setup import next_step
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.runs import log, queries
from webapp.store.runs.log import Run
from webapp.text.connection.setup import Step, steps
from webapp.text.connection.setup import step as step_text
from webapp.text.translated import gettext as _
from webapp.usecases.connection import setup
from webapp.web.access import administrators_only
from webapp.web.connection.required import require_connection
from webapp.web.services import ask, page_session

blueprint = Blueprint("setup", __name__, url_prefix="/integrations/hubspot/setup")

_STEP = f"<any({', '.join(NAMES)}):name>"
_ELSEWHERE = {"fields": "mapping.fields", "statuses": "status_mapping.show", "rules": "rules.index"}


class Bar(Struct):
    """The set-up as its bar shows it: what is done, which step this page is, and what comes next.

    Attributes:
        is_pulling: Whether a Pull is under way, whose end is that of the set-up.
    """

    done: set[str]
    here: Step | None
    next: Step | None
    is_pulling: bool = False


@blueprint.get("")
@administrators_only
def index() -> ResponseReturnValue:
    """All steps, with what is done."""
    return render_template("connection/setup/index.html", bar=_bar(require_connection(), None))


@blueprint.get("/preview")
@administrators_only
def preview() -> ResponseReturnValue:
    """The step in which the first Pull is previewed."""
    connection = require_connection()
    row = log.latest_row(page_session(), connection.id, "pull", is_preview=True)
    return render_template("connection/setup/preview.html", bar=_bar(connection, "preview"), row=row)


@blueprint.get("/pull")
@administrators_only
def pull() -> ResponseReturnValue:
    """The step in which the first Pull is made."""
    connection = require_connection()
    row = log.latest_row(page_session(), connection.id, "pull", is_preview=False)
    return render_template("connection/setup/pull.html", bar=_bar(connection, "pull"), row=row)


@blueprint.post(f"/{_STEP}")
@administrators_only
def finish(name: str) -> ResponseReturnValue:
    """Tick a step off, and lead to the next one."""
    connection = require_connection()
    if name == "preview" and _is_cut_short(connection):
        flash(_("First let a preview of the first Pull come to its end."), "info")
        return redirect(step_address(name), 303)
    ask(setup.finish, connection.id, name)
    step = next_step(_done(connection) | {name}, after=name)
    return redirect(step_address(step) if step is not None else url_for(".index"), 303)


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(setup_steps=steps, step_address=step_address, step_title=step_title)


def setup_bar(name: str | None = None) -> Bar | None:
    """The bar of a set-up under way, for people who may do it; `name` is the step of the page."""
    if not current_user.is_administrator:
        return None
    connection = connections.current(page_session())
    if connection is None or connection.first_pull_finished_at is not None:
        return None
    return _bar(connection, name)


def finished_bar(run: Run) -> Bar | None:
    """The set-up with all of its steps done, on the page of the Pull that has ended it."""
    connection = connections.get(page_session(), run.connection_id)
    ended_at = connection.first_pull_finished_at if connection is not None else None
    if ended_at is None or run.started_at is None or run.finished_at is None or run.is_preview:
        return None
    is_its = run.state == "finished" and run.started_at <= ended_at <= run.finished_at
    return Bar(set(NAMES), None, None) if is_its and current_user.is_administrator else None


def step_address(name: str) -> str:
    """The page of a step."""
    return url_for(_ELSEWHERE.get(name, f"setup.{name}"))


def step_title(name: str | None) -> str:
    """The name of a step."""
    found = step_text(name)
    return found.title if found is not None else ""


def _bar(connection: Connection, name: str | None) -> Bar:
    done = _done(connection)
    following = next_step(done | ({name} if name else set()), after=name)
    is_pulling = queries.open_run(page_session(), connection.id, "pull") is not None
    return Bar(done, step_text(name), step_text(following), is_pulling)


def _is_cut_short(connection: Connection) -> bool:
    """Whether the latest preview of a Pull has not shown all of what that would do."""
    row = log.latest_row(page_session(), connection.id, "pull", is_preview=True)
    return row is not None and row.run.state != "finished"


def _done(connection: Connection) -> set[str]:
    """The steps that are done: all once a first Pull has finished, whichever were gone through before it."""
    is_pulled = connection.first_pull_finished_at is not None
    return set(NAMES) if is_pulled else set(connection.setup_done) & set(NAMES)
