"""The order of an undo: the last entry first, in stretches that are reverted together."""

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct, field

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.runs.options import UndoOptions
from webapp.domain.undo.remote import is_about_company
from webapp.store.mapping import mappings
from webapp.store.runs.checkpoint import Checkpoint
from webapp.store.runs.log import LogEntry
from webapp.store.undo.entries import Part
from webapp.usecases.runs.lease import Lease


class Position(Struct, kw_only=True):
    """The position of an undo.

    Attributes:
        before: the number of the entry that was done last.
        is_end: whether there is nothing before it.
        archiving: the objects that are being archived, of which the log does not tell yet.
        archived: those of which it does, since others have completed it while the undo had failed.
        associating: the contacts and companies that are being associated plainly, or not any more, likewise.
    """

    before: int | None = None
    is_end: bool = False
    archiving: tuple[str, ...] = ()
    archived: tuple[str, ...] = ()
    associating: tuple[tuple[str, str], ...] = ()


class Undoing(Struct):
    """An undo at work in one slice."""

    lease: Lease
    part: Part
    position: Position
    mappings: dict[ObjectType, Mapping] = field(default_factory=dict)

    def load(self) -> None:
        """Read the mapping in force."""
        with self.lease.services.database.reading() as session:
            self.mappings = {
                kind: mappings.load(session, self.lease.connection_id, kind) for kind in OBJECT_TYPES
            }

    @property
    def options(self) -> UndoOptions:
        """The options of the undo."""
        return self.lease.options_as(UndoOptions)

    @property
    def writes(self) -> bool:
        """Whether anything is put back, here or in HubSpot; a preview writes its plans and its log alone."""
        return not self.lease.is_preview

    def checkpoint(self) -> Checkpoint:
        """The position, and the calls since the last checkpoint."""
        return self.lease.checkpoint_at(self.position)


class EntryBatch(Struct):
    """Entries of one kind that follow each other, in which every record appears once.

    Attributes:
        object_type: What they are about.
        is_association: Whether they are about a contact's company in HubSpot.
        entries: The entries.
        record_ids: The records concerned.
    """

    object_type: ObjectType
    is_association: bool
    entries: list[LogEntry] = field(default_factory=list)
    record_ids: set[int] = field(default_factory=set)

    def takes(self, entry: LogEntry) -> bool:
        """Whether an entry can be reverted along with these."""
        return (
            entry.object_type == self.object_type
            and is_association(entry) == self.is_association
            and entry.record_id not in self.record_ids
        )

    def add(self, entry: LogEntry) -> None:
        """Put an entry behind these."""
        self.entries.append(entry)
        if entry.record_id is not None:
            self.record_ids.add(entry.record_id)

    def end_before(self, remote_ids: Collection[str]) -> None:
        """Take out the first entry about any of these objects, and all behind it."""
        about = (number for number, entry in enumerate(self.entries) if entry.remote_id in remote_ids)
        del self.entries[next(about, len(self.entries)) :]


def entry_batches(entries: Sequence[LogEntry]) -> Iterator[EntryBatch]:
    """The entries in stretches, in order: contacts come before the companies that they belong to."""
    batch: EntryBatch | None = None
    for entry in entries:
        if batch is None or not batch.takes(entry):
            if batch is not None:
                yield batch
            kind: ObjectType = "companies" if entry.object_type == "companies" else "contacts"
            batch = EntryBatch(kind, is_association(entry))
        batch.add(entry)
    if batch is not None:
        yield batch


def is_association(entry: LogEntry) -> bool:
    """Whether an entry is about a contact's company in HubSpot."""
    return is_about_company(entry.outcome, entry.changes)


def end_of(entries: Sequence[LogEntry], position: Position, *, page_size: int) -> Position:
    """Behind a page of entries."""
    before = entries[-1].seq if entries else position.before
    return Position(before=before, is_end=len(entries) < page_size)
