"""Resumes a bulk run that a dead token, or the state of the account, has ended, when a person asks for it."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from webapp.domain.runs.retry import may_continue
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.connection import connections, troubles
from webapp.store.connection.connections import Connection
from webapp.store.people import audit
from webapp.store.runs import queries, runs
from webapp.store.runs.runs import Run
from webapp.usecases.runs.lifecycle import start_next
from webapp.usecases.runs.publish import run_changed


def continuable(session: Session, connection: Connection | None) -> Run | None:
    """The run of a connection that may be continued now, if any: the bulk run that was requested last."""
    run = queries.latest_bulk(session, connection.id) if connection is not None else None
    if run is None or connection is None:
        return None
    is_usable = connection.state == connections.CONNECTED and troubles.lasting(connection) is None
    return run if may_continue(run.state, run.error, is_latest=True, is_usable=is_usable) else None


def go_on(services: Services, run_id: int) -> None:
    """Continue a run from its checkpoint: the same run, so that what it did is not done again.

    Raises:
        RefusedError: `not_continuable`.
    """
    with services.database.writing() as session:
        run = runs.get(session, run_id)
        connection = connections.get(session, run.connection_id) if run is not None else None
        found = continuable(session, connection)
        if found is None or found.id != run_id or not runs.reopen(session, run_id, datetime.now(UTC)):
            raise RefusedError("not_continuable")
        audit.add(session, services.actor, "run_continued", run_id=run_id)
    start_next(services)
    run_changed(services, run_id)
