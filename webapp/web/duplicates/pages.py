"""Possible duplicates: the list, two or more side by side, and what people decide about them."""

from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from msgspec import structs

from webapp.domain.duplicates.groups import Group, all_apart, apart_from
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.store.connection import connections
from webapp.store.database.pages import Page
from webapp.store.duplicates import lists, merged, pairs
from webapp.store.duplicates.lists import Question
from webapp.store.duplicates.pairs import PossibleDuplicate
from webapp.text import duplicates as texts
from webapp.text.records.records import called
from webapp.text.translated import gettext as _
from webapp.text.translated import ngettext
from webapp.usecases.duplicates import decisions, scan
from webapp.usecases.people import audit as audit_log
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.duplicates import csv_export
from webapp.web.duplicates.listing import (
    address_of,
    filter_of,
    question_of,
    sign_choices,
    strength_choices,
    tabs_of,
)
from webapp.web.duplicates.view import compare, group_views, winners
from webapp.web.runs.leading import lead_to_started
from webapp.web.services import ask, end_reading, page_session

blueprint = Blueprint("duplicates", __name__, url_prefix="/duplicates")

# A page of pairs that all belong to groups further up shows nothing; then the next one is read.
_MOST_PAGES = 5


def register(app: Flask) -> None:
    """Give the templates the texts about possible duplicates."""
    app.jinja_env.globals.update(duplicate_texts=texts, merged_name=_merged_name)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The pairs and groups, the strongest first."""
    session, question = page_session(), question_of(request.args)
    counted = lists.counts(session)
    after = request.args.get("after", "")
    page = lists.page(session, question, after=after)
    views = group_views(session, question, page.rows)
    for _page in range(_MOST_PAGES):
        if views or not page.next:
            break
        page = lists.page(session, question, after=page.next)
        views = group_views(session, question, page.rows)
    return render_template(
        "duplicates/index.html",
        question=question,
        views=views,
        page=Page(page.rows, next=page.next, is_first=not after),
        connection=connections.latest(session),
        tabs=tabs_of(counted),
        signs=sign_choices(counted, question),
        strengths=strength_choices(counted, question),
        total=sum(one.count for one in counted if one.state == "open"),
        shown=lists.count_some(session, question),
        address=lambda **changed: address_of(question, **changed),
        filters=filter_of(question),
    )


@blueprint.get("/export.csv")
def export() -> ResponseReturnValue:
    """The pairs that the filter shows as a CSV file."""
    question = question_of(request.args)
    ask(audit_log.record_export, "duplicates", object_type=question.object_type)
    end_reading()
    headers = {"Content-Disposition": 'attachment; filename="possible-duplicates.csv"'}
    return Response(stream_with_context(csv_export.rows(question)), mimetype="text/csv", headers=headers)


@blueprint.post("/scan")
@administrators_only
def begin_scan() -> ResponseReturnValue:
    """Compare the whole book, and lead to the run."""
    started = ask(scan.start, trigger="button", user_id=current_user.id)
    return lead_to_started(started)


@blueprint.get("/<int:pair_id>")
def show(pair_id: int) -> ResponseReturnValue:
    """The records of a group side by side; with `pair`, the two alone."""
    row = found_pair(pair_id)
    kind, session = type_of(row), page_session()
    group = group_of(row)
    connection = connections.latest(session)
    comparison = compare(session, kind, group, connection.id if connection else None)
    if comparison is None:
        abort(404, _("One of the two is not here any more, so there is nothing to decide."))
    shows_all = "all" in request.args
    return render_template(
        "duplicates/show.html",
        pair=row,
        object_type=kind,
        comparison=comparison,
        rows=[one for one in comparison.rows if shows_all or one.differs],
        shows_all=shows_all,
        is_pair_alone="pair" in request.args,
        connection=connection,
        linked=sum(one.remote_id is not None and one.state == "linked" for one in comparison.records),
        back=address_of(Question(kind, state=_state(row))),
    )


def group_of(row: PossibleDuplicate) -> Group:
    """The group of a pair; the pair alone where it was decided, or the address says so."""
    pair = pairs.as_pair(row)
    if row.state == "open" and "pair" not in request.values:
        found = lists.groups(page_session(), type_of(row), pair.ids)
        for group in found:
            if pair in group.pairs:
                return group
    return Group(pair.ids, (pair,))


def found_pair(pair_id: int) -> PossibleDuplicate:
    """The pair of an address."""
    row = pairs.get(page_session(), pair_id)
    if row is None or row.state == "merged":
        abort(404, _("This has already been decided."))
    return row


def type_of(row: PossibleDuplicate) -> ObjectType:
    """The object type of a pair."""
    return "companies" if row.object_type == "companies" else "contacts"


def _state(row: PossibleDuplicate) -> Any:
    return row.state


@blueprint.post("/<int:pair_id>/decision")
def decide(pair_id: int) -> ResponseReturnValue:
    """Keep records apart for good, or ask about them again."""
    row, verb = found_pair(pair_id), request.form.get("verb")
    kind, group = type_of(row), group_of(row)
    if verb == "reopen":
        ask(decisions.reopen, kind, [(row.lower_id, row.higher_id)])
        flash(_("It is asked about again."), "good")
    elif verb == "not_the_same":
        ids = _to_keep_apart(_seen_of(group))
        ask(decisions.keep_apart, kind, ids, user_id=current_user.id)
        flash(
            _("Remembered as not the same. If you change your mind, you find the pair under Not the same."),
            "good",
        )
    else:
        abort(400, _("Choose what is to happen: not the same, or ask again."))
    return redirect(_next_place(kind), 303)


def _next_place(kind: ObjectType) -> str:
    """The list as it was left; its next line has the focus, so that keys go on from there."""
    question = structs.replace(question_of(request.args), object_type=kind)
    address = address_of(question, after=request.args.get("after", ""))
    following = request.form.get("next", type=row_number)
    return f"{address}#pair-{following}" if following is not None else address


def _to_keep_apart(members: list[int]) -> list[tuple[int, int]]:
    """The pairs that are decided: those of one member that the form names, or all of them."""
    record_id = request.form.get("record_id", type=row_number)
    if len(members) == 1 or record_id not in (None, *members):
        abort(404, _("This has already been decided."))
    return all_apart(members) if record_id is None else apart_from(members, record_id)


def _seen_of(group: Group) -> list[int]:
    """The records of a group that the page has shown: another one may have joined it since."""
    if "seen" not in request.form:
        return list(group.record_ids)
    seen = set(map(row_number, request.form["seen"].split()))
    return [one for one in group.record_ids if one in seen]


@blueprint.post("/<int:pair_id>/merge")
def merge(pair_id: int) -> ResponseReturnValue:
    """Merge the chosen records here, with the chosen values."""
    row = found_pair(pair_id)
    kind, group = type_of(row), group_of(row)
    chosen = chosen_records(group)
    stays = _number("stays")
    ask(
        decisions.merge_group,
        kind,
        stays,
        looked_at(chosen),
        values_from=chosen_values(chosen),
        user_id=current_user.id,
        may_be_apart=shown_apart(),
    )
    flash(
        _("They are now one record. Until the log is cleared, you can take this back under Merged."), "good"
    )
    return redirect(url_for("records.show", object_type=kind, record_id=stays), 303)


def _number(name: str) -> int:
    found = request.form.get(name, type=row_number)
    return found or 0


def chosen_records(group: Group) -> list[int]:
    """The records of a group that the form names: those that are ticked, or both of a pair."""
    named = [*request.form.getlist("record"), *request.form.get("records", "").split()]
    return [one for one in group.record_ids if one in set(map(row_number, named))]


def looked_at(chosen: list[int]) -> dict[int, int]:
    """Of each record the version that the form shows."""
    return {one: _number(f"version.{one}") for one in chosen}


def shown_apart() -> bool:
    """Whether the page of the form has shown a pair that is not the same."""
    return "apart" in request.form


def chosen_values(chosen: list[int]) -> dict[str, int]:
    """By field of the form, the record whose value stays."""
    found: dict[str, int] = {}
    for name, text in request.form.items():
        record_id = row_number(text)
        if name.startswith("value.") and record_id in chosen and record_id is not None:
            found[name.removeprefix("value.")] = record_id
    return found


@blueprint.get("/merged")
def merged_ones() -> ResponseReturnValue:
    """The merges that can be taken back, the latest first."""
    session = page_session()
    page = merged.page(session, after=request.args.get("after", ""))
    return render_template(
        "duplicates/merged.html",
        page=page,
        winners=winners(session, page.rows),
        tabs=tabs_of(lists.counts(session)),
        address=lambda **place: url_for(".merged_ones", **place),
    )


def _merged_name(row: merged.MergedRecord) -> str:
    """The name of a record that was merged away."""
    object_type: Any = row.object_type
    return called(object_type, record_name(object_type, (row.kept or {}).get("values", {})))


@blueprint.post("/merged/<any(companies, contacts):object_type>/<int:loser_id>/taking-apart")
def take_apart(object_type: ObjectType, loser_id: int) -> ResponseReturnValue:
    """Take a merge back."""
    left = ask(decisions.take_apart, object_type, loser_id, user_id=current_user.id)
    flash(_("They are two records again, listed under Possible duplicates."), "good")
    if left:
        text = ngettext(
            "%(num)s field was changed since the merge: it stays as it is.",
            "%(num)s fields were changed since the merge: these stay as they are.",
            len(left),
        )
        flash(text, "warn")
    return redirect(url_for("records.show", object_type=object_type, record_id=loser_id), 303)
