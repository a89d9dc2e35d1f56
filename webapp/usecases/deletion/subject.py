"""A run about one record that somebody has deleted here before its turn came."""

from datetime import UTC, datetime

from webapp.domain.links.facts import DELETED_HERE
from webapp.domain.runs import outcomes
from webapp.domain.runs.options import RecordOptions
from webapp.store.deletion import traces
from webapp.store.records import records
from webapp.store.runs.checkpoint import Checkpoint, lock_run
from webapp.store.runs.entries import log_page
from webapp.store.runs.entry import Entry
from webapp.usecases.runs.lease import Lease


def log_deleted(lease: Lease, options: RecordOptions) -> None:
    """Say in the run's log that its record was deleted here, where it was."""
    kind, record_id = options.object_type, options.record_id
    with lease.services.database.reading() as session:
        is_here = records.get(session, kind, record_id) is not None
        trace = None if is_here else traces.of_record(session, kind, record_id)
    if trace is None:
        return
    now, entry = datetime.now(UTC), Entry(record_id, None, trace.name, outcomes.SKIPPED, DELETED_HERE)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        here = Checkpoint(run.checkpoint, lease.take_usage())
        log_page(session, run, now, kind, [entry], checkpoint=here)
