"""The sync rules: what comes in and what goes out, built, tried and saved."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.records.fields import Field, ObjectType
from webapp.domain.rules.check import check_conditions
from webapp.domain.rules.rule import Rule
from webapp.domain.rules.trial import Trial, change_digest
from webapp.store.rules import rules
from webapp.text.rules import rule_problem
from webapp.text.translated import gettext as _
from webapp.usecases.rules import sync_rules
from webapp.usecases.rules import trials as rule_trials
from webapp.usecases.rules.trials import Question
from webapp.usecases.rules.vocabulary import Direction, askable_fields, vocabularies
from webapp.web.access import administrators_only
from webapp.web.connection.required import require_connection
from webapp.web.connection.setup import setup_bar
from webapp.web.fragments import wants_fragment
from webapp.web.records.field_labels import label
from webapp.web.rules.controls import control_of
from webapp.web.rules.forms import RuleForm, condition_of, form_of, operators_of, read_form
from webapp.web.rules.lines import Lines, unmet_lines
from webapp.web.services import ask, page_session

blueprint = Blueprint("rules", __name__, url_prefix="/integrations/hubspot/rules")

_ADDRESS = "/<any(companies, contacts):object_type>/<any('in', out):side>"


@blueprint.get("")
@administrators_only
def index() -> ResponseReturnValue:
    """The first of the four rules."""
    return redirect(url_for(".show", object_type="companies", side="in"))


@blueprint.get(_ADDRESS)
@administrators_only
def show(object_type: ObjectType, side: Direction) -> ResponseReturnValue:
    """The rule in force, as a form."""
    rule = rules.load(page_session(), require_connection().id, object_type, side)
    return _page(object_type, side, form_of(rule))


@blueprint.post(_ADDRESS)
@administrators_only
def change(object_type: ObjectType, side: Direction) -> ResponseReturnValue:
    """Show what saving the rule would do, save it once that was shown, or change the form."""
    connection_id = require_connection().id
    form, undo_request = read_form(request.form), request.form.get("do", "")
    fields = _fields(object_type, side)
    if undo_request not in ("save", "try"):
        form.change(undo_request)
        form.fit(fields)
        added = undo_request.partition(":")[0] in ("add", "group")
        return _page(object_type, side, form, new_place=len(form.rows) - 1 if added else None)
    rule = form.as_rule({field.name: field for field in fields})
    if problems := check_conditions(rule, fields):
        return _page(object_type, side, form, problems=list(map(rule_problem, problems))), 422
    question = Question(connection_id, object_type, side, rule)
    if undo_request == "try":
        return _page(object_type, side, form, **_tried(question))
    in_force = rules.load(page_session(), connection_id, object_type, side)
    if rule == in_force:
        flash(_("This is the rule already; nothing was changed."), "info")
        return redirect(url_for(".show", object_type=object_type, side=side), 303)
    shown_before = request.form.get("shown", "")
    if shown_before and ask(sync_rules.save_shown, question, shown_before):
        flash(_("The rule now applies. Linked records keep syncing."), "good")
        return redirect(url_for(".show", object_type=object_type, side=side), 303)
    return _review(question, form, in_force, was_overtaken=bool(shown_before))


@blueprint.get("/trials/<int:trial_id>")
@administrators_only
def trial(trial_id: int) -> ResponseReturnValue:
    """The counts of a rule so far; for htmx as a part, else as a page."""
    found = ask(rule_trials.counted, trial_id)
    if found is None:
        abort(404, _("This trial is no longer kept. Try the rule again."))
    question, so_far, is_done = found
    template = "rules/_trial.html" if wants_fragment() else "rules/trial.html"
    return render_template(
        template,
        trial=so_far,
        counting=None if is_done else trial_id,
        is_so_far=not is_done,
        object_type=question.object_type,
        side=question.side,
    )


def _tried(question: Question) -> dict[str, Any]:
    """The effect of the rule; for very many records the count goes on in the background."""
    found = ask(rule_trials.trial, question)
    return {"trial": found, "counting": ask(rule_trials.begin, question) if found.is_estimate else None}


def _review(question: Question, form: RuleForm, in_force: Rule, *, was_overtaken: bool) -> str:
    """The changes that saving the rule makes, to be confirmed or abandoned."""
    lines = Lines(question)
    return render_template(
        "rules/review.html",
        object_type=question.object_type,
        side=question.side,
        form=form,
        shown=change_digest(in_force, question.rule),
        was_overtaken=was_overtaken,
        before=lines.of(in_force),
        before_join=in_force.join,
        after=lines.of(question.rule),
        warnings=lines.unmet(question.rule),
        **_tried(question),
    )


def _page(
    object_type: ObjectType,
    side: Direction,
    form: RuleForm,
    *,
    problems: list[str] | None = None,
    trial: Trial | None = None,
    counting: int | None = None,
    new_place: int | None = None,
) -> str:
    connection_id = require_connection().id
    fields = _fields(object_type, side)
    by_name = {field.name: field for field in fields}
    names = [row.field for row in form.rows]
    known = ask(vocabularies, connection_id, object_type, side, names)
    return render_template(
        "rules/show.html",
        object_type=object_type,
        side=side,
        form=form,
        is_unsaved=form.as_rule(by_name) != rules.load(page_session(), connection_id, object_type, side),
        problems=problems,
        trial=trial,
        counting=counting,
        new_place=new_place,
        fields=fields,
        ways=_ways(connection_id, object_type, side),
        label_of=lambda field: label(object_type, field.name),
        bar=setup_bar("rules"),
        operators_of=lambda row: operators_of(row, fields),
        control_of=lambda row: control_of(row, by_name.get(row.field), known.get(row.field)),
        unmet_of=lambda row: unmet_lines(object_type, condition_of(row, by_name), known.get(row.field)),
    )


def _ways(connection_id: int, object_type: ObjectType, side: Direction) -> list[tuple[object, ...]]:
    """The four rules as tabs, with how many conditions each has."""
    titles: dict[tuple[ObjectType, Direction], str] = {
        ("companies", "in"): _("Companies in"),
        ("companies", "out"): _("Companies out"),
        ("contacts", "in"): _("Contacts in"),
        ("contacts", "out"): _("Contacts out"),
    }
    found = []
    for (kind, way), text in titles.items():
        address = url_for(".show", object_type=kind, side=way)
        count = len(list(rules.load(page_session(), connection_id, kind, way).every_condition()))
        found.append((address, text, (kind, way) == (object_type, side), *([count] if count else [])))
    return found


def _fields(object_type: ObjectType, side: Direction) -> tuple[Field, ...]:
    """The fields that a rule may ask about."""
    return askable_fields(page_session(), require_connection().id, object_type, side)
