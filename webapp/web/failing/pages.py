"""Records whose latest sync failed, by cause, and trying them again: one, all of a cause, or all of a run."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.records.fields import OBJECT_TYPES
from webapp.store.connection import connections
from webapp.store.database.pages import Page
from webapp.store.failing import failures
from webapp.store.failing.failures import Cause, FailingRecord
from webapp.store.runs.failures import FailureSelection
from webapp.text.reasons import REASONS
from webapp.text.translated import ngettext
from webapp.usecases.failing import retry as retry_failing
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.fragments import lead_to
from webapp.web.list_counts import list_counts
from webapp.web.mapping import standing as mapping_standing
from webapp.web.runs.names import names_of
from webapp.web.services import ask, page_session

blueprint = Blueprint("failing", __name__, url_prefix="/held/failing")

_A_PAGE = 50
# The first ones of each cause stand for all; the page of the cause has the rest.
_SAMPLES = 3


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The causes with their counts; of a single cause also the records."""
    session = page_session()
    connection = connections.latest(session)
    causes = failures.causes(session, connection.id) if connection else []
    # If nothing is left of a cause, the page leads back to the others.
    chosen = [cause for cause in causes if _is_chosen(cause)] or causes
    is_one = len(chosen) == 1 and "reason" in request.args
    page: Page[FailingRecord] = Page([])
    samples: list[tuple[Cause, list[FailingRecord]]] = []
    if connection is not None and is_one:
        after = request.args.get("after", "")
        page = failures.page(session, connection.id, chosen, after=after, limit=_A_PAGE)
    elif connection is not None:
        samples = [
            (cause, failures.page(session, connection.id, [cause], limit=_SAMPLES).rows) for cause in chosen
        ]
    return render_template(
        "failing/index.html",
        causes=causes,
        cause=chosen[0] if is_one else None,
        samples=samples,
        address=_address_of(chosen[0]) if is_one else None,
        page=page,
        run_names=names_of(session, [one.run_id for one in page.rows]),
        connection=connection,
        standing=mapping_standing.of_connection(connection.id) if connection else [],
        **list_counts(connection.id if connection else None),
    )


def _address_of(cause: Cause) -> Callable[..., str]:
    """A function that gives the addresses of the pages of one cause."""
    of_cause: dict[str, Any] = {"reason": cause.reason, "property": cause.property, "type": cause.object_type}
    return lambda **place: url_for(".index", **of_cause, **place)


@blueprint.post("/retry")
@administrators_only
def retry() -> ResponseReturnValue:
    """Try again what the form names."""
    retried = ask(retry_failing.retry, _selection(), current_user.id)
    if retried.run_id is not None:
        address = url_for("sync_log.show", run_id=retried.run_id)
    else:
        message = ngettext(
            "%(num)s record is read from HubSpot again in a moment. What fails again comes back here.",
            "%(num)s records are read from HubSpot again in a moment. What fails again comes back here.",
            retried.objects,
        )
        flash(message, "good")
        address = url_for(".index")
    return lead_to(address)


def _is_chosen(cause: Cause) -> bool:
    if "reason" not in request.args:
        return True
    chosen = (request.args["reason"], request.args.get("property", ""), request.args.get("type"))
    return chosen == (cause.reason, cause.property, cause.object_type)


def _selection() -> FailureSelection:
    """The selection in the form; nothing if it makes no sense."""
    given = request.form
    reason = given.get("reason")
    if reason is not None and reason not in REASONS:
        return FailureSelection(id=0)
    return FailureSelection(
        id=_number("id"),
        run_id=_number("run_id"),
        object_type=given.get("type") if given.get("type") in OBJECT_TYPES else None,
        reason=reason,
        property=given.get("property") if reason is not None else None,
    )


def _number(name: str) -> int | None:
    if name not in request.form:
        return None
    return request.form.get(name, type=row_number) or 0
