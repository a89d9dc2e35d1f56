"""The latest Pull and the latest Push beside their blue buttons, with their progress while they work."""

from collections.abc import Mapping

from markupsafe import Markup
from sqlalchemy.orm import Session

from webapp.store.runs import log
from webapp.store.runs.log import RunRow
from webapp.usecases.home.overview import BULK
from webapp.web.live.parts import Parts
from webapp.web.runs.labels import is_over, run_error
from webapp.web.runs.parts import rendered, run_progress


def latest(session: Session, connection_id: int | None) -> dict[str, RunRow]:
    """The latest run of each kind, if there is one; previews do not count."""
    if connection_id is None:
        return {}
    found = {kind: log.latest_row(session, connection_id, kind, is_preview=False) for kind in BULK}
    return {kind: row for kind, row in found.items() if row is not None}


def parts(rows: Mapping[str, RunRow]) -> Parts:
    """What is shown of them, by element id: the link apart from the progress, which changes all the time."""
    found: Parts = {}
    for kind in BULK:
        row = rows.get(kind)
        found[f"{kind}-latest"] = rendered("runs/_latest.html", row=row)
        found[f"{kind}-progress"] = _progress(row) if row is not None else Markup()
    return found


def _progress(row: RunRow) -> Markup:
    return rendered(
        "runs/_latest_progress.html",
        run=row.run,
        figures=run_progress(row.run),
        is_over=is_over(row.run),
        error=run_error(row.run),
    )
