"""The plans of a preview, laid over the stored records; only the preview's own later pages see them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, and_, delete, func, select, union
from sqlalchemy.orm import Session

from webapp.domain.matching.candidates import MOST_OF_A_KEY, Candidate
from webapp.domain.matching.keys import Keys
from webapp.domain.pull.facts import CompanyFacts
from webapp.domain.pull.overlay import numbers_below
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import company_keys, contact_keys
from webapp.domain.records.values import Value
from webapp.models import PlannedAddress, PlannedObject, PlannedRecord
from webapp.store.database.bulk import replace_rows
from webapp.store.database.lists import among, dialect_of, found_by, pair_parameters, parameter

_ROW = PlannedRecord
_COLUMNS = (
    *("run_id", "object_type", "record_id", "remote_id", "link_state"),
    *("email_key", "domain_key", "phone_key", "name_key", "company_id", "values"),
)
_TABLES: tuple[Any, ...] = (PlannedRecord, PlannedAddress, PlannedObject)


class Planned(Struct, frozen=True):
    """What one preview has planned of one object type, read in the caller's transaction."""

    session: Session
    run_id: int
    object_type: ObjectType

    @property
    def planned_by(self) -> int:
        """The preview."""
        return self.run_id

    def new_ids(self, count: int) -> Sequence[int]:
        """Numbers for records that would be new: no table's own counter moves."""
        lowest = self.session.scalar(select(func.min(_ROW.record_id)).where(self._of_run()))
        return numbers_below(lowest, count)

    def companies(self, remote_ids: Sequence[str]) -> dict[str, CompanyFacts]:
        """Which records these companies would be, or why they would not be here."""
        left_out = select(PlannedObject.remote_id, PlannedObject.reason).where(
            PlannedObject.run_id == self.run_id, among(self.session, PlannedObject.remote_id, remote_ids)
        )
        found = {one: CompanyFacts(reason=reason) for one, reason in self.session.execute(left_out)}
        linked = select(_ROW.remote_id, _ROW.record_id).where(
            _ROW.run_id == self.run_id,
            _ROW.object_type == "companies",
            among(self.session, _ROW.remote_id, remote_ids),
        )
        for remote_id, record_id in self.session.execute(linked):
            if remote_id is not None:
                found[remote_id] = CompanyFacts(record_id)
        return found

    def addresses(self, emails: Sequence[str]) -> Iterable[tuple[int, str]]:
        """Contacts that would have one of these addresses beside their first one, each with it."""
        query = select(PlannedAddress.record_id, PlannedAddress.email_key).where(
            PlannedAddress.run_id == self.run_id, among(self.session, PlannedAddress.email_key, emails)
        )
        return [(record_id, email) for record_id, email in self.session.execute(query)]

    def company_values(self, record_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
        """The values of planned companies."""
        return company_values(self.session, self.run_id, record_ids)

    def candidates(
        self, keys: Sequence[Keys], here: Sequence[int], further: Mapping[int, set[str]]
    ) -> Iterable[Candidate]:
        """The planned among the records `here`, and those with an exact key of one of these.

        Planned records are linked, so only exact keys find them.
        """
        return [self._candidate(row, further) for row in self._like(keys, here)]

    def _like(self, keys: Sequence[Keys], ids: Sequence[int]) -> Iterable[PlannedRecord]:
        """The planned records with one of the numbers, or with an exact key of one of these."""
        dialect = dialect_of(self.session)
        if self.object_type == "companies":
            names = sorted({key.name for key in keys if key.name})
            found = [self._with("domains", _ROW.domain_key), self._with("names", _ROW.name_key)]
            parameters = {
                "domains": parameter(dialect, sorted({domain for key in keys for domain in key.domains})),
                "names": parameter(dialect, names),
            }
        else:
            phones = {(key.name, key.usable_phone) for key in keys if key.name and key.usable_phone}
            companies = {
                (key.name, key.company_id) for key in keys if key.name and key.company_id is not None
            }
            found = [
                self._with("emails", _ROW.email_key),
                self._with("named_phones", _ROW.name_key, _ROW.phone_key),
                self._with("named_companies", _ROW.name_key, _ROW.company_id),
            ]
            parameters = {
                "emails": parameter(dialect, sorted({email for key in keys for email in key.emails})),
                **pair_parameters(dialect, "named_phones", sorted(phones)),
                **pair_parameters(dialect, "named_companies", sorted(companies)),
            }
        numbered = select(_ROW.record_id).where(self._of_run(), among(self.session, _ROW.record_id, ids))
        query = select(_ROW).where(self._of_run(), _ROW.record_id.in_(union(numbered, *found)))
        return self.session.scalars(query.order_by(_ROW.record_id.desc()), parameters)

    def _with(self, name: str, *columns: Any) -> Select[Any]:
        """Planned records by a key, or a pair of them; in any other way SQLite reads all rows of the run."""
        of_run = {"run_id": self.run_id, "object_type": self.object_type}
        table = _ROW.__table__
        return found_by(
            *(dialect_of(self.session), table, name, columns, MOST_OF_A_KEY),
            within=of_run,
            number="record_id",
        )

    def _candidate(self, row: PlannedRecord, further: Mapping[int, set[str]]) -> Candidate:
        first = {row.email_key} if row.email_key else set()
        keys = Keys(
            object_type=self.object_type,
            emails=frozenset(further.get(row.record_id, set()) | first),
            phone=row.phone_key,
            name=row.name_key,
            company_id=row.company_id,
            domain=row.domain_key,
            values=row.values,
        )
        return Candidate(row.record_id, keys, linked_to=row.remote_id)

    def _of_run(self) -> Any:
        return and_(_ROW.run_id == self.run_id, _ROW.object_type == self.object_type)


class PlannedRow(Struct, frozen=True):
    """A record as it would be: number, object, the state of its link, and its values where a match asks."""

    record_id: int
    remote_id: str | None
    link_state: str = "linked"
    values: dict[str, Value] = {}


def write_records(
    session: Session, run_id: int, object_type: ObjectType, planned: Sequence[PlannedRow]
) -> None:
    """Keep records as they would be."""
    rows = []
    for row in planned:
        values = row.values
        columns = company_keys(values) if object_type == "companies" else contact_keys(values)
        keys = [columns.get(name) for name in ("email_key", "domain_key", "phone_key", "name_key")]
        known = {name: value for name, value in values.items() if value is not None}
        rows.append(
            (
                *(run_id, object_type, row.record_id, row.remote_id, row.link_state),
                *(*keys, values.get("company_id"), known),
            )
        )
    table: Any = PlannedRecord.__table__
    replace_rows(session, table, _COLUMNS, _COLUMNS[:3], rows)


def company_values(session: Session, run_id: int, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The values of companies that would be new, by their negative numbers."""
    query = select(_ROW.record_id, _ROW.values).where(
        _ROW.run_id == run_id,
        _ROW.object_type == "companies",
        among(session, _ROW.record_id, sorted(ids)),
    )
    return {row.record_id: row.values for row in session.execute(query)}


def forget(session: Session, run_id: int) -> None:
    """Delete the plans of a preview; its log stays."""
    for table in _TABLES:
        session.execute(
            delete(table).where(table.run_id == run_id).execution_options(synchronize_session=False)
        )
