"""Recomputes the keys of stored records after an update: in the background, a batch at a time."""

import time

import structlog

from webapp.services import Services
from webapp.store.matching import renewal
from webapp.store.records.searching import texts

BATCH_SIZE = 500
"""How many records one transaction checks."""
# How long one turn of the schedule may take.
_TURN_S = 1.0

_log = structlog.get_logger()


def renew_keys(services: Services) -> None:
    """Go on for a while; a pull that works goes first."""
    ends_at_s = time.monotonic() + _TURN_S
    while time.monotonic() < ends_at_s and renew_some(services):
        pass


def renew_some(services: Services) -> bool:
    """Renew the keys of the next records; False where nothing is left, or a pull is at work."""
    with services.database.reading() as session:
        batch = renewal.next_batch(session)
        if batch is None or texts.is_pull_at_work(session):
            return False
    with services.database.writing(may_be_lost=True) as session:
        is_done = renewal.renew(session, batch, BATCH_SIZE)
    if is_done:
        _log.info("keys_renewed", object_type=batch.object_type)
    return True
