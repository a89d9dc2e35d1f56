"""Privacy deletions: an administrator decides what becomes of the traces that are kept here."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.text.translated import gettext as _
from webapp.usecases.privacy import erase
from webapp.web.access import administrators_only
from webapp.web.services import ask

blueprint = Blueprint("privacy", __name__, url_prefix="/privacy-deletions")


@blueprint.post("/<int:deletion_id>/decision")
@administrators_only
def decide(deletion_id: int) -> ResponseReturnValue:
    """Take note of a privacy deletion, and erase what is kept about the person elsewhere if so decided."""
    erases = "erase" in request.form
    if not ask(erase.decide_deletion, deletion_id, user_id=current_user.id, erases=erases):
        flash(_("Somebody has already decided about it."), "info")
    elif erases:
        flash(_("Erased: what the log, the links and the lists held about them. The record stays."), "good")
    else:
        flash(_("Noted. What is kept here stays."), "info")
    return redirect(url_for("integrations.hubspot"), 303)
