"""Changing many records at once, as a run: those ticked in a list, or all that its filter shows."""

from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.changes.plan import VERBS
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import ChangeOptions
from webapp.errors import RefusedError
from webapp.text.records.lists import VERB_LABELS
from webapp.text.records.records import STATUS_LABELS
from webapp.text.translated import gettext
from webapp.usecases.changes import push as changes_push
from webapp.usecases.changes import run as changes_run
from webapp.web.access import administrators_only
from webapp.web.records.company_choices import choice_refused, company_choices
from webapp.web.records.listing.selection import filter_address, given, selection
from webapp.web.runs.leading import lead_to_started
from webapp.web.services import ask

blueprint = Blueprint("changes", __name__, url_prefix="/<any(companies, contacts):object_type>/changes")

_PUSH = "push"
_DELETE = "delete"


@blueprint.get("")
@administrators_only
def show(object_type: ObjectType) -> ResponseReturnValue:
    """The effect of the chosen action on the chosen records."""
    if request.args.get("do") == _DELETE:
        chosen = request.args.to_dict(flat=False)
        del chosen["do"]
        return redirect(url_for("deletions.show", object_type=object_type, **cast("Any", chosen)), 303)
    return _page(object_type)


@blueprint.post("")
@administrators_only
def create(object_type: ObjectType) -> ResponseReturnValue:
    """Start the run, or the preview of one."""
    if "find" in request.form:
        return _page(object_type)
    options = _options(object_type)
    given: dict[str, Any] = {"trigger": "button", "user_id": current_user.id}
    given["is_preview"] = "preview" in request.form
    try:
        if request.form.get("do") == _PUSH:
            makes_again = "again" in request.form
            started = ask(changes_push.start_push, options, makes_again=makes_again, **given)
        else:
            started = ask(changes_run.start, options, **given)
    except RefusedError as error:
        return _page(object_type, choice_refused(error))
    return lead_to_started(started)


def _page(object_type: ObjectType, error: str = "") -> ResponseReturnValue:
    options, do = _options(object_type), given().get("do", "")
    back = url_for("records.index", object_type=object_type, **filter_address(options.listed))
    if do != _PUSH and do not in VERBS[object_type]:
        flash(gettext("First choose what to do with them."), "warn")
        return redirect(back, 303)
    if options.records is None and options.listed.standing == "excluded":
        flash(
            gettext("Which records the rules exclude is found by checking each one: tick the ones you mean."),
            "warn",
        )
        return redirect(back, 303)
    if options.records == ():
        flash(gettext("None was chosen: first tick the ones you mean."), "warn")
        return redirect(back, 303)
    options, count = ask(changes_run.foresee, options)
    context: dict[str, Any] = {}
    if do == "company":
        context = company_choices(request.form.get("company_search", ""), request.form.get("company_id", ""))
    page = render_template(
        "changes/show.html",
        object_type=object_type,
        options=options,
        count=count,
        do=do,
        action=VERB_LABELS[do],
        back=back,
        filters=filter_address(options.listed),
        statuses=list(STATUS_LABELS.items()),
        most_pushed=changes_push.MOST_PUSHED,
        error=error,
        **context,
    )
    return (page, 422) if error else page


def _options(object_type: ObjectType) -> ChangeOptions:
    """The selection in the list's address or in the form."""
    verb = given().get("do", "")
    return ChangeOptions(
        object_type=object_type,
        verb=cast("Any", verb if verb in VERBS[object_type] else "status"),
        status=given().get("status", ""),
        **selection(),
    )
