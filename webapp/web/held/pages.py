"""What was seen in HubSpot and not linked: held for a person's decision, or not imported, and why."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from webapp.domain.records.fields import OBJECT_TYPES
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.database.pages import Page
from webapp.store.held import objects as held_objects
from webapp.store.held import records as held_records
from webapp.store.held.objects import AwaitedCompany, Group, RemoteObject
from webapp.text.matching import evidence
from webapp.text.reasons import REASONS
from webapp.usecases.held import decisions
from webapp.usecases.held import records as held_pushes
from webapp.usecases.held.decisions import Several
from webapp.usecases.runs import of_record
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.fragments import wants_fragment
from webapp.web.held.view import held_record_views, held_views
from webapp.web.list_counts import all_groups, list_counts, reason_choices, type_choices
from webapp.web.records.company_choices import company_choices
from webapp.web.runs.labels import condition_text
from webapp.web.services import ask, page_session

blueprint = Blueprint("held", __name__, url_prefix="/held")

_DECIDED = {
    "link": "They will be linked in a moment.",
    "apart": "It will be added as a new record in a moment.",
    "import": "It will be added as a new record in a moment.",
    "skip": "It is left out. You find it under Not imported, should you change your mind.",
    "again": "It is looked at again in a moment, as a pull would.",
}
_BULK = ("link", "apart", "skip")
_BULK_HERE = ("link", "again")
# So many are decided about with one press; what is left is there for the next.
_MOST_AT_ONCE = 5_000
_DECIDED_HERE = {
    "link": "It is linked and pushed in a moment.",
    "create": "A new object is made for it in a moment.",
    "again": "It is pushed again in a moment.",
}
_HELD_A_PAGE = 10
_NOT_IMPORTED_A_PAGE = 50
_VIEWS: dict[Sequence[str], Callable[..., list[Any]]] = {
    held_objects.HELD_STATES: held_views,
    (held_records.STATE,): held_record_views,
}


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The held objects beside their candidates."""
    return _list("held/index.html", held_objects.HELD_STATES, held_objects.page, _HELD_A_PAGE)


@blueprint.get("/not-imported")
def not_imported() -> ResponseReturnValue:
    """What was left out, with the reasons."""
    return _list(
        "held/not_imported.html", held_objects.NOT_IMPORTED_STATES, held_objects.page, _NOT_IMPORTED_A_PAGE
    )


@blueprint.get("/records")
def records() -> ResponseReturnValue:
    """The records here that a push could not send without guessing."""
    return _list("held/records.html", (held_records.STATE,), held_records.page, _HELD_A_PAGE)


@blueprint.post("/records/<int:held_record_id>/resolution")
def resolve_record(held_record_id: int) -> ResponseReturnValue:
    """Take a person's decision about a record; a push of it carries that out."""
    verb = request.form.get("verb", "")
    if verb not in _DECIDED_HERE:
        abort(400, "Choose what is to happen: link, create new, or push again.")
    found = held_records.by_id(page_session(), held_record_id)
    if found is None:
        abort(404, "This was settled already.")
    object_type: Any = found.object_type
    name = held_record_views(page_session(), [found])[0].name
    decision = (
        {"verb": verb} if verb != "link" else {"verb": verb, "remote_id": request.form.get("remote_id", "")}
    )
    ask(
        of_record.start,
        object_type,
        found.record_id,
        current_user.id,
        decision=None if verb == "again" else decision,
    )
    if wants_fragment():
        return render_template("held/_settled.html", id=held_record_id, name=name, text=_DECIDED_HERE[verb])
    flash(f"{name}: {_DECIDED_HERE[verb]}", "good")
    return redirect(url_for("held.records"), 303)


@blueprint.post("/<int:remote_object_id>/resolution")
def resolve(remote_object_id: int) -> ResponseReturnValue:
    """Take a person's decision; it is stored at once and carried out by a worker."""
    verb = request.form.get("verb", "")
    if verb not in _DECIDED:
        abort(400, "Choose what is to happen: link, keep apart, import or skip.")
    found = held_objects.get(page_session(), remote_object_id)
    name = found.display_name if found is not None else ""
    if "needs_company" in request.form and not request.form.get("company_id", type=row_number):
        abort(400, "Choose a company first: find it by its name or domain.")
    ask(
        decisions.resolve,
        remote_object_id,
        verb,  # type: ignore[arg-type]
        request.form.get("record_id", type=row_number) if verb == "link" else None,
        current_user.id,
        company_id=request.form.get("company_id", type=row_number) if verb == "import" else None,
    )
    if wants_fragment():
        can_undo = verb in _BULK
        return render_template(
            "held/_settled.html", id=remote_object_id, name=name, text=_DECIDED[verb], can_undo=can_undo
        )
    flash(f"{name}: {_DECIDED[verb]}", "good")
    return redirect(url_for("held.index"), 303)


@blueprint.get("/<int:remote_object_id>/company")
def give_company(remote_object_id: int) -> ResponseReturnValue:
    """Choose the company here that a contact without one is imported with."""
    found = held_objects.get(page_session(), remote_object_id)
    if found is None or found.object_type != "contacts":
        abort(404, "There is no such contact, or it was settled already.")
    given = request.args.get
    choices = company_choices(given("company_search", ""), given("company_id", ""))
    return render_template("held/company.html", found=found, **choices)


