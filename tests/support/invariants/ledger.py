"""A ledger of what was written on either side: opening balance, every entry, closing balance.

Each write is an entry `old -> new` of one value. What the logs of the runs tell, what people typed here, and
what they did in HubSpot meanwhile are the entries; they have to lead from what both sides held before to what
they hold now. A write in no log, one in two logs, and a wrong value before do not add up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import func, select

from tests.support.applications.services import reading
from tests.support.invariants import laws
from tests.support.invariants.laws import Picture
from tests.support.invariants.world import FIELDS, Thing, World
from tests.support.invariants.written import YES, Place, Written, edited_here, is_in_log, lives_on, written_by
from tests.support.usecases import pulling
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.domain.runs.endings import ASSOCIATIONS, part_of
from webapp.domain.runs.outcomes import UNCHANGED
from webapp.models import (
    AnnouncedAssociation,
    AnnouncedCreate,
    AnnouncedUpdate,
    LogEntry,
    PossibleDuplicate,
    RecordEdit,
    Run,
)
from webapp.store.runs.runs import named_counts


class Logged(NamedTuple):
    """The log entries of a while, each with its run, and what each run has counted meanwhile."""

    entries: list[tuple[Run, LogEntry]]
    counts: dict[int, Counter[tuple[str, str]]]


class Ledger:
    """What both sides hold at this moment, and how far all logs are; later it is balanced.

    Attributes:
        opening, closing: what both sides held then, and at the balance.
        entries: the log entries in between, each with its run.
    """

    def __init__(self, world: World) -> None:
        self.opening = laws.picture(world)
        self.closing = self.opening
        self.entries: list[tuple[Run, LogEntry]] = []
        self._world = world
        self._runs = {run.id: run for run in pulling.all_rows(Run)}
        self._last_edit_id = max((edit.id for edit in pulling.all_rows(RecordEdit)), default=0)
        self._by_people: list[Written] = []

    @contextmanager
    def person_in_hubspot(self) -> Iterator[None]:
        """Enter what somebody does in HubSpot, while nothing else is written."""
        before = laws.picture(self._world)
        yield
        self._by_people += differences(before, laws.picture(self._world), sides=("there",))

    def _logged(self) -> Logged:
        """What the logs and the counts have had added since."""
        runs = {run.id: run for run in pulling.all_rows(Run)}
        with reading() as session:
            found = session.scalars(select(LogEntry).order_by(LogEntry.run_id, LogEntry.seq)).all()
        entries = [(runs[one.run_id], one) for one in found if one.seq > self._last_seq(one.run_id)]
        # What the check of a file foresees is kept with its rows, and in no log.
        listing = [run for run in runs.values() if not (run.is_preview and run.kind == "import")]
        return Logged(entries, {run.id: _counted(run, self._runs.get(run.id)) for run in listing})

    def balance(self, erased: Collection[tuple[str, str]] = ()) -> None:
        """Close the ledger, and check that everything adds up and nothing is left that was only announced.

        Args:
            erased: Records that went with all that the logs had of them: object type and number.

        Raises:
            AssertionError: something written stands in no log or in two, or something is left.
        """
        self.closing, logged = laws.picture(self._world), self._logged()
        self.entries = logged.entries
        edits = [one for one in pulling.all_rows(RecordEdit) if one.id > self._last_edit_id]
        unlogged = [one for one in edits if not is_in_log(one, logged.entries)]
        known = _values(self.opening, {}).keys()
        entries = [*written_by(logged.entries), *edited_here(unlogged, known), *self._by_people]
        entries += [
            Written(place, value, None)
            for place, value in _values(self.opening, {}).items()
            if place.side == "here" and (place.kind, place.number) in erased
        ]
        check_balance(self.opening, self.closing, entries, lives_on(logged.entries))
        check_counts(logged)
        check_nothing_announced()

    def _last_seq(self, run_id: int) -> int:
        return self._runs[run_id].last_seq if run_id in self._runs else 0


def check_balance(
    opening: Picture,
    closing: Picture,
    entries: Sequence[Written],
    moved_to: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Check that entries lead from one picture to another, value by value.

    Args:
        opening: What both sides held before.
        closing: What they hold now.
        entries: What was written in between.
        moved_to: Companies that went, and those to which their contacts moved along.

    Raises:
        AssertionError: it does not add up.
    """
    old, new = _values(opening, moved_to), _values(closing, moved_to)
    by_place: dict[Place, list[Written]] = defaultdict(list)
    for one in entries:
        by_place[one.place].append(_followed(one, moved_to))
    wrong = [
        f"{' '.join(place)}: {old.get(place)!r} became {new.get(place)!r}, "
        f"in the logs {[(one.old, one.new) for one in by_place[place]]}"
        for place in sorted({*old, *new, *by_place})
        if place.what == "exists" or place._replace(what="exists") in new
        if not _adds_up(old.get(place), new.get(place), by_place[place])
    ]
    assert not wrong, "in no log, or twice: " + "; ".join(wrong)


