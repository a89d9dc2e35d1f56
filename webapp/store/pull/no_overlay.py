"""The overlay of a run that writes: empty, since earlier pages are in the tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.matching.candidates import Candidate
from webapp.domain.matching.keys import Keys
from webapp.domain.pull.facts import CompanyFacts
from webapp.domain.records.fields import ObjectType
from webapp.store.database import ids
from webapp.store.records.records import TABLES


class NoPullOverlay(Struct, frozen=True):
    """Nothing that was not written; see `webapp.store.pull.context.Overlay`."""

    session: Session
    object_type: ObjectType

    @property
    def planned_by(self) -> None:
        """No preview."""

    def companies(self, _remote_ids: Sequence[str]) -> Mapping[str, CompanyFacts]:
        """No company that is not here."""
        return {}

    def company_values(self, _record_ids: Iterable[int]) -> Mapping[int, dict[str, Any]]:
        """No values of any."""
        return {}

    def addresses(self, _emails: Sequence[str]) -> Iterable[tuple[int, str]]:
        """No addresses beside the stored ones."""
        return ()

    def candidates(
        self, _keys: Sequence[Keys], _here: Sequence[int], _further: Mapping[int, set[str]]
    ) -> Iterable[Candidate]:
        """No records but the stored ones."""
        return ()

    def new_ids(self, count: int) -> Sequence[int]:
        """Numbers that the table has given to nobody."""
        table: Any = TABLES[self.object_type].__table__
        return ids.reserve(self.session, table, count)
