"""Changing many records at once, as a run: those ticked in a list, or all that its filter shows."""

from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.changes.plan import VERBS
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import ChangeOptions
from webapp.text.records.lists import VERB_LABELS
from webapp.text.records.records import STATUS_LABELS
from webapp.text.translated import gettext
from webapp.usecases.changes import push as changes_push
from webapp.usecases.changes import run as changes_run
from webapp.web.access import administrators_only
from webapp.web.records.company_choices import company_choices
from webapp.web.records.listing.selection import filter_address, given, selection
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
    if request.form.get("do") == _PUSH:
        makes_again = "again" in request.form
        started = ask(changes_push.start_push, options, makes_again=makes_again, **given)
    else:
        started = ask(changes_run.start, options, **given)
    if not started.is_new:
        flash(gettext("This was under way already, so no second one was started: this is it."), "info")
    return redirect(url_for("sync_log.show", run_id=started.run_id), 303)


def _page(object_type: ObjectType) -> ResponseReturnValue:
    options, do = _options(object_type), given().get("do", "")
    back = url_for("records.index", object_type=object_type, **filter_address(options.listed))
    if do != _PUSH and do not in VERBS[object_type]:
        flash(gettext("Choose what is to be done with them first."), "warn")
        return redirect(back, 303)
    if options.records is None and options.listed.standing == "excluded":
        flash(
            gettext("What the rules exclude is found by looking at each: tick those that you mean."), "warn"
        )
        return redirect(back, 303)
    if options.records == ():
        flash(gettext("None was chosen: tick those that you mean first."), "warn")
        return redirect(back, 303)
    options, count = ask(changes_run.foresee, options)
    context: dict[str, Any] = {}
    if do == "company":
        context = company_choices(request.form.get("company_search", ""), request.form.get("company_id", ""))
    return render_template(
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
        **context,
    )


def _options(object_type: ObjectType) -> ChangeOptions:
    """The selection in the list's address or in the form."""
    verb = given().get("do", "")
    return ChangeOptions(
        object_type=object_type,
        verb=cast("Any", verb if verb in VERBS[object_type] else "status"),
        status=given().get("status", ""),
        **selection(),
    )
