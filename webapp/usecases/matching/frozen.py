"""The count of values by which a run weighs likeness: the same from its first page to its last."""

from datetime import UTC, datetime

from webapp.domain.matching.frequencies import Frequencies
from webapp.store.matching import frequencies
from webapp.usecases.runs.lease import Lease


def frequencies_of(lease: Lease) -> Frequencies:
    """Those that a run keeps to: its preview's, else the day's, which are counted when first needed."""
    database, now = lease.services.database, datetime.now(UTC)
    with database.reading() as session:
        found = frequencies.frozen(session, lease.run_id)
        if found is not None:
            return found
        number = frequencies.to_keep_to(session, lease.run_id, now)
    if number is None:
        counted = frequencies.count(database)
        with database.writing() as session:
            number = frequencies.add(session, counted, now)
    with database.writing() as session:
        return frequencies.freeze(session, lease.run_id, number)
