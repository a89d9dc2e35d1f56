"""Deleting many records: those ticked in a list, or all that its filter shows; as a run."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.deletion.plan import choices_of
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import DeleteOptions
from webapp.errors import RefusedError
from webapp.text.translated import gettext as _
from webapp.usecases.deletion import run as deletion_run
from webapp.usecases.deletion.request import foresee
from webapp.web.access import administrators_only
from webapp.web.deletion.one import contact_choice
from webapp.web.records.company_choices import choice_refused, company_choices
from webapp.web.records.listing.selection import filter_address, selection
from webapp.web.runs.leading import lead_to_started
from webapp.web.services import ask, services

blueprint = Blueprint("deletions", __name__, url_prefix="/<any(companies, contacts):object_type>/deletion")


@blueprint.get("")
@administrators_only
def show(object_type: ObjectType) -> ResponseReturnValue:
    """The effect of deleting the chosen records."""
    return _page(object_type)


@blueprint.post("")
@administrators_only
def delete(object_type: ObjectType) -> ResponseReturnValue:
    """Start the run that deletes them, or the preview of one."""
    if "find" in request.form:
        return _page(object_type)
    is_preview = "preview" in request.form
    try:
        started = ask(
            deletion_run.start,
            _options(object_type),
            trigger="button",
            user_id=current_user.id,
            is_preview=is_preview,
        )
    except RefusedError as error:
        return _page(object_type, choice_refused(error))
    return lead_to_started(started)


def _page(object_type: ObjectType, error: str = "") -> ResponseReturnValue:
    options = _options(object_type)
    if options.records == ():
        flash(_("None was chosen: first tick the ones you mean."), "warn")
        filters = filter_address(options.listed)
        return redirect(url_for("records.index", object_type=object_type, **filters), 303)
    found = ask(foresee, options)
    context: dict[str, Any] = {}
    if found.extent.contacts:
        context = company_choices(request.form.get("company_search", ""), request.form.get("company_id", ""))
    page = render_template(
        "deletion/many.html",
        object_type=object_type,
        options=found.options,
        extent=found.extent,
        choices=choices_of(found.extent),
        chosen=contact_choice(),
        filters=filter_address(options.listed),
        kept_days=services().settings.log_retention_days,
        error=error,
        **context,
    )
    return (page, 422) if error else page


def _options(object_type: ObjectType) -> DeleteOptions:
    """The selection in the list's address or in the form."""
    return DeleteOptions(object_type=object_type, contacts=contact_choice(), **selection())
