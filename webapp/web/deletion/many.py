"""Deleting many records: those ticked in a list, or all that its filter shows; as a run."""

from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from webapp.domain.deletion.plan import choices_of
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import DeleteOptions, ListFilter
from webapp.store.records.standing import STANDINGS
from webapp.usecases.deletion import run as deletion_run
from webapp.usecases.deletion.request import foresee
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.deletion.one import contact_choice
from webapp.web.records.company_choices import company_choices
from webapp.web.services import ask, services

blueprint = Blueprint("deletions", __name__, url_prefix="/<any(companies, contacts):object_type>/deletion")

_LONGEST_SEARCH = 300
_STATES = ("active", "inactive", "any")


@blueprint.get("")
@administrators_only
def show(object_type: ObjectType) -> ResponseReturnValue:
    """What deleting the chosen records would do."""
    return _page(object_type)


@blueprint.post("")
@administrators_only
def delete(object_type: ObjectType) -> ResponseReturnValue:
    """Start the run that deletes them, or the preview of one."""
    if "find" in request.form:
        return _page(object_type)
    is_preview = "preview" in request.form
    started = ask(
        deletion_run.start,
        _options(object_type),
        trigger="button",
        user_id=current_user.id,
        is_preview=is_preview,
    )
    if not started.is_new:
        flash("This was under way already, so no second one was started: this is it.", "info")
    return redirect(url_for("sync_log.show", run_id=started.run_id), 303)


def _page(object_type: ObjectType) -> ResponseReturnValue:
    options = _options(object_type)
    if options.records == ():
        flash("None was chosen: tick those that you mean first.", "warn")
        filters: dict[str, Any] = {**_filter_of(options)}
        return redirect(url_for("records.index", object_type=object_type, **filters), 303)
    found = ask(foresee, options)
    context: dict[str, Any] = {}
    if found.extent.contacts:
        context = company_choices(request.form.get("company_search", ""), request.form.get("company_id", ""))
    return render_template(
        "deletion/many.html",
        object_type=object_type,
        options=found.options,
        extent=found.extent,
        choices=choices_of(found.extent),
        chosen=contact_choice(),
        filters=_filter_of(options),
        kept_days=services().settings.log_retention_days,
        **context,
    )


def _options(object_type: ObjectType) -> DeleteOptions:
    """What the list's address or the form on the page mean."""
    given = _given()
    is_all = given.get("which") == "all"
    numbers = (row_number(text) for text in given.getlist("id"))
    return DeleteOptions(
        object_type=object_type,
        records=None if is_all else tuple(number for number in numbers if number is not None),
        listed=ListFilter(
            search=given.get("q", "").strip()[:_LONGEST_SEARCH],
            state=cast("Any", _one_of("state", _STATES, "active")),
            standing=_one_of("linked", STANDINGS, "any"),
        ),
        newest_id=row_number(given.get("newest_id", "")) or 0,
        contacts=contact_choice(),
        company_id=row_number(given.get("company_id", "")),
    )


def _given() -> MultiDict[str, str]:
    return request.form if request.method == "POST" else request.args


def _one_of(name: str, known: tuple[str, ...], default: str) -> str:
    value = _given().get(name, "")
    return value if value in known else default


def _filter_of(options: DeleteOptions) -> dict[str, str]:
    """The filter as the list's address carries it."""
    listed = options.listed
    given = {
        "q": listed.search,
        "state": "" if listed.state == "active" else listed.state,
        "linked": "" if listed.standing == "any" else listed.standing,
    }
    return {name: text for name, text in given.items() if text}
