"""Keeps the texts of searches up to date: in the background, in small batches."""

import time

from webapp.services import Services
from webapp.store.database import statistics
from webapp.store.records.searching import texts, trigrams

BATCH_SIZE = 250
"""How many rows of the queue one transaction works off."""

# How long one turn of the schedule may take.
_TURN_S = 1.0


def bring_up_to_date(services: Services) -> None:
    """Work the queue off for a while; a pull that works goes first."""
    ends_at_s = time.monotonic() + _TURN_S
    while time.monotonic() < ends_at_s and not _is_pull_at_work(services) and next_batch(services):
        pass


def bring_all_up_to_date(services: Services) -> None:
    """Work off the whole queue."""
    while next_batch(services):
        pass


def next_batch(services: Services) -> bool:
    """Work off the next batch; False where none is left."""
    with services.database.reading() as session:
        changes = texts.next_changes(session, BATCH_SIZE)
        found = {kind: texts.present_texts(session, kind, ids) for kind, ids in changes.records.items()}
    if not changes.rows:
        return False
    # Later changes add rows of their own to the queue, which this transaction does not delete.
    with services.database.writing(may_be_lost=True) as session:
        for kind, ids in changes.records.items():
            texts.write(session, kind, ids, found[kind])
        texts.queue_contacts_of(session, changes.renamed)
        texts.take_off(session, changes)
        statistics.refresh(session)
    return True


def rebuild(services: Services) -> bool:
    """Make the index where it is missing, and put all records into the queue.

    Returns:
        Whether there is an index now; without, searches are slow in large books.
    """
    with services.database.writing() as session:
        has_index = not trigrams.has_no_index(session) or trigrams.make_index(session)
        texts.queue_all(session)
    return has_index


def _is_pull_at_work(services: Services) -> bool:
    with services.database.reading() as session:
        return texts.is_pull_at_work(session)
