"""Undos that ended between a call to HubSpot and its log: what they did there is told after all.

What an undo puts back, and which primary company it sets, is announced like the writes of a push. What it
archives, and which company it adds or takes away plainly, stands in its checkpoint alone.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from msgspec import ValidationError, convert, structs
from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.push.associations import PLAIN, is_past_any_call
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import UndoOptions
from webapp.domain.undo.remote import ARCHIVED, ObjectNow, plan_remote_undo
from webapp.hubspot.client import HubSpotClient
from webapp.services import Services
from webapp.store.mapping import mappings
from webapp.store.runs import runs
from webapp.store.runs.log import LogEntry, Run
from webapp.store.undo import cut_off
from webapp.store.undo import entries as undo_entries
from webapp.store.undo import remote as undo_remote
from webapp.store.undo.entries import Part
from webapp.store.undo.remote import Reverted
from webapp.usecases.runs.publish import run_changed
from webapp.usecases.undo.entries import EntryBatch, Position, entry_batches

# As many as a stretch of an undo holds.
_PAGE_SIZE = 100

Seen = tuple[LogEntry, ObjectNow]


def complete_cut_off(services: Services, client: HubSpotClient, connection_id: int) -> None:
    """Complete the logs of undos that were cancelled or failed, by what HubSpot shows of their last calls."""
    with services.database.reading() as session:
        ended = [(run, _stretch(session, run)) for run in cut_off.undos(session, connection_id)]
    for run, stretch in ended:
        seen = list(_seen(client, *stretch)) if stretch is not None else []
        if seen or run.finished_at is None or is_past_any_call(run.finished_at, datetime.now(UTC)):
            _write(services, run, seen)
            run_changed(services, run.id)


def _stretch(session: Session, run: Run) -> tuple[EntryBatch, Position] | None:
    """The entries that an undo was at when it ended, and what it was about to do."""
    options = runs.options_of(run)
    try:
        position = convert(run.checkpoint, Position)
    except ValidationError:
        return None
    if not isinstance(options, UndoOptions):
        return None
    part = Part(options.run_id, options.object_type, options.record_id)
    entries = undo_entries.page(session, part, before_seq=position.before, limit=_PAGE_SIZE)
    batch = next(entry_batches(entries), None)
    return (batch, position) if batch is not None else None


def _seen(client: HubSpotClient, batch: EntryBatch, position: Position) -> Iterator[Seen]:
    """The entries whose objects show that they were reverted, with what they show."""
    ids = list(position.archiving)
    gone = client.batch_read(batch.object_type, ids, [], archived=True).by_key if ids else {}
    yield from ((entry, ObjectNow(absence=ARCHIVED)) for entry in batch.entries if entry.remote_id in gone)
    pairs = set(position.associating)
    moved = [(entry, *change) for entry in batch.entries for change in _plain(entry, pairs)]
    contacts = list(dict.fromkeys(str(entry.remote_id) for entry, _, _ in moved))
    companies = client.associations_of(contacts) if contacts else {}
    for entry, before, after in moved:
        present = companies.get(str(entry.remote_id))
        ids = [one.to_id for one in present or ()]
        if present is not None and ((before or after) in ids) == bool(before):
            yield entry, ObjectNow(companies=ids, unlogged=[(PLAIN, after, before)])


def _plain(entry: LogEntry, pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The company that an entry says was there before, and the one after it; one of them is none."""
    return [
        (before or "", after or "")
        for name, before, after in entry.changes or ()
        if name == PLAIN and (str(entry.remote_id), before or after) in pairs
    ]


def _write(services: Services, read: Run, seen: Sequence[Seen]) -> None:
    """Tell what was seen, unless somebody else has meanwhile; nothing is looked up again."""
    with services.database.writing() as session:
        run = cut_off.lock(session, read.id, read.checkpoint)
        if run is None:
            return
        if seen:
            kind: ObjectType = "companies" if seen[0][0].object_type == "companies" else "contacts"
            mapping = mappings.load(session, run.connection_id, kind)
            reverted = _reverted(session, run, mapping, seen)
            cut_off.add_to_log(run, *undo_remote.write(session, run, mapping, reverted, datetime.now(UTC)))
        cut_off.forget(run, [str(entry.remote_id) for entry, now in seen if now.absence == ARCHIVED])


def _reverted(session: Session, run: Run, mapping: Mapping, seen: Sequence[Seen]) -> list[Reverted]:
    ids = [entry.record_id or 0 for entry, _ in seen]
    known = undo_remote.gather(session, run.id, run.connection_id, mapping, ids)
    reverted = []
    for entry, shown in seen:
        here = known.present(entry.record_id or 0)
        now = structs.replace(shown, link=here.link, base=here.base, values=here.values)
        plan = plan_remote_undo(undo_remote.sent_of(entry), now, mapping, archives=True)
        reverted.append(Reverted(entry, plan, now))
    return reverted
