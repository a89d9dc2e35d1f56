"""All records of one object type, with the orders and indexes that answers need."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from random import Random

from sandbox.kinds import Kind
from sandbox.store.properties.definitions import Definitions
from sandbox.webhooks.events import Events

FIRST_ID = 21_000_000_017
LARGEST_GAP = 5_000
MOST_DIGITS = 19


class Record:
    """One object. Blank properties are not held."""

    __slots__ = ("archived_at", "history", "id", "number", "properties")

    def __init__(self, number: int, properties: dict[str, str]) -> None:
        self.number = number
        self.id = str(number)
        self.properties = properties
        self.archived_at: str | None = None
        # Property -> its values so far as (value, time, source type, source id), oldest first. A property
        # without an entry has had its present value since the record was made.
        self.history: dict[str, list[tuple[str, str, str, str]]] | None = None

    def keep_history(self, name: str, value: str, now: str, source: tuple[str, str]) -> None:
        """Remember a value that a property is about to get, and the one that it had."""
        if self.history is None:
            self.history = {}
        if name not in self.history:
            old = self.properties.get(name)
            self.history[name] = [] if old is None else [(old, self.properties["createdate"], "IMPORT", "")]
        self.history[name].append((value, now, *source))


class Table:
    """The records of one object type."""

    def __init__(self, kind: Kind, seed: int, events: Events) -> None:
        self.kind = kind
        self.events = events
        self.definitions = Definitions(kind)
        self.records: dict[int, Record] = {}
        self.live: list[int] = []
        self.archived: list[int] = []
        self.merged: dict[int, int] = {}
        self.emails: dict[str, int] = {}
        self.unique: dict[str, dict[str, int]] = {}
        # Both types start at one id on purpose: ids are unique within a type only.
        self.next_id = FIRST_ID
        self._gaps = Random(seed)

    def skip_ids(self, next_id: int) -> None:
        """Let the ids go on with this one; they never go back."""
        self.next_id = max(self.next_id, next_id)

    def new_id(self) -> int:
        """The next id: larger than all before, and not their neighbour."""
        number = self.next_id
        self.next_id += 1 + int(self._gaps.random() * LARGEST_GAP)
        return number

    def give_ids_from(self, next_id: int) -> None:
        """Give no id below this one any more."""
        self.next_id = max(self.next_id, next_id)

    def add(self, record: Record) -> None:
        """Take in a live record; its id is the largest so far."""
        self.records[record.number] = record
        self.live.append(record.number)
        self.index(record)

    def restore(self, record: Record) -> None:
        """Take in a live record whose id was in use before."""
        self.records[record.number] = record
        insort(self.live, record.number)
        self.index(record)

    def find(self, raw_id: object) -> Record | None:
        """The live record of exactly this id."""
        record = self.records.get(as_number(raw_id))
        return record if record is not None and record.archived_at is None else None

    def follow(self, raw_id: object) -> Record | None:
        """The live record of this id, or of the one it was merged into."""
        number = as_number(raw_id)
        while number in self.merged:
            number = self.merged[number]
        return self.find(number)

    def is_merged_away(self, raw_id: object) -> bool:
        """Whether the id once was a record that now lives on as another."""
        return as_number(raw_id) in self.merged

    def find_by(self, id_property: str | None, value: object) -> Record | None:
        """The live record with this id, e-mail address (secondary ones too) or unique value."""
        if not id_property or id_property == "hs_object_id":
            return self.find(value)
        number = self.index_of(id_property).get(self.key_of(id_property, str(value)))
        return None if number is None else self.records[number]

    def index_of(self, name: str) -> dict[str, int]:
        """The index of a unique property, value to record number."""
        if name == "email" and self.kind.name == "contacts":
            return self.emails
        found = self.unique.get(name)
        if found is None:
            found = {
                value: number
                for number in self.live
                if (value := self.records[number].properties.get(name)) is not None
            }
            self.unique[name] = found
        return found

    def is_unique(self, name: str) -> bool:
        """Whether no two live records may share a value of this property."""
        if name == "email":
            return self.kind.name == "contacts"
        definition = self.definitions.live(name)
        return definition is not None and definition.has_unique_value

    def key_of(self, name: str, value: str) -> str:
        """A value as its unique index holds it."""
        return value.strip().lower() if name == "email" else value

    def index(self, record: Record) -> None:
        """Enter a record's unique values."""
        for address in addresses(record) if self.kind.name == "contacts" else ():
            self.emails.setdefault(address, record.number)
        for name, index in self.unique.items():
            if name in record.properties:
                index[record.properties[name]] = record.number

    def unindex(self, record: Record) -> None:
        """Forget a record's unique values."""
        for address in addresses(record) if self.kind.name == "contacts" else ():
            if self.emails.get(address) == record.number:
                del self.emails[address]
        for name, index in self.unique.items():
            if name in record.properties:
                index.pop(record.properties[name], None)

    def archive(self, record: Record, at: str) -> None:
        """Move a live record to the archived ones; its unique values become free."""
        self.unindex(record)
        record.archived_at = at
        del self.live[bisect_left(self.live, record.number)]
        insort(self.archived, record.number)

    def unarchive(self, record: Record) -> None:
        """Move an archived record back to the live ones."""
        record.archived_at = None
        del self.archived[bisect_left(self.archived, record.number)]
        insort(self.live, record.number)
        self.index(record)

    def erase(self, record: Record) -> None:
        """Forget a record for good, archived or not."""
        if record.archived_at is None:
            self.remove(record)
        else:
            del self.archived[bisect_left(self.archived, record.number)]
            del self.records[record.number]

    def remove(self, record: Record) -> None:
        """Drop a live record that lives on as another."""
        self.unindex(record)
        del self.live[bisect_left(self.live, record.number)]
        del self.records[record.number]

    def page(
        self, after: int, limit: int, *, archived: bool, by_text: bool = False
    ) -> tuple[list[Record], int | None]:
        """Records from number `after` on, by id, and the number of the one that follows them."""
        order = self.archived if archived else self.live
        if by_text:
            order = sorted(order, key=str)
            start = bisect_left(order, str(after), key=str) if after else 0
        else:
            start = bisect_left(order, after)
        end = start + limit
        following = order[end] if end < len(order) else None
        records = self.records
        return [records[number] for number in order[start:end]], following

    def all_live(self) -> Iterator[Record]:
        """Every live record by id."""
        return (self.records[number] for number in self.live)


def addresses(record: Record) -> list[str]:
    """A contact's e-mail addresses, the primary one first."""
    email = record.properties.get("email")
    more = record.properties.get("hs_additional_emails")
    return ([email] if email else []) + (more.split(";") if more else [])


def as_number(raw_id: object) -> int:
    """An id as a number; -1, which no record has, for anything that is none."""
    if isinstance(raw_id, int):
        return raw_id
    text = str(raw_id)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else -1
