"""Which notifications a person gets by mail."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.notifications.kinds import KINDS, LARGEST_LIMIT, Choice
from webapp.store.notifications import choices, mails
from webapp.text.notifications.notifications import OFFERS
from webapp.text.translated import gettext
from webapp.usecases.notifications import choose
from webapp.web.addresses import row_number
from webapp.web.services import ask, page_session, services

blueprint = Blueprint("notifications", __name__, url_prefix="/profile/notifications")


@blueprint.get("")
def show() -> ResponseReturnValue:
    """The kinds to choose from, with the present choices."""
    return _page(choices.of_person(page_session(), current_user.id))


@blueprint.post("")
def save() -> ResponseReturnValue:
    """Keep what was chosen."""
    chosen, wrong = _chosen()
    if wrong:
        return _page(chosen, wrong), 422
    ask(choose.save, current_user.id, chosen)
    flash(gettext("Saved: these are the mails that you get from now on."), "good")
    return redirect(url_for(".show"), 303)


def _chosen() -> tuple[dict[str, Choice], dict[str, str]]:
    """The choices in the form by kind, and limits that are not numbers, as they were typed."""
    found, wrong = {}, {}
    for kind in KINDS:
        above, typed = kind.above_at_first, request.form.get(f"{kind.name}_above", "").strip()
        if above is not None and typed:
            above = row_number(typed)
            if above is None or not 0 < above <= LARGEST_LIMIT:
                wrong[kind.name] = typed
        found[kind.name] = Choice(is_on=kind.name in request.form, above=above)
    return found, wrong


def _page(chosen: Mapping[str, Choice], wrong: Mapping[str, str] | None = None) -> str:
    return render_template(
        "notifications/show.html",
        kinds=KINDS,
        offers=OFFERS,
        chosen=chosen,
        wrong=wrong or {},
        largest=LARGEST_LIMIT,
        has_mail_server=bool(services().settings.mail_server),
        latest=mails.latest_to(page_session(), current_user.email),
    )
