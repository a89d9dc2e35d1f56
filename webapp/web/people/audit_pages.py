"""The audit log: who did what, filtered, and as a CSV file; for administrators."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block
from sqlalchemy.orm import Session

from webapp.domain.people.audited import AREAS
from webapp.domain.records.files.csv_cells import to_lines
from webapp.store.people import audit, users
from webapp.store.people.audit import AuditFilter, AuditRow
from webapp.text import people as people_text
from webapp.text.translated import gettext as _
from webapp.usecases.people import audit as audit_log
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.fragments import wants_fragment
from webapp.web.moments import zone
from webapp.web.runs.names import names_of
from webapp.web.services import ask, end_reading, page_session, services

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

ENTRIES_AT_ONCE = 500
"""How many entries are read before their lines are sent."""

_COLUMNS = ("at", "person", "way", "address", "area", "action", "text")


@blueprint.get("")
@administrators_only
def index() -> ResponseReturnValue:
    """The audit log, newest first."""
    filters: dict[str, Any] = dict(_given())
    page = audit.page(page_session(), _filter(), after=request.args.get("after", ""))
    context: dict[str, Any] = {
        "page": page,
        "run_names": _run_names(page_session(), page.rows),
        "filters": filters,
        "people": [
            ("", _("Everybody")),
            *((str(number), name) for number, name in users.names(page_session())),
        ],
        "areas": people_text.AREAS,
        "vias": people_text.VIAS,
        "nobody": people_text.NOBODY,
        "text": people_text.action_text,
        "address": lambda **place: url_for(".index", **filters, **place),
        "lasts_days": services().settings.audit_retention_days,
    }
    if wants_fragment():
        return render_block("people/audit.html", "entries", **context)
    return render_template("people/audit.html", **context)


@blueprint.get("/entries.csv")
@administrators_only
def export() -> ResponseReturnValue:
    """The same as a file; the download itself is recorded too."""
    ask(audit_log.record_export, "audit", filter=_given())
    audit_filter = _filter()
    end_reading()
    answer = Response(stream_with_context(_lines(audit_filter)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


def _lines(audit_filter: AuditFilter) -> Iterator[str]:
    """The file, a page of entries at a time; each page opens the database, reads and closes it."""
    yield to_lines([_COLUMNS])
    after = ""
    while True:
        with services().database.reading() as session:
            page = audit.page(session, audit_filter, after=after, limit=ENTRIES_AT_ONCE)
            run_names = _run_names(session, page.rows)
        yield to_lines([_cells(row, run_names) for row in page.rows])
        after = page.next
        if not after:
            return


def _run_names(session: Session, rows: Iterable[AuditRow]) -> dict[int, str]:
    return names_of(session, [row.entry.detail.get("run_id") for row in rows])


def _cells(row: AuditRow, run_names: dict[int, str]) -> tuple[str, ...]:
    entry = row.entry
    text = people_text.action_text(entry.action, entry.detail, run_names)
    return (
        *(entry.at.isoformat(), row.name or "", entry.via, entry.address, entry.area, entry.action),
        text,
    )


def _given() -> dict[str, str]:
    """The filter as the address carries it."""
    names = ("person", "area", "since", "until")
    return {name: value for name in names if (value := request.args.get(name, "").strip()[:20])}


def _filter() -> AuditFilter:
    area = request.args.get("area")
    return AuditFilter(
        user_id=request.args.get("person", type=row_number),
        area=area if area in AREAS else None,
        since=_day("since"),
        until=_day("until", days=1),
    )


def _day(name: str, days: int = 0) -> datetime | None:
    """The beginning of a day, or of one after it, where the viewer is; what is no day filters nothing."""
    try:
        found = datetime.strptime(request.args.get(name, ""), "%Y-%m-%d").date()  # noqa: DTZ007 - a day alone
        # In UTC at once: the first and the last days of all have no such moment everywhere.
        return datetime.combine(found + timedelta(days=days), time(), zone()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
