"""A list of records as a CSV file, with the filters of its address, written while it is sent."""

from datetime import UTC, datetime

from flask import Blueprint, Response, stream_with_context
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from webapp.domain.records.fields import ObjectType
from webapp.usecases.people import audit as audit_log
from webapp.usecases.records.files.exporting import listed_as_csv, numbered_as_csv
from webapp.web.records.listing.pages import excluded_ids, question_of
from webapp.web.services import ask

blueprint = Blueprint("record_files", __name__, url_prefix="/<any(companies, contacts):object_type>")


@blueprint.get("/export.csv")
def export(object_type: ObjectType) -> ResponseReturnValue:
    """All records of the list, not just of its present page; an import reads it back."""
    question = replace(question_of(object_type), after="", before="")
    ask(audit_log.record_export, object_type)
    if question.standing == "excluded":
        lines = ask(numbered_as_csv, object_type, excluded_ids(object_type, question))
    else:
        lines = ask(listed_as_csv, object_type, question)
    name = f"{object_type}-{datetime.now(UTC):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)
