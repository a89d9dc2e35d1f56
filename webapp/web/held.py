"""What was seen in HubSpot and not linked: held for a person's decision, or not imported, and why."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.fields import OBJECT_TYPES
from webapp.domain.outcomes import REASONS
from webapp.extensions import db
from webapp.store import connections, held
from webapp.store.held import Group, ObjectPage
from webapp.sync import held as decisions
from webapp.web.fragments import wants_fragment
from webapp.web.held_view import held_views
from webapp.web.run_words import condition_words

blueprint = Blueprint("held", __name__, url_prefix="/held")

_DECIDED = {
    "link": "They will be linked in a moment.",
    "apart": "It will be added as a new record in a moment.",
    "import": "It will be added as a new record in a moment.",
    "skip": "It is left out. You find it under Not imported, should you change your mind.",
}
_HELD_A_PAGE = 10
_NOT_IMPORTED_A_PAGE = 50


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The held objects beside their candidates."""
    return _list("held/index.html", held.HELD_STATES, _HELD_A_PAGE)


@blueprint.get("/not-imported")
def not_imported() -> ResponseReturnValue:
    """What was left out, with the reasons."""
    return _list("held/not_imported.html", held.NOT_IMPORTED_STATES, _NOT_IMPORTED_A_PAGE)


@blueprint.post("/<int:remote_object_id>/resolution")
def resolve(remote_object_id: int) -> ResponseReturnValue:
    """Take a person's decision; it is stored at once and carried out by a worker."""
    verb = request.form.get("verb", "")
    if verb not in _DECIDED:
        abort(400, "Choose what is to happen: link, keep apart, import or skip.")
    found = held.get(db.session(), remote_object_id)
    name = found.display_name if found is not None else ""
    decisions.resolve(
        remote_object_id,
        verb,  # type: ignore[arg-type]
        request.form.get("record_id", type=int) if verb == "link" else None,
        current_user.id,
    )
    if wants_fragment():
        return render_template("held/_settled.html", id=remote_object_id, name=name, text=_DECIDED[verb])
    flash(f"{name}: {_DECIDED[verb]}", "good")
    return redirect(url_for("held.index"), 303)


def _list(template: str, states: Sequence[str], limit: int) -> ResponseReturnValue:
    session = db.session()
    connection = connections.latest(session)
    groups = held.groups(session, connection.id) if connection else []
    ours = [group for group in groups if group.state in states]
    object_type, reason = request.args.get("type"), request.args.get("reason")
    wanted = [group for group in ours if _is_wanted(group, object_type, reason)]
    page = ObjectPage([], None)
    if connection is not None and wanted:
        page = held.page(
            session, connection.id, wanted, after_id=request.args.get("after", 0, type=int), limit=limit
        )
    return render_template(
        template,
        page=page,
        views=held_views(session, page.rows) if states == held.HELD_STATES else [],
        portal_id=connection.portal_id if connection else "",
        held_count=_count(groups, held.HELD_STATES),
        not_imported_count=_count(groups, held.NOT_IMPORTED_STATES),
        groups=ours,
        object_type=object_type if object_type in OBJECT_TYPES else None,
        reason=reason if reason in REASONS else None,
        is_first="after" not in request.args,
    )


@blueprint.record
def _prepare(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["condition_words"] = condition_words


def _is_wanted(group: Group, object_type: str | None, reason: str | None) -> bool:
    return (object_type not in OBJECT_TYPES or group.object_type == object_type) and (
        reason not in REASONS or group.reason == reason
    )


def _count(groups: Sequence[Group], states: Sequence[str]) -> int:
    return sum(group.count for group in groups if group.state in states)
