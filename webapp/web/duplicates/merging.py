"""Merging as a run: in bulk by a rule, and in HubSpot, which cannot take it back."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.duplicates.choices import STAY_RULES, VALUE_RULES
from webapp.domain.records.merging import StayRule, ValueRule
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.duplicates import lists
from webapp.store.duplicates.lists import Question
from webapp.store.duplicates.pairs import PossibleDuplicate
from webapp.store.runs import log
from webapp.store.runs.runs import options_of
from webapp.text.translated import gettext as _
from webapp.usecases.duplicates import foresight, merge_run
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.duplicates.listing import filter_of, question_of
from webapp.web.duplicates.pages import (
    chosen_records,
    chosen_values,
    found_pair,
    group_of,
    looked_at,
    shown_apart,
    type_of,
)
from webapp.web.duplicates.view import record_views
from webapp.web.services import ask, page_session

blueprint = Blueprint("duplicate_merges", __name__, url_prefix="/duplicates")


@blueprint.get("/bulk")
@administrators_only
def bulk() -> ResponseReturnValue:
    """By which rules all pairs that the filter shows are to be merged."""
    return _bulk_page()


@blueprint.post("/bulk")
@administrators_only
def preview() -> ResponseReturnValue:
    """Start the preview of a bulk merge, and lead to it."""
    is_also_there = request.form.get("where") == "both"
    if is_also_there and "yes" not in request.form:
        return _bulk_page(error=_("Confirm that as well, or merge only here.")), 422
    options = _about_all(
        question_of(request.form),
        stay_rule=_stay_rule(),
        value_rule=_value_rule(),
        is_also_there=is_also_there,
    )
    started = ask(merge_run.start, options, user_id=current_user.id, is_preview=True)
    return redirect(url_for("sync_log.show", run_id=started.run_id), 303)


@blueprint.get("/bulk/apart")
@administrators_only
def bulk_apart() -> ResponseReturnValue:
    """Ask whether all pairs that the filter shows are to be kept apart."""
    session, question = page_session(), question_of(request.args)
    return render_template(
        "duplicates/bulk_apart.html",
        question=question,
        filters=filter_of(question),
        count=lists.count(session, question),
        connection=connections.current(session),
    )


@blueprint.post("/bulk/apart")
@administrators_only
def preview_apart() -> ResponseReturnValue:
    """Start the preview of that, and lead to it."""
    options = _about_all(question_of(request.form), verb="not_the_same")
    started = ask(merge_run.start, options, user_id=current_user.id, is_preview=True)
    return redirect(url_for("sync_log.show", run_id=started.run_id), 303)


def _about_all(question: Question, **chosen: Any) -> MergeDuplicatesOptions:
    """A decision about all pairs that a question finds."""
    return MergeDuplicatesOptions(
        object_type=question.object_type,
        sign=question.sign,
        strength=question.strength,
        linked=question.linked,
        search=question.search,
        **chosen,
    )


def _bulk_page(error: str = "") -> str:
    session, question = page_session(), question_of(request.values)
    connection = connections.current(session)
    return render_template(
        "duplicates/bulk.html",
        question=question,
        filters=filter_of(question),
        count=lists.count(session, question),
        connection=connection,
        error=error,
        given=request.form or _chosen_last(connection),
    )


def _chosen_last(connection: Connection | None) -> dict[str, str]:
    """The rules of the latest merge, which are preselected."""
    if connection is None:
        return {}
    row = log.latest_row(page_session(), connection.id, merge_run.MERGE_DUPLICATES, is_preview=True)
    options = options_of(row.run) if row is not None else None
    if not isinstance(options, MergeDuplicatesOptions) or options.verb != "merge":
        return {}
    return {"stay_rule": options.stay_rule, "value_rule": options.value_rule}


def _stay_rule() -> StayRule:
    return next((one for one in STAY_RULES if one == request.form.get("stay_rule")), STAY_RULES[0])


def _value_rule() -> ValueRule:
    return next((one for one in VALUE_RULES if one == request.form.get("value_rule")), VALUE_RULES[0])


@blueprint.post("/<int:pair_id>/in-hubspot")
@administrators_only
def merge_there(pair_id: int) -> ResponseReturnValue:
    """Show what HubSpot would keep; on a yes, begin the run that merges here and there."""
    row = found_pair(pair_id)
    chosen = chosen_records(group_of(row))
    stays = request.form.get("stays", type=row_number) or 0
    if stays not in chosen:
        abort(400, _("Choose at least two records, and which of them stays."))
    if "yes" not in request.form:
        return _foreseen_page(row, chosen, stays)
    options = MergeDuplicatesOptions(
        object_type=type_of(row),
        records=tuple(chosen),
        stays=stays,
        values_from=chosen_values(chosen),
        is_also_there=True,
    )
    versions = looked_at(chosen)
    started = ask(
        merge_run.start, options, user_id=current_user.id, versions=versions, may_be_apart=shown_apart()
    )
    return redirect(url_for("sync_log.show", run_id=started.run_id), 303)


def _foreseen_page(row: PossibleDuplicate, chosen: list[int], stays: int) -> ResponseReturnValue:
    kind = type_of(row)
    others = [one for one in chosen if one != stays]
    foreseen = ask(foresight.foresee, kind, stays, others)
    session = page_session()
    connection = connections.latest(session)
    page = render_template(
        "duplicates/in_hubspot.html",
        pair=row,
        object_type=kind,
        foreseen=foreseen,
        records=record_views(session, kind, chosen, connection.id if connection else None),
        stays=stays,
        others=others,
        values_from=chosen_values(chosen),
        versions=looked_at(chosen),
        is_pair_alone="pair" in request.form,
        is_apart=shown_apart(),
        connection=connection,
        is_missing="sent" in request.form,
    )
    return (page, 422) if "sent" in request.form else page
