"""Companies that associations name, and that HubSpot has merged into others or deleted since."""

from collections.abc import Sequence

from webapp.domain.undo.remote import ObjectNow
from webapp.errors import TwinbookError
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import NotFound, ObjectUnreadable
from webapp.store.runs.log import LogEntry
from webapp.usecases.undo.entries import EntryBatch


def add_survivors(client: HubSpotClient, batch: EntryBatch, seen: dict[int, ObjectNow]) -> None:
    """What became of the companies that the entries name, as far as they are not there any more.

    Where one cannot be read, the stretch ends before the entry that names it, unless that is the first.

    Raises:
        TwinbookError: So it is.
    """
    known: dict[str, str | None] = {}
    named = list(dict.fromkeys(one for entry in batch.entries for one in _companies(entry)))
    for company in _missing(client, named, known):
        try:
            known[company] = _survivor(client, company)
        except TwinbookError:
            if company in _companies(batch.entries[0]):
                raise
            batch.end_before({str(one.remote_id) for one in batch.entries if company in _companies(one)})
            break
    for entry in batch.entries:
        seen[entry.seq].lives_on = {one: known[one] for one in _companies(entry) if one in known}


def _companies(entry: LogEntry) -> list[str]:
    _name, before, after = (entry.changes or [])[0]
    return [str(one) for one in (before, after) if one]


def _missing(client: HubSpotClient, named: Sequence[str], known: dict[str, str | None]) -> list[str]:
    """The companies that are neither there nor archived, which are known to be gone then."""
    missing: list[str] = []
    for some in in_batches(named):
        missing += client.batch_read("companies", some, []).missing_ids
    unproved: list[str] = []
    for some in in_batches(missing):
        archived = client.batch_read("companies", some, [], archived=True)
        known |= dict.fromkeys(archived.by_key)
        unproved += archived.missing_ids
    return unproved


def _survivor(client: HubSpotClient, company: str) -> str | None:
    """The company that this one lives on as; None where it is gone."""
    try:
        return client.read("companies", company, []).id
    except NotFound:
        return None
    except ObjectUnreadable:
        # It is there.
        return company
