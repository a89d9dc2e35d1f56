"""Reads the sync log: pages of runs and of entries, by key, at the same cost for a log of any length.

Nothing here counts entries: the run's row carries the counts.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text
from sqlalchemy.orm import Session

from webapp.domain.push.associations import PRIMARY
from webapp.domain.records.history import Event
from webapp.domain.runs.endings import ASSOCIATIONS, Ending
from webapp.domain.runs.kinds import BULK_NAMES
from webapp.domain.runs.outcomes import CREATED, FAILED, HELD, SKIPPED, UPDATED
from webapp.domain.runs.progress import OPEN_STATES
from webapp.models import Company, Connection, CsvImportRow, Link, LogEntry, Run, User
from webapp.store.database.lists import among
from webapp.store.database.pages import Number, Page, cursor, place_of

__all__ = ["CompanyNames", "EntryFilter", "EntryPage", "LogEntry", "Run", "RunRow"]

IS_NOTABLE = text("outcome NOT IN ('created', 'updated')")
"""The condition of the index of the rare outcomes: a query has to repeat it word for word to use it."""
# How many entries one page looks through for a filter that no index answers.
_LOOK_THROUGH = 50_000
# A sample: what most of these have in common, most others have as well.
_MOST_HELD = 1000


class RunRow(Struct, frozen=True):
    """A run as people see it: with who started it and the connection it belongs to."""

    run: Run
    started_by: str | None
    connection: Connection


class EntryFilter(Struct, frozen=True):
    """Which entries of a run to read; None and "" stand for all.

    Attributes:
        ending: how the records ended.
        object_type: companies, contacts, or the associations of the two, which the log keeps among contacts.
        reason: why they ended so.
        name: the beginning of their names.
    """

    ending: Ending | None = None
    object_type: str | None = None
    reason: str | None = None
    name: str = ""

    @property
    def is_active(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.ending or self.object_type or self.reason or self.name)

    @property
    def is_counted(self) -> bool:
        """Whether a run counts what it leaves in."""
        return not (self.reason or self.name)


class EntryPage(Page[LogEntry], frozen=True):
    """Entries, newest first. `looked_back_to` says where the search was cut; None when it was not."""

    looked_back_to: datetime | None = None


def run_page(
    session: Session,
    *,
    kind: str | None = None,
    state: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[RunRow]:
    """A page of runs, newest first."""
    query = _run_rows().order_by(Run.id.desc()).limit(limit + 1)
    if kind:
        query = query.where(Run.kind == kind)
    if state:
        query = query.where(Run.state == state)
    place = place_of(after, tuple[Number])
    if place is not None:
        query = query.where(Run.id < place[0])
    rows = [RunRow(run, name, connection) for run, name, connection in session.execute(query)]
    following = cursor(rows[limit - 1].run.id) if len(rows) > limit else ""
    return Page(rows[:limit], next=following, is_first=place is None)


def latest_row(session: Session, connection_id: int, kind: str, *, is_preview: bool) -> RunRow | None:
    """The latest run of a kind, or the latest preview of one."""
    query = _run_rows().where(
        Run.connection_id == connection_id, Run.kind == kind, Run.is_preview.is_(is_preview)
    )
    row = session.execute(query.order_by(Run.id.desc()).limit(1)).first()
    return RunRow(row[0], row[1], row[2]) if row else None


def open_of_person(session: Session, user_id: int) -> list[Run]:
    """The runs that somebody has started and that have not ended, the newest first."""
    query = select(Run).where(Run.state.in_(OPEN_STATES), Run.started_by_id == user_id)
    return list(session.scalars(query.order_by(Run.id.desc())))


def run_row(session: Session, run_id: int) -> RunRow | None:
    """One run, read afresh."""
    row = session.execute(
        _run_rows().where(Run.id == run_id).execution_options(populate_existing=True)
    ).first()
    return RunRow(row[0], row[1], row[2]) if row else None


def entries(
    session: Session,
    run: Run,
    entry_filter: EntryFilter,
    *,
    after: str = "",
    limit: int = 200,
) -> EntryPage:
    """A page of a run's entries, newest first.

    A filter that no index answers looks through a bounded stretch of the run; where that ends before the
    page is full, the page says so and the next one goes on from there.
    """
    place = place_of(after, tuple[Number])
    newest = min(place[0] - 1, run.last_seq) if place else run.last_seq
    oldest = max(1, newest - _LOOK_THROUGH + 1) if _needs_search(entry_filter) else 1
    query = _matching(session, run.id, entry_filter).where(LogEntry.seq <= newest, LogEntry.seq >= oldest)
    rows = list(session.scalars(query.order_by(LogEntry.seq.desc()).limit(limit + 1)))
    is_first = place is None
    if len(rows) > limit:
        return EntryPage(rows[:limit], next=cursor(rows[limit - 1].seq), is_first=is_first)
    if oldest > 1:
        back_to = _time_of(session, run.id, oldest)
        return EntryPage(rows, cursor(oldest), is_first=is_first, is_cut=True, looked_back_to=back_to)
    return EntryPage(rows, is_first=is_first)


class CompanyNames(Struct, frozen=True):
    """Companies that entries speak of: names by number, and the numbers of those linked to an object."""

    names: dict[int, str] = {}
    numbers: dict[str, int] = {}

    def get(self, number: int, otherwise: str) -> str:
        """The name of a company, as far as it is here."""
        return self.names.get(number, otherwise)


def companies_named(session: Session, logged: Iterable[LogEntry | Event | CsvImportRow]) -> CompanyNames:
    """The companies, here and in HubSpot, that contacts came from or went to in these entries."""
    changes = [change for entry in logged for change in entry.changes or ()]
    ids = {one for name, *given in changes if name == "company_id" for one in given if isinstance(one, int)}
    objects = {str(one) for name, *given in changes if name == PRIMARY for one in given if one}
    numbers = _numbers_of(session, objects)
    ids |= set(numbers.values())
    if not ids:
        return CompanyNames()
    found = session.execute(select(Company.id, Company.name, Company.domain).where(Company.id.in_(ids)))
    names = {number: name or domain or f"company {number}" for number, name, domain in found}
    return CompanyNames(names, {one: number for one, number in numbers.items() if number in names})


def _numbers_of(session: Session, remote_ids: set[str]) -> dict[str, int]:
    """The companies that are linked to these objects; no two portals have an object of one number."""
    if not remote_ids:
        return {}
    found = session.execute(
        select(Link.remote_id, Link.record_id).where(
            Link.connection_id.in_(select(Connection.id)),
            Link.object_type == "companies",
            among(session, Link.remote_id, sorted(remote_ids)),
        )
    )
    return {row.remote_id: row.record_id for row in found}


def runs_of(session: Session, run_ids: set[int]) -> list[Run]:
    """The runs of these numbers, as far as the log has them."""
    return list(session.scalars(select(Run).where(Run.id.in_(run_ids)))) if run_ids else []


def entry(session: Session, run_id: int, seq: int) -> LogEntry | None:
    """One entry of a run."""
    return session.get(LogEntry, (run_id, seq))


def undos_of(session: Session, run_id: int) -> list[int]:
    """The undos of a run or of parts of it that have written, oldest first."""
    query = select(Run.id).where(
        Run.kind == "undo", Run.is_preview.is_(False), Run.options["run_id"].as_integer() == run_id
    )
    return list(session.scalars(query.order_by(Run.id)))


def first_failures(session: Session, run_id: int, limit: int) -> list[LogEntry]:
    """The first records that failed in a run."""
    query = select(LogEntry).where(LogEntry.run_id == run_id, LogEntry.outcome == "failed")
    return list(session.scalars(query.order_by(LogEntry.seq).limit(limit)))


def reasons_of(session: Session, run_id: int, limit: int) -> list[tuple[str, str, str, int]]:
    """Object type, outcome, reason and how many, of what a run left, held or failed to do; the most first."""
    what = (LogEntry.object_type, LogEntry.outcome, LogEntry.reason)
    number = func.count()
    query = (
        select(*what, number)
        .where(LogEntry.run_id == run_id, LogEntry.outcome.in_((SKIPPED, HELD, FAILED)))
        .where(LogEntry.reason.is_not(None))
        .group_by(*what)
        .order_by(number.desc(), *what)
    )
    return [tuple(row) for row in session.execute(query.limit(limit))]  # type: ignore[misc]


def records_written(session: Session, run_id: int, *, after_seq: int, limit: int) -> list[tuple[int, int]]:
    """The next records that a run made or changed: `(number of the entry, number of the record)`."""
    query = select(LogEntry.seq, LogEntry.record_id).where(
        LogEntry.run_id == run_id,
        LogEntry.seq > after_seq,
        LogEntry.outcome.in_((CREATED, UPDATED)),
        LogEntry.record_id.is_not(None),
    )
    rows = session.execute(query.order_by(LogEntry.seq).limit(limit))
    return [(seq, record_id) for seq, record_id in rows if record_id is not None]


def held_details(session: Session, run_id: int) -> list[dict[str, Any] | None]:
    """The details of the first thousand entries that a run left to a person."""
    query = held_entries(session, run_id).with_only_columns(LogEntry.detail)
    return list(session.scalars(query.order_by(LogEntry.seq).limit(_MOST_HELD)))


def held_entries(session: Session, run_id: int) -> Select[LogEntry]:
    """The entries that a run left to a person, as a query by their index."""
    return _matching(session, run_id, EntryFilter(Ending(HELD, HELD)))


def running_bulk(session: Session, connection_id: int) -> Run | None:
    """The bulk run at work, behind which others of the connection wait."""
    query = select(Run).where(
        Run.connection_id == connection_id, Run.state == "running", Run.kind.in_(BULK_NAMES)
    )
    return session.scalars(query.limit(1)).first()


def _run_rows() -> Select[Run, str, Connection]:
    return (
        select(Run, User.name, Connection)
        .join(Connection, Connection.id == Run.connection_id)
        .outerjoin(User, User.id == Run.started_by_id)
    )


def _matching(session: Session, run_id: int, entry_filter: EntryFilter) -> Select[LogEntry]:
    conditions: list[ColumnElement[bool]] = [LogEntry.run_id == run_id]
    ending = entry_filter.ending
    if ending is not None:
        conditions += _ends_so(session, ending)
    if entry_filter.object_type:
        is_association = entry_filter.object_type == ASSOCIATIONS
        kind = "contacts" if is_association else entry_filter.object_type
        conditions += [LogEntry.object_type == kind, LogEntry.is_association.is_(is_association)]
    if entry_filter.reason:
        conditions.append(LogEntry.reason == entry_filter.reason)
    if entry_filter.name:
        conditions.append(LogEntry.name.istartswith(entry_filter.name, autoescape=True))
    query = select(LogEntry).where(and_(*conditions))
    return query.where(IS_NOTABLE) if _is_notable(ending) else query


def _ends_so(session: Session, ending: Ending) -> list[ColumnElement[bool]]:
    conditions = [_outcome_is(session, ending)]
    if ending.reason is not None:
        conditions.append(LogEntry.reason == ending.reason)
    if ending.but:
        conditions.append(or_(LogEntry.reason.is_(None), LogEntry.reason.not_in(ending.but)))
    return conditions


def _outcome_is(session: Session, ending: Ending) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = LogEntry.outcome == ending.outcome
    if _is_notable(ending) and session.get_bind().dialect.name == "sqlite":
        # SQLite keeps no figures about its tables: without the hint that this is rare it reads the whole run.
        return func.unlikely(condition)
    return condition


def _is_notable(ending: Ending | None) -> bool:
    return ending is not None and ending.outcome not in (CREATED, UPDATED)


def _needs_search(entry_filter: EntryFilter) -> bool:
    return entry_filter.is_active and not _is_notable(entry_filter.ending)


def _time_of(session: Session, run_id: int, seq: int) -> datetime | None:
    return session.scalar(select(LogEntry.at).where(LogEntry.run_id == run_id, LogEntry.seq == seq))
