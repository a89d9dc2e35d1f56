"""The sync rules: what comes in and what goes out, built, tried and saved."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.records.fields import Field, ObjectType
from webapp.domain.rules.check import askable, check_rule
from webapp.domain.rules.trial import Trial
from webapp.store.records import custom_fields
from webapp.store.rules import rules
from webapp.text.rules import rule_problem
from webapp.text.translated import gettext as _
from webapp.usecases.rules import sync_rules
from webapp.usecases.rules import trials as rule_trials
from webapp.usecases.rules.sync_rules import Direction
from webapp.usecases.rules.trials import Question
from webapp.web.access import administrators_only
from webapp.web.connection.required import require_connection
from webapp.web.connection.setup import setup_bar
from webapp.web.fragments import wants_fragment
from webapp.web.records.field_labels import label
from webapp.web.rules.forms import RuleForm, form_of, operators_of, read_form
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
    """Save the rule, or only try it, or give the form one condition more or less."""
    connection_id = require_connection().id
    form, undo_request = read_form(request.form), request.form.get("do", "")
    if undo_request not in ("save", "try"):
        form.change(undo_request)
        form.fit(_fields(object_type))
        return _page(object_type, side, form)
    rule = form.as_rule({field.name: field for field in _fields(object_type)})
    custom = custom_fields.load(page_session(), object_type)
    if problems := check_rule(object_type, rule, custom, custom_fields.load(page_session(), "companies")):
        return _page(object_type, side, form, problems=list(map(rule_problem, problems))), 422
    if undo_request == "try":
        question = Question(connection_id, object_type, side, rule)
        trial = ask(rule_trials.trial, question)
        counting = ask(rule_trials.begin, question) if trial.is_estimate else None
        return _page(object_type, side, form, trial=trial, counting=counting)
    ask(sync_rules.save, connection_id, {object_type: {side: rule}})
    flash(_("The rule is in force. What is linked keeps syncing."), "good")
    return redirect(url_for(".show", object_type=object_type, side=side), 303)


@blueprint.get("/trials/<int:trial_id>")
@administrators_only
def trial(trial_id: int) -> ResponseReturnValue:
    """What has been counted of a rule so far; for htmx alone, else as a page."""
    found = ask(rule_trials.counted, trial_id)
    if found is None:
        abort(404, _("This trial is not kept any more. Try the rule again."))
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


def _page(
    object_type: ObjectType,
    side: Direction,
    form: RuleForm,
    *,
    problems: list[str] | None = None,
    trial: Trial | None = None,
    counting: int | None = None,
) -> str:
    fields = _fields(object_type)
    return render_template(
        "rules/show.html",
        object_type=object_type,
        side=side,
        form=form,
        problems=problems,
        trial=trial,
        counting=counting,
        fields=fields,
        label_of=lambda field: label(object_type, field.name),
        bar=setup_bar("rules"),
        operators_of=lambda row: operators_of(row, fields),
    )


def _fields(object_type: ObjectType) -> tuple[Field, ...]:
    """What a rule may ask about."""
    session = page_session()
    custom = custom_fields.load(session, object_type)
    return askable(object_type, custom, custom_fields.load(session, "companies"))