def _followed(one: Written, moved_to: Mapping[str, str]) -> Written:
    if one.place.what != "company" or one.place.side == "here":
        return one
    return Written(one.place, _last(one.old, moved_to), _last(one.new, moved_to))


def _last(company: str | None, moved_to: Mapping[str, str]) -> str | None:
    while company is not None and company in moved_to:
        company = moved_to[company]
    return company


def _adds_up(opening: str | None, closing: str | None, entries: Sequence[Written]) -> bool:
    return Counter([opening, *(one.new for one in entries)]) == Counter(
        [closing, *(one.old for one in entries)]
    )


def differences(before: Picture, after: Picture, sides: Sequence[str] = ("here", "there")) -> list[Written]:
    """What was written between two pictures."""
    old, new = _values(before, {}), _values(after, {})
    return [
        Written(place, old.get(place), new.get(place))
        for place in sorted({*old, *new})
        if place.side in sides and old.get(place) != new.get(place)
    ]


def _values(picture: Picture, moved_to: Mapping[str, str]) -> dict[Place, str | None]:
    """Every value of a picture that is not blank."""
    held = [
        Written(Place(side, kind, one.id, what), None, value)
        for side, things in (("here", picture.here), ("there", picture.there))
        for kind in OBJECT_TYPES
        for one in things[kind]
        for what, value in _held(one)
        if value
    ]
    return {one.place: _followed(one, moved_to).new for one in held}


def _held(thing: Thing) -> list[tuple[str, str | None]]:
    return [("exists", YES), ("company", thing.company), *((name, thing.values[name]) for name in FIELDS)]


def _counted(run: Run, before: Run | None) -> Counter[tuple[str, str]]:
    """What a run has counted since."""
    return counts_of(run) - (counts_of(before) if before is not None else Counter())


def counts_of(run: Run) -> Counter[tuple[str, str]]:
    """How often a run has counted an outcome of an object type."""
    return Counter(
        {(kind, outcome): n for kind, some in named_counts(run).items() for outcome, n in some.items()}
    )


def check_counts(logged: Logged) -> None:
    """What a run counts is what its log has: by outcome, associations apart, the parts by their names.

    Raises:
        AssertionError: it is not.
    """
    entries: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for run, entry in logged.entries:
        kind = ASSOCIATIONS if entry.is_association else entry.object_type
        part = part_of(entry.outcome, entry.reason)
        for name in (entry.outcome, *((part,) if part else ())):
            entries[run.id][kind, name] += 1
    for run_id, counts in logged.counts.items():
        listed = Counter({place: count for place, count in counts.items() if place[1] != UNCHANGED and count})
        assert listed == entries[run_id], (run_id, listed, entries[run_id])


def check_nothing_announced() -> None:
    """What was announced has come to its end.

    Raises:
        AssertionError: it has not.
    """
    with reading() as session:
        for table in (AnnouncedAssociation, AnnouncedCreate, AnnouncedUpdate):
            left = session.scalar(select(func.count()).select_from(table))
            assert not left, f"{left} rows left in {table.__tablename__}"
        merges = session.scalars(select(PossibleDuplicate.id).where(PossibleDuplicate.announced.is_not(None)))
        assert not merges.all(), "a merge in HubSpot was only announced"
