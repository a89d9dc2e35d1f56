"""Deleting one record, after a page that shows the effect."""

from typing import Any, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.deletion.plan import MOST_AT_ONCE, choices_of, is_for_a_run
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import ContactChoice, DeleteOptions
from webapp.errors import RefusedError
from webapp.store.records import records
from webapp.text.translated import gettext as _
from webapp.usecases.deletion import run as deletion_run
from webapp.usecases.deletion.one import delete_one
from webapp.usecases.deletion.request import foresee, terms_of
from webapp.web.addresses import row_number
from webapp.web.presentation import name_of
from webapp.web.records.company_choices import choice_refused, company_choices
from webapp.web.services import ask, page_session, services

blueprint = Blueprint(
    "deletion", __name__, url_prefix="/<any(companies, contacts):object_type>/<int:record_id>/deletion"
)


@blueprint.get("")
def show(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """The effect of deleting the record, and the choice that it needs."""
    return _page(object_type, record_id)


@blueprint.post("")
def delete(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """Delete the record; a company with very many contacts is deleted by a run."""
    if "find" in request.form:
        return _page(object_type, record_id)
    options = _options(object_type, record_id)
    found = ask(foresee, options)
    try:
        if is_for_a_run(found.extent, terms_of(options)) and current_user.is_administrator:
            started = ask(deletion_run.start, options, trigger="button", user_id=current_user.id)
            return redirect(url_for("sync_log.show", run_id=started.run_id), 303)
        ask(delete_one, options, trigger="button", user_id=current_user.id)
    except RefusedError as error:
        return _page(object_type, record_id, choice_refused(error)), 422
    flash(_("The record was deleted here. HubSpot was not touched."), "good")
    return redirect(url_for("records.show", object_type=object_type, record_id=record_id), 303)


def _page(object_type: ObjectType, record_id: int, error: str = "") -> str:
    record = records.get(page_session(), object_type, record_id)
    if record is None:
        abort(404, _("There is no such record. It may have been deleted already."))
    name = name_of(object_type, record)
    found = ask(foresee, _options(object_type, record_id))
    context: dict[str, Any] = {}
    if found.extent.contacts:
        context = company_choices(request.form.get("company_search", ""), request.form.get("company_id", ""))
    return render_template(
        "deletion/one.html",
        object_type=object_type,
        record_id=record_id,
        name=name,
        extent=found.extent,
        choices=choices_of(found.extent),
        chosen=request.form.get("contacts", ""),
        needs_run=found.extent.contacts > MOST_AT_ONCE,
        most_at_once=MOST_AT_ONCE,
        kept_days=services().settings.log_retention_days,
        error=error,
        **context,
    )


def _options(object_type: ObjectType, record_id: int) -> DeleteOptions:
    return DeleteOptions(
        object_type=object_type,
        records=(record_id,),
        contacts=contact_choice(),
        company_id=request.form.get("company_id", type=row_number),
    )


def contact_choice() -> ContactChoice:
    """The choice for the contacts of a company, from the form."""
    given = request.form.get("contacts", "leave")
    return cast("ContactChoice", given) if given in ("delete", "move") else "leave"
