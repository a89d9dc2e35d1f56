"""The status mapping: both tables of both object types on one page, with where each value ends up."""

from collections.abc import Mapping as Given

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.mapping.changes import Change, status_changes
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.statuses import RoundTrip, round_trips
from webapp.domain.records.fields import OBJECT_TYPES, STATUSES, ObjectType
from webapp.store.mapping import mappings
from webapp.text.mapping import mapping_problem
from webapp.text.records.records import STATUS_LABELS, distinct
from webapp.text.translated import gettext as _
from webapp.text.translated import mark
from webapp.usecases.mapping import definitions
from webapp.usecases.mapping import save as save_mapping
from webapp.usecases.mapping.extent import extent
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.connection.required import require_connection
from webapp.web.connection.setup import setup_bar
from webapp.web.mapping import standing as mapping_standing
from webapp.web.mapping.lines import change_line, concerned, holding
from webapp.web.services import ask, page_session

blueprint = Blueprint("status_mapping", __name__, url_prefix="/integrations/hubspot/statuses")

_CHANGED_MEANWHILE = mark(
    "Nothing was saved yet: somebody else changed the mapping while you had it open. "
    "What you chose is kept below; look it over and save again."
)


class Tables(Struct):
    """The tables of one object type, as they are shown.

    `stages` are HubSpot's values with their labels, `remote` the property that holds them.
    """

    object_type: ObjectType
    remote: str
    stages: dict[str, str]
    status_in: dict[str, str]
    status_out: dict[str, str]
    trouble: str = ""
    is_unsaved: bool = False

    @property
    def stage_names(self) -> dict[str, str]:
        """The labels of HubSpot's values, by their internal names."""
        return distinct(self.stages)

    @property
    def has_flips(self) -> bool:
        """Whether a value would go back and forth."""
        return any(trip.flips for trip in self.trips)

    @property
    def trips(self) -> list[RoundTrip]:
        """The way of each value to the other side and back."""
        return round_trips(self.status_in, self.status_out)

    def take(self, given: Given[str, str]) -> None:
        """Put in what was chosen."""
        before = self.status_in, self.status_out
        self.status_in = {stage: text for stage in self.stages if (text := given.get(f"in:{stage}", ""))}
        self.status_out = {status: text for status in STATUSES if (text := given.get(f"out:{status}", ""))}
        self.is_unsaved = (self.status_in, self.status_out) != before


@blueprint.get("")
@administrators_only
def show() -> ResponseReturnValue:
    """Both object types' tables."""
    connection = require_connection()
    ask(definitions.ensure, connection.id)
    return _page(_tables(connection.id), mappings.version(page_session(), connection.id))


@blueprint.post("/<any(companies, contacts):object_type>")
@administrators_only
def save(object_type: ObjectType) -> ResponseReturnValue:
    """Store an object type's tables, or only show where their values would end up."""
    connection = require_connection()
    tables, version = _tables(connection.id), request.form.get("version", type=row_number)
    made_from = -1 if version is None else version
    chosen = tables[object_type]
    chosen.take(request.form)
    if "check" in request.form or "look" in request.form:
        return _page(tables, made_from)
    desired = save_mapping.requested_from(save_mapping.load(page_session(), connection.id)[object_type])
    before = desired.status_in, desired.status_out
    desired = replace(desired, status_in=chosen.status_in, status_out=chosen.status_out)
    is_shown = "shown" in request.form
    answer = ask(
        save_mapping.save if is_shown else save_mapping.check,
        connection.id,
        {object_type: desired},
        made_from,
    )
    if isinstance(answer, save_mapping.Overtaken):
        chosen.trouble = _(_CHANGED_MEANWHILE)
        return _page(tables, answer.version), 409
    if isinstance(answer, save_mapping.Refused):
        chosen.trouble = " ".join(mapping_problem(one.problem) for one in answer.problems)
        return _page(tables, made_from), 422
    if answer is None:
        return _review(chosen, made_from, status_changes(before, (chosen.status_in, chosen.status_out)))
    flash(_("The statuses were saved."), "good")
    return redirect(url_for(".show"), 303)


def _review(chosen: Tables, made_from: int, changes: list[Change]) -> ResponseReturnValue:
    """The changes that saving the tables would make; without any it leads back to them."""
    if not changes:
        flash(_("These are the statuses already; nothing was changed."), "info")
        return redirect(url_for(".show"), 303)
    found = ask(extent, require_connection().id, chosen.object_type)
    sent = {"version": made_from, **{f"in:{one}": status for one, status in chosen.status_in.items()}}
    return render_template(
        "mapping/review.html",
        title=_("Changes to the statuses of companies")
        if chosen.object_type == "companies"
        else _("Changes to the statuses of contacts"),
        back=url_for(".show"),
        back_text=_("Status mapping"),
        address=url_for(".save", object_type=chosen.object_type),
        sent=sent | {f"out:{status}": stage for status, stage in chosen.status_out.items()},
        changes=[(change_line(one, chosen.stage_names), holding(one, found)) for one in changes],
        concerned=concerned(found),
        hint=_("What both sides hold now stays until one of them changes, or a Pull or Push writes it."),
    )


def _page(tables: dict[ObjectType, Tables], version: int) -> str:
    return render_template(
        "mapping/statuses.html",
        tables=tables.values(),
        standing=[
            one for one in mapping_standing.of_connection(require_connection().id) if one.field == "status"
        ],
        statuses=list(STATUS_LABELS.items()),
        is_check="check" in request.form,
        version=version,
        bar=setup_bar("statuses"),
    )


def _tables(connection_id: int) -> dict[ObjectType, Tables]:
    present = save_mapping.load(page_session(), connection_id)
    return {kind: _tables_of(connection_id, present[kind]) for kind in OBJECT_TYPES}


def _tables_of(connection_id: int, present: Mapping) -> Tables:
    stages = dict(save_mapping.stages(page_session(), connection_id, present))
    # A mapped stage stays in the list while HubSpot lacks it, or while it was not read yet.
    for stage in (*present.status_in, *present.status_out.values()):
        stages.setdefault(stage, stage)
    prop = present.property_names.get("status", "")
    return Tables(present.object_type, prop, stages, present.status_in, present.status_out)
