"""The entries of a run as its page lists them: under each ending the newest few, or one ending in pages."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.runs.endings import LISTED_FIRST, Ending, endings_of, listed_count
from webapp.domain.runs.outcomes import HELD
from webapp.store.held import of_run
from webapp.store.runs import log
from webapp.store.runs.log import CompanyNames, EntryFilter, EntryPage, LogEntry, Run
from webapp.store.runs.runs import named_counts

A_PAGE = 50
OF_A_GROUP = 10


class Group(Struct, frozen=True):
    """The newest entries that ended in one way, and how many there are."""

    ending: Ending
    count: int
    rows: list[LogEntry]


class Listed(Struct, frozen=True):
    """The entries on the page: `groups`, or a `page`.

    Attributes:
        groups: by ending.
        page: of one ending, or of all in their order.
        companies: those that the entries name.
        open: the entries, by number, that still wait for a person's decision.
        is_mixed: whether the entries of the page ended in several ways.
    """

    groups: list[Group]
    page: EntryPage
    companies: CompanyNames
    open: set[int]
    is_mixed: bool = False


def listed_entries(session: Session, run: Run, entry_filter: EntryFilter, after: str) -> Listed:
    """The entries that a filter leaves in, grouped where they ended in several ways."""
    counts = _counts(run, entry_filter)
    if not after and entry_filter.is_counted and entry_filter.ending is None and len(counts) > 1:
        groups = [_group(session, run, entry_filter, *one) for one in counts]
        rows = [row for group in groups for row in group.rows]
        return Listed(groups, EntryPage([]), log.companies_named(session, rows), _open(session, run, rows))
    page = log.entries(session, run, entry_filter, after=after, limit=A_PAGE)
    is_mixed = entry_filter.ending is None and len(counts) > 1
    open_now = _open(session, run, page.rows)
    return Listed([], page, log.companies_named(session, page.rows), open_now, is_mixed)


def _open(session: Session, run: Run, rows: Sequence[LogEntry]) -> set[int]:
    return of_run.open_among(session, run, [row.seq for row in rows if row.outcome == HELD])


def _counts(run: Run, entry_filter: EntryFilter) -> list[tuple[Ending, int]]:
    """How many entries there are of each ending, in the order of the page."""
    counts = named_counts(run)
    endings = sorted(endings_of(run.kind), key=lambda one: _place(one.name))
    counted = [(one, listed_count(counts, one, entry_filter.object_type)) for one in endings]
    return [(ending, count) for ending, count in counted if count > 0]


def _place(name: str) -> int:
    return LISTED_FIRST.index(name) if name in LISTED_FIRST else len(LISTED_FIRST)


def _group(session: Session, run: Run, entry_filter: EntryFilter, ending: Ending, count: int) -> Group:
    chosen = EntryFilter(ending, entry_filter.object_type)
    page = log.entries(session, run, chosen, limit=OF_A_GROUP)
    return Group(ending, count, page.rows)
