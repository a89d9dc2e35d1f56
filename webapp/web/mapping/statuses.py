"""The status mapping: both tables of both object types on one page, with where each value ends up."""

from collections.abc import Mapping as Given

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.statuses import RoundTrip, round_trips
from webapp.domain.records.fields import OBJECT_TYPES, STATUSES, ObjectType
from webapp.store.mapping import mappings
from webapp.text.mapping import mapping_problem
from webapp.text.records import distinct
from webapp.text.translated import gettext as _
from webapp.text.translated import mark
from webapp.usecases.mapping import definitions
from webapp.usecases.mapping import save as save_mapping
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.connection.required import require_connection
from webapp.web.connection.setup import setup_bar
from webapp.web.mapping import standing as mapping_standing
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

    @property
    def stage_names(self) -> dict[str, str]:
        """What HubSpot's values are called, by their internal names."""
        return distinct(self.stages)

    @property
    def trips(self) -> list[RoundTrip]:
        """Where each value ends up."""
        return round_trips(self.status_in, self.status_out)

    def take(self, given: Given[str, str]) -> None:
        """Put in what was chosen."""
        self.status_in = {stage: text for stage in self.stages if (text := given.get(f"in:{stage}", ""))}
        self.status_out = {status: text for status in STATUSES if (text := given.get(f"out:{status}", ""))}


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
    if "check" in request.form:
        return _page(tables, made_from)
    desired = save_mapping.requested_from(save_mapping.load(page_session(), connection.id)[object_type])
    desired = replace(desired, status_in=chosen.status_in, status_out=chosen.status_out)
    answer = ask(save_mapping.save, connection.id, {object_type: desired}, made_from)
    if isinstance(answer, save_mapping.Overtaken):
        chosen.trouble = _(_CHANGED_MEANWHILE)
        return _page(tables, answer.version), 409
    if isinstance(answer, save_mapping.Refused):
        chosen.trouble = " ".join(mapping_problem(one.problem) for one in answer.problems)
        return _page(tables, made_from), 422
    flash(_("The statuses were saved."), "good")
    return redirect(url_for(".show"), 303)


def _page(tables: dict[ObjectType, Tables], version: int) -> str:
    return render_template(
        "mapping/statuses.html",
        tables=tables.values(),
        standing=[
            one for one in mapping_standing.of_connection(require_connection().id) if one.field == "status"
        ],
        statuses=STATUSES,
        status_choices=[(status, status) for status in STATUSES],
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
