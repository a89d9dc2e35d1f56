"""Merging two records: choose the other one, see what would happen, confirm."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.records.fields import ObjectType
from webapp.store.records import records
from webapp.store.records.listing import lists as record_lists
from webapp.store.records.listing.lists import Question
from webapp.text.translated import gettext as _
from webapp.usecases.records import merging
from webapp.web.addresses import row_number
from webapp.web.services import ask, page_session

blueprint = Blueprint(
    "merges", __name__, url_prefix="/<any(companies, contacts):object_type>/<int:record_id>/merge"
)

_LONGEST_SEARCH = 300


@blueprint.get("")
def show(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """Which record is merged into this one, and what that would do."""
    winner = records.get(page_session(), object_type, record_id)
    if winner is None:
        abort(404)
    search = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    loser_id = request.args.get("other", type=row_number)
    found = _found(object_type, record_id, search) if search else []
    loser = records.get(page_session(), object_type, loser_id) if loser_id else None
    return render_template(
        "records/merge.html",
        object_type=object_type,
        record=winner,
        search=search,
        found=found,
        loser=loser,
        preview=ask(merging.preview, object_type, record_id, loser.id) if loser is not None else None,
    )


@blueprint.post("")
def merge(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """Merge the other record into this one."""
    given = {name: request.form.get(name, type=row_number) for name in ("other", "version", "other_version")}
    other, version, other_version = given.values()
    if other is None or version is None or other_version is None:
        abort(400, _("Choose the record to merge first."))
    ask(merging.merge, object_type, record_id, other, (version, other_version), user_id=current_user.id)
    flash(_("The two records are one now."), "good")
    return redirect(url_for("records.show", object_type=object_type, record_id=record_id), 303)


def _found(object_type: ObjectType, record_id: int, search: str) -> list[records.Record]:
    rows = record_lists.page(page_session(), object_type, Question(search=search, state="any")).rows
    return [row for row in rows if row.id != record_id][:12]
