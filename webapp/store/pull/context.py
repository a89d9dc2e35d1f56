"""The context in which pages are applied: made once at the top of a slice, the same for every page of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import Mapping as FieldMapping
from webapp.domain.matching.candidates import Candidate
from webapp.domain.matching.frequencies import DEFAULT, Frequencies
from webapp.domain.matching.keys import Keys
from webapp.domain.pull.facts import CompanyFacts, Facts
from webapp.domain.pull.origin import Origin
from webapp.domain.pull.plan import AT_ONCE, Linking, Plan
from webapp.domain.records.fields import ObjectType
from webapp.domain.rules.rule import Rule
from webapp.models import Run
from webapp.store.runs.checkpoint import Checkpoint


class Overlay(Protocol):
    """What earlier pages of a run have planned without writing it; nothing in a run that writes."""

    @property
    def planned_by(self) -> int | None:
        """The preview whose plans these are."""

    def companies(self, remote_ids: Sequence[str]) -> Mapping[str, CompanyFacts]:
        """Which records these companies would be, or why they would not be here."""

    def company_values(self, record_ids: Iterable[int]) -> Mapping[int, dict[str, Any]]:
        """What these companies would hold."""

    def addresses(self, emails: Sequence[str]) -> Iterable[tuple[int, str]]:
        """Contacts that would have one of these addresses beside their first one, each with it."""

    def candidates(
        self, keys: Sequence[Keys], here: Sequence[int], further: Mapping[int, set[str]]
    ) -> Iterable[Candidate]:
        """The planned among the records `here`, and those with an exact key of one of these.

        `further` are contacts' addresses beside their first ones.
        """

    def new_ids(self, count: int) -> Sequence[int]:
        """Unused numbers for records that are, or would be, new."""


class Sink(Protocol):
    """The destination of plans: the records, or the rows that a preview shows."""

    is_preview: bool

    def overlay(self, session: Session, run_id: int, object_type: ObjectType) -> Overlay:
        """What lies over the stored data for the next page, read in this transaction."""

    def write(
        self, session: Session, run: Run, page: "Page", plans: Sequence[Plan], checkpoint: Checkpoint
    ) -> None:
        """Write a page, with its log entries, counts and the checkpoint behind it; `run` is locked."""

    def mark_gone(
        self,
        session: Session,
        run: Run,
        object_type: ObjectType,
        remote_ids: Sequence[str],
        *,
        checkpoint: Checkpoint,
        now: datetime,
    ) -> None:
        """Write that HubSpot has proved these objects to be gone; `run` is locked."""

    def record_all_pulled(
        self, session: Session, connection_id: int, *, run_id: int, watermark: datetime, now: datetime
    ) -> None:
        """Record that everything was pulled as it was at the watermark."""


class Context(Struct, frozen=True, kw_only=True):
    """The context under which pages of one object type are applied.

    Attributes:
        run_id, fence: the slice's right to write for a run.
        connection_id: the connection in use.
        mapping, rule: the configuration in force.
        origin: whether a person requested the run.
        sink: where what was planned goes.
        frequencies: by which what records share is weighed.
        is_first: whether nothing was pulled completely before: then most objects of a page are not known yet.
        linking: when what is certain is linked.
    """

    run_id: int
    fence: int
    connection_id: int
    mapping: FieldMapping
    rule: Rule
    origin: Origin
    sink: Sink
    frequencies: Frequencies = DEFAULT
    is_first: bool = False
    linking: Linking = AT_ONCE

    @property
    def object_type(self) -> ObjectType:
        """Companies or contacts."""
        return self.mapping.object_type


class Page(Struct, frozen=True):
    """One page: what it is applied under, what both sides say of it, and the time of its writes."""

    context: Context
    facts: Facts
    now: datetime