@blueprint.post("/<int:remote_object_id>/withdrawal")
def withdraw(remote_object_id: int) -> ResponseReturnValue:
    """Take a decision back, as long as it was not carried out; after that it is undone in the sync log."""
    if ask(decisions.withdraw, remote_object_id):
        flash("Taken back: it waits for a decision again.", "good")
        return _lead_to(url_for("held.index"))
    flash("It was carried out already. Find it in the sync log, and undo it there.", "warn")
    return _lead_to(url_for("sync_log.index", kind="decisions"))


@blueprint.post("/resolutions")
def resolve_several() -> ResponseReturnValue:
    """Decide the same about several held objects: those that were chosen, or all that the filter shows."""
    return _decide_several(_BULK, decisions.resolve_several, "held.index")


@blueprint.post("/records/resolutions")
@administrators_only
def resolve_several_records() -> ResponseReturnValue:
    """Link several held records, each to its only candidate, or push them again: as one push."""
    return _decide_several(_BULK_HERE, held_pushes.resolve_several, "held.records")


def _decide_several(
    verbs: Sequence[str], decide: Callable[[Services, Sequence[int], Any, int | None], Several], endpoint: str
) -> ResponseReturnValue:
    """What both lists do with a decision about several: it leads to its run, where there is one."""
    verb = request.form.get("verb", "")
    if verb not in verbs:
        abort(400, f"Choose what is to happen to all of them: {', '.join(verbs)}.")
    ids = _all_ids() if request.form.get("which") == "all" else _chosen_ids()
    if not ids:
        flash("None was chosen, so nothing was decided.", "warn")
        return redirect(url_for(endpoint), 303)
    done = ask(decide, ids[:_MOST_AT_ONCE], verb, current_user.id)
    _flash_result(done)
    if done.run_id is not None:
        return redirect(url_for("sync_log.show", run_id=done.run_id), 303)
    return redirect(url_for(endpoint), 303)


def _chosen_ids() -> list[int]:
    numbers = map(row_number, request.form.getlist("id"))
    return [number for number in numbers if number is not None]


def _flash_result(done: Several) -> None:
    message = f"{done.decided} decided."
    if done.left:
        message += f" {done.left} left as they were: settled already, or without exactly one free candidate."
    flash(message, "good" if done.decided else "warn")


def _all_ids() -> list[int]:
    """All held objects or records that the filter shows, as far as one press goes."""
    session = page_session()
    connection = connections.latest(session)
    if connection is None:
        return []
    object_type, reason = request.form.get("type"), request.form.get("reason")
    is_here = request.path.endswith("/records/resolutions")
    source: Any = held_records if is_here else held_objects
    shown = [
        group
        for group in source.groups(session, connection.id)
        if (is_here or group.state in held_objects.HELD_STATES) and _is_shown(group, object_type, reason)
    ]
    found: list[int] = source.ids(session, connection.id, shown, limit=_MOST_AT_ONCE)
    return found


def _lead_to(address: str) -> ResponseReturnValue:
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _list(
    template: str, states: Sequence[str], read_page: Callable[..., Page[Any]], limit: int
) -> ResponseReturnValue:
    session = page_session()
    connection = connections.latest(session)
    groups = all_groups(connection.id) if connection is not None else []
    listed = [group for group in groups if group.state in states]
    object_type, reason = request.args.get("type"), request.args.get("reason")
    shown = [group for group in listed if _is_shown(group, object_type, reason)]
    page: Page[Any] = Page([])
    if connection is not None and shown:
        page = read_page(session, connection.id, shown, after=request.args.get("after", ""), limit=limit)
    return render_template(
        template,
        page=page,
        views=_VIEWS[states](session, page.rows) if states in _VIEWS else [],
        awaited=_awaited(session, page.rows) if states == held_objects.NOT_IMPORTED_STATES else {},
        connection=connection,
        **list_counts(connection.id if connection else None, groups),
        groups=listed,
        types=type_choices(listed),
        reasons=reason_choices(listed),
        groups_shown=sum(group.count for group in shown),
        object_type=object_type if object_type in OBJECT_TYPES else None,
        reason=reason if reason in REASONS else None,
        address=lambda **place: _address(object_type, reason, **place),
    )


def _awaited(session: Session, rows: Sequence[RemoteObject]) -> dict[str, AwaitedCompany]:
    """The companies without which contacts of these were not imported, by object."""
    ids = {row.company_remote_id for row in rows if row.company_remote_id and row.state != "excluded"}
    return held_objects.awaited_companies(session, rows[0].connection_id, ids) if ids else {}


def _address(object_type: str | None, reason: str | None, **place: Any) -> str:
    """The list's address with its filter; without a place it is the first page's."""
    return url_for(str(request.endpoint), type=object_type, reason=reason, **place)


@blueprint.record
def _prepare(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["condition_text"] = condition_text
    state.app.jinja_env.globals["evidence_label"] = evidence


def _is_shown(group: Group, object_type: str | None, reason: str | None) -> bool:
    return (object_type not in OBJECT_TYPES or group.object_type == object_type) and (
        reason not in REASONS or group.reason == reason
    )
