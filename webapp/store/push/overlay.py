"""The overlay of a push over the stored links: empty when it sends, and its own plans in a preview."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from webapp.domain.push.facts import Local
from webapp.domain.records.fields import ObjectType
from webapp.store.push import associations, facts
from webapp.store.push.associations import Pair
from webapp.store.push.scope import Scope


class Overlay(Protocol):
    """Lays what a run has planned over what is stored; chosen once for each slice."""

    def is_in_flight(self, locals_: Sequence[Local]) -> bool:
        """Whether another run is sending one of these records, so that this one has to wait."""
        ...

    def owners(
        self, session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
    ) -> dict[str, int]:
        """The records that these objects are linked to."""
        ...

    def with_companies(self, session: Session, contacts: Sequence[Local]) -> list[Local]:
        """Contacts with the objects of their companies."""
        ...

    def pairs(
        self, session: Session, connection_id: int, scope: Scope, *, after_id: int, limit: int
    ) -> list[Pair]:
        """The next contacts that are linked, and whose company is."""
        ...


class NoPushOverlay:
    """The overlay of a push that sends: empty, since its earlier pages are in the tables."""

    def is_in_flight(self, locals_: Sequence[Local]) -> bool:
        """As the announcements of other runs say."""
        return any(one.is_being_written for one in locals_ if not one.is_done)

    def owners(
        self, session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
    ) -> dict[str, int]:
        """As the links say."""
        return facts.owners(session, connection_id, object_type, remote_ids)

    def with_companies(self, _session: Session, contacts: Sequence[Local]) -> list[Local]:
        """They were read with their companies' links."""
        return list(contacts)

    def pairs(
        self, session: Session, connection_id: int, scope: Scope, *, after_id: int, limit: int
    ) -> list[Pair]:
        """As the links say."""
        return associations.page(session, connection_id, scope, after_id=after_id, limit=limit)
