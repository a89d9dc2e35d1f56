"""Needs you, as one queue of lines of which one is open; and Not imported, with the reasons."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.database.pages import Page
from webapp.store.held import objects as held_objects
from webapp.text.matching import evidence
from webapp.text.translated import gettext as _
from webapp.web.held.confirmation import confirmation_of
from webapp.web.held.item import awaited_by, runs_named, shown_item
from webapp.web.held.queue import Chosen, Item, chosen, decided_together, groups_of, item_of, queue_page
from webapp.web.list_counts import all_groups, list_counts, reason_choices, type_choices
from webapp.web.records.company_choices import company_choices
from webapp.web.runs.labels import condition_text
from webapp.web.services import page_session

blueprint = Blueprint("held", __name__, url_prefix="/held")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """All that waits for a decision, or fails."""
    return _list("index")


@blueprint.get("/not-imported")
def not_imported() -> ResponseReturnValue:
    """The objects that were not imported, with the reasons."""
    return _list("not_imported")


@blueprint.get("/records")
def records() -> ResponseReturnValue:
    """The records here alone that a push could not send without guessing."""
    return _list("records")


@blueprint.get("/item/<key>")
def item(key: str) -> ResponseReturnValue:
    """One line of the queue, opened; with `closed` as the line that it was."""
    part = chosen()
    connection = connections.latest(page_session())
    found = item_of(page_session(), connection.id, key) if connection is not None else None
    if connection is None or found is None:
        abort(404, _("This has already been dealt with."))
    is_open = "closed" not in request.args
    return render_template(
        "held/item/_item.html", **_shown(connection, [found], part, found.key if is_open else "")[0]
    )


@blueprint.get("/<int:remote_object_id>/company")
def give_company(remote_object_id: int) -> ResponseReturnValue:
    """Choose the company here that a contact without one is imported with."""
    return company_page(remote_object_id, request.args)


def company_page(remote_object_id: int, given: Mapping[str, str], error: str = "") -> str:
    """The page of that choice, with what was searched for and chosen, and why it is shown again."""
    found = held_objects.get(page_session(), remote_object_id)
    if found is None or found.object_type != "contacts":
        abort(404, _("There is no such contact, or it has already been dealt with."))
    choices = company_choices(given.get("company_search", ""), given.get("company_id", ""))
    return render_template("held/company.html", found=found, error=error, **choices)


def _list(name: str) -> ResponseReturnValue:
    session, part = page_session(), chosen(name)
    connection = connections.latest(session)
    held = all_groups(connection.id) if connection is not None else []
    listed = groups_of(session, connection.id, held, name) if connection is not None else []
    page: Page[Item] = Page([])
    if connection is not None and listed:
        after = request.args.get("after", "")
        page = queue_page(session, connection.id, part, listed, after=after)
    return render_template(
        "held/queue.html",
        here=name,
        page=page,
        items=_shown(connection, page.rows, part, _opened(page.rows, part)),
        confirmation=confirmation_of(session, connection.id) if connection is not None else None,
        connection=connection,
        **list_counts(connection.id if connection else None, held),
        groups=listed,
        types=type_choices(listed),
        reasons=reason_choices(listed),
        several_shown=sum(group.count for group in decided_together(part, listed)),
        object_type=part.object_type,
        reason=part.reason,
        part=part,
        address=part.address,
    )


def _shown(
    connection: Connection | None, items: list[Item], part: Chosen, opened: str
) -> list[dict[str, Any]]:
    """The lines of a page, one of which may be open."""
    if connection is None:
        return []
    session = page_session()
    known: dict[str, Any] = {
        "awaited": awaited_by(session, connection.id, items),
        "run_names": runs_named(session, items) or {0: ""},
    }
    return [shown_item(session, connection, one, part, is_open=one.key == opened, **known) for one in items]


def _opened(items: list[Item], part: Chosen) -> str:
    """The key of the line that is open: the one that was requested, else the first that can be decided."""
    requested = request.args.get("open", "")
    if any(item.key == requested for item in items) or part.list == "not_imported":
        return requested
    return next((item.key for item in items if not item.is_decided), "")


@blueprint.record
def _prepare(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["condition_text"] = condition_text
    state.app.jinja_env.globals["evidence_label"] = evidence
