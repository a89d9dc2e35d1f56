"""Objects about which a pull had not decided when it ended: held like others, and looked at again."""

from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.pull.plan import DOUBTFUL
from webapp.domain.pull.unlinked import UNDECIDED
from webapp.domain.runs import outcomes
from webapp.models import Connection, LogEntry, RemoteObject, Run
from webapp.store.runs.log import IS_NOTABLE
from webapp.store.webhooks import inbox


def hold(session: Session, run: Run, now: datetime) -> None:
    """Nothing of a pull that has ended is left undecided; a preview has nothing but its log.

    Args:
        session: The transaction that ends the pull.
        run: The pull.
        now: The moment.
    """
    if not run.is_preview:
        # Before a first Pull has finished nothing is looked at, and another one decides about everything.
        if run.state != "finished" and session.get_one(Connection, run.connection_id).first_pull_finished_at:
            inbox.add_looks(session, _held_by(run), now)
        _call_doubtful(session, run.connection_id)
    if any(of_type.get(UNDECIDED) for of_type in (run.parts or {}).values()):
        entries = update(LogEntry).where(
            LogEntry.run_id == run.id,
            LogEntry.outcome == outcomes.HELD,
            LogEntry.reason == UNDECIDED,
            IS_NOTABLE,
        )
        session.execute(entries.values(reason=DOUBTFUL).execution_options(synchronize_session=False))
        run.parts = None


def _held_by(run: Run) -> Select[int, str, str]:
    return (
        select(Run.connection_id, LogEntry.object_type, func.coalesce(LogEntry.remote_id, ""))
        .join_from(LogEntry, Run, Run.id == LogEntry.run_id)
        .where(
            LogEntry.run_id == run.id,
            LogEntry.outcome == outcomes.HELD,
            IS_NOTABLE,
            LogEntry.remote_id.is_not(None),
        )
        .distinct()
    )


def _call_doubtful(session: Session, connection_id: int) -> None:
    statement = update(RemoteObject).where(
        RemoteObject.connection_id == connection_id, RemoteObject.state == UNDECIDED
    )
    session.execute(
        statement.values(state="held", reason=DOUBTFUL).execution_options(synchronize_session=False)
    )
