"""Custom fields: what administrators add to companies and contacts."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.records.custom_fields import LONGEST
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.records.values import trimmed
from webapp.store.records import custom_fields as stored
from webapp.store.records.custom_fields import Defined
from webapp.text.records.records import FIELD_KINDS, value_problems
from webapp.text.records.records import OBJECT_TYPES as TYPE_LABELS
from webapp.text.sentence import sentence_case
from webapp.text.translated import gettext as _
from webapp.usecases.records import custom_fields
from webapp.web.access import administrators_only
from webapp.web.services import ask, page_session

blueprint = Blueprint("custom_fields", __name__, url_prefix="/custom-fields")


@blueprint.get("")
@administrators_only
def index() -> ResponseReturnValue:
    """All fields, and the form of a new one."""
    return _page({"object_type": request.args.get("object_type", "companies"), "kind": "text"}, {})


@blueprint.post("")
@administrators_only
def create() -> ResponseReturnValue:
    """Define a field."""
    given = {name: request.form.get(name, "") for name in ("object_type", "name", "label", "kind", "options")}
    object_type: ObjectType = "contacts" if given["object_type"] == "contacts" else "companies"
    name = trimmed(given["name"]).removeprefix("custom.")
    errors = ask(
        custom_fields.create,
        object_type,
        name,
        label=given["label"],
        kind=given["kind"],
        options=given["options"],
    )
    if errors:
        return _page(given, value_problems(errors)), 422
    text = _("The field %(field)s was added. It can be mapped to HubSpot now.", field=given["label"].strip())
    flash(text, "good")
    return redirect(url_for(".index", object_type=object_type), 303)


@blueprint.get("/<int:field_id>")
@administrators_only
def show(field_id: int) -> ResponseReturnValue:
    """The form of a field."""
    found = _found(field_id)
    return _field_page(found, {"label": found.field.label, "added": ""}, {})


@blueprint.post("/<int:field_id>")
@administrators_only
def change(field_id: int) -> ResponseReturnValue:
    """Change a field's label, its options, or retire it."""
    found = _found(field_id)
    given = {name: request.form.get(name, "") for name in ("label", "added")}
    errors = ask(
        custom_fields.change,
        field_id,
        label=given["label"],
        added=given["added"],
        retired=request.form.getlist("retired"),
        is_retired="is_retired" in request.form,
    )
    if errors:
        return _field_page(found, given, value_problems(errors)), 422
    flash(_("The field %(field)s was saved.", field=given["label"].strip()), "good")
    return redirect(url_for(".index"), 303)


def _page(given: dict[str, str], errors: dict[str, str]) -> str:
    fields = {kind: stored.every(page_session(), kind) for kind in OBJECT_TYPES}
    return render_template(
        "records/custom_fields/index.html",
        fields=fields,
        given=given,
        errors=errors,
        kinds=[(kind, sentence_case(FIELD_KINDS[kind])) for kind in LONGEST],
        object_types=[(kind, TYPE_LABELS[kind][1]) for kind in OBJECT_TYPES],
        kind_labels=FIELD_KINDS,
    )


def _field_page(found: Defined, given: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "records/custom_fields/form.html", found=found, given=given, errors=errors, kind_labels=FIELD_KINDS
    )


def _found(field_id: int) -> Defined:
    found = stored.get(page_session(), field_id)
    if found is None:
        abort(404, _("There is no such field."))
    return found
