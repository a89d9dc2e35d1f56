"""The field mapping: what is mapped, one field's mapping, and HubSpot's properties to choose from."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from msgspec.structs import replace

from webapp.domain.mapping.changes import field_changes
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import PullOptions, PushOptions
from webapp.errors import RefusedError
from webapp.text.mapping import mapping_problem
from webapp.text.refusals import refusal, refused
from webapp.text.translated import gettext as _
from webapp.text.translated import mark
from webapp.usecases.mapping import definitions
from webapp.usecases.mapping import save as save_mapping
from webapp.usecases.mapping.extent import extent
from webapp.usecases.runs import lifecycle
from webapp.web.access import administrators_only
from webapp.web.connection.required import require_connection
from webapp.web.connection.setup import setup_bar
from webapp.web.fragments import wants_fragment
from webapp.web.mapping import view as mapping_view
from webapp.web.mapping.lines import change_line, concerned
from webapp.web.services import ask, page_session

blueprint = Blueprint("mapping", __name__, url_prefix="/integrations/hubspot")

_TYPES = "<any(companies, contacts):object_type>"
_CHANGED_MEANWHILE = mark(
    "Nothing was saved yet: somebody else changed the mapping while you had it open. "
    "What you chose is kept below; look it over and save again."
)


@blueprint.get("/fields")
@administrators_only
def fields() -> ResponseReturnValue:
    """The field mapping begins with companies."""
    return redirect(url_for(".of_type", object_type="companies"), 302)


@blueprint.get(f"/fields/{_TYPES}")
@administrators_only
def of_type(object_type: ObjectType) -> ResponseReturnValue:
    """Every field of an object type, and HubSpot's properties; for htmx the properties found alone."""
    connection = require_connection()
    ask(definitions.ensure, connection.id)
    context = mapping_view.overview(connection.id, object_type, request.args.get("q", ""))
    if wants_fragment():
        return render_template("mapping/_properties.html", **context)
    return render_template("mapping/fields.html", bar=setup_bar("fields"), **context)


@blueprint.get(f"/fields/{_TYPES}/<field>")
@administrators_only
def field(object_type: ObjectType, field: str) -> ResponseReturnValue:
    """One field's mapping; for htmx what follows from the chosen property alone."""
    form = _form(require_connection().id, object_type, field)
    form.take(request.args)
    template = "mapping/_field_choice.html" if wants_fragment() else "mapping/field.html"
    return render_template(template, form=form)


@blueprint.post(f"/fields/{_TYPES}/<field>")
@administrators_only
def save_field(object_type: ObjectType, field: str) -> ResponseReturnValue:
    """Store one field's mapping."""
    connection = require_connection()
    form = _form(connection.id, object_type, field)
    form.take(request.form)
    if "look" in request.form:
        return render_template("mapping/field.html", form=form)
    desired = {object_type: _with(form, object_type)}
    is_shown = "shown" in request.form
    answer = ask(save_mapping.save if is_shown else save_mapping.check, connection.id, desired, form.version)
    if isinstance(answer, save_mapping.Overtaken):
        form.version, form.trouble = answer.version, _(_CHANGED_MEANWHILE)
        return render_template("mapping/field.html", form=form), 409
    if isinstance(answer, save_mapping.Refused):
        form.trouble = " ".join(mapping_problem(one.problem) for one in answer.problems)
        return render_template("mapping/field.html", form=form), 422
    if answer is None:
        return _review(form)
    flash(_("The mapping of %(field)s was saved.", field=form.label), "good")
    if (object_type, field) in answer.started:
        return redirect(url_for(".field", object_type=object_type, field=field, new="yes"), 303)
    return redirect(url_for(".of_type", object_type=object_type), 303)


def _review(form: mapping_view.FieldForm) -> ResponseReturnValue:
    """The changes that saving the form would make; without any it leads back to the list."""
    changes = field_changes(form.present, form.as_field_map())
    if not changes:
        flash(_("This is the mapping already; nothing was changed."), "info")
        return redirect(url_for(".of_type", object_type=form.object_type), 303)
    address = url_for(".save_field", object_type=form.object_type, field=form.field.name)
    sent = {"version": form.version, "property": form.chosen, "direction": form.direction}
    sent |= {"blank_policy": form.blank_policy, **form.sent_options}
    return render_template(
        "mapping/review.html",
        title=_("Changes to %(field)s", field=form.label),
        back=url_for(".field", object_type=form.object_type, field=form.field.name),
        back_text=form.label,
        address=address,
        sent=sent,
        changes=[(change_line(one, form.names | form.option_names), "") for one in changes],
        concerned=concerned(ask(extent, require_connection().id, form.object_type)),
        hint=_("It applies to everything that is synced from then on, in runs under way too."),
    )


@blueprint.post(f"/fields/{_TYPES}/<field>/look")
@administrators_only
def look_at(object_type: ObjectType, field: str) -> ResponseReturnValue:
    """Keep that a person has looked at what HubSpot changed about a field's property."""
    connection = require_connection()
    form = _form(connection.id, object_type, field)
    if form.present is not None:
        ask(definitions.look_at, connection.id, object_type, [form.present.property])
        flash(_("What HubSpot changed about %(field)s was seen.", field=form.label), "good")
    return redirect(url_for(".of_type", object_type=object_type), 303)


@blueprint.post(f"/fields/{_TYPES}/<field>/filling")
@administrators_only
def fill(object_type: ObjectType, field: str) -> ResponseReturnValue:
    """Bring what is linked already to one field, by a pull or a push of it alone."""
    connection = require_connection()
    form = _form(connection.id, object_type, field)
    kind = "push" if request.form.get("kind") == "push" else "pull"
    options_type = PushOptions if kind == "push" else PullOptions
    if form.present is None or form.present.direction not in ("both", "out" if kind == "push" else "in"):
        abort(422, _("The field does not go that way."))
    try:
        started = ask(
            lifecycle.start,
            kind,
            connection_id=connection.id,
            trigger="button",
            started_by_id=current_user.id,
            options=options_type(fields={object_type: [field]}),
            is_preview="preview" in request.form,
        )
    except RefusedError as error:
        flash(refused(error), "bad")
        return redirect(url_for(".field", object_type=object_type, field=field), 303)
    return redirect(url_for("sync_log.show", run_id=started.run_id), 303)


@blueprint.post("/definitions")
@administrators_only
def refresh() -> ResponseReturnValue:
    """Read HubSpot's properties again."""
    error = ask(definitions.refresh, require_connection().id)
    if error:
        text = _(
            "HubSpot's properties could not be read: %(why)s What was known is kept.", why=refusal(error)
        )
        flash(text, "bad")
    else:
        flash(_("HubSpot's properties were read."), "good")
    object_type = "contacts" if request.form.get("object_type") == "contacts" else "companies"
    return redirect(url_for(".of_type", object_type=object_type), 303)


def _form(connection_id: int, object_type: ObjectType, name: str) -> mapping_view.FieldForm:
    form = mapping_view.field_form(connection_id, object_type, name)
    if form is None:
        abort(404, _("There is no such field."))
    return form


def _with(form: mapping_view.FieldForm, object_type: ObjectType) -> save_mapping.RequestedMapping:
    """The mapping in force with the form's field in the place of what it was."""
    present = save_mapping.load(page_session(), require_connection().id)[object_type]
    desired = save_mapping.requested_from(present)
    chosen = form.as_field_map()
    others = [item for item in desired.fields if item.field != form.field.name]
    return replace(desired, fields=(*others, chosen) if chosen else tuple(others))
