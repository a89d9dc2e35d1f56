"""Changes of links by an undo: gathered over a batch of entries, and written at once."""

from datetime import datetime
from typing import Any

from msgspec import Struct, field
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.domain.links.facts import REVERTED
from webapp.domain.records.fields import ObjectType
from webapp.domain.undo.local import UndoPlan
from webapp.models import Link, PrivacyDeletion
from webapp.store.database.lists import among
from webapp.store.links import generations, tombstones, waiting
from webapp.store.links.in_log import as_link, kept_of
from webapp.store.links.linked_flags import mark_linked, mark_unlinked
from webapp.store.links.tombstones import Tombstone
from webapp.store.push import outbox


class LinkChanges(Struct):
    """Links that go and links that come back, of one object type."""

    session: Session
    connection_id: int
    object_type: ObjectType
    going: list[Link] = field(default_factory=list)
    remembered: list[Tombstone] = field(default_factory=list)
    coming: list[tuple[int, dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    def take_away(self, link: Link, name: str, *, reason: str | None = REVERTED) -> dict[str, Any]:
        """Let a link go; answers what it was, for `bring_back`.

        Args:
            link: The link.
            name: What its object is called.
            reason: That of the tombstone of the object, by which no automatic run brings it back; None where
                none stays.
        """
        self.going.append(link)
        if reason is not None:
            self.remembered.append(tombstones.of_link(link, name, reason))
        return kept_of(link)

    def bring_back(self, record_id: int, entry_detail: dict[str, Any], kept: dict[str, Any]) -> None:
        """Give a record the link back that an undo's entry keeps as `unlinked`.

        Once written, `kept` says whether it has it: the object may belong to another record by now.
        """
        self.coming.append((record_id, entry_detail["unlinked"], kept))

    def write(self, now: datetime) -> None:
        """Write all of it in the caller's transaction."""
        self.session.flush()
        self._write_going(now)
        self._write_coming(now)

    def _write_going(self, now: datetime) -> None:
        if not self.going:
            return
        self._run(delete(Link).where(among(self.session, Link.id, [link.id for link in self.going])))
        mark_unlinked(self.session, self.object_type, [link.record_id for link in self.going])
        for link in self.going:
            self.session.expunge(link)
        generation = generations.raise_generation(self.session, self.connection_id)
        remote_ids = [link.remote_id for link in self.going]
        of_type = (self.connection_id, self.object_type)
        generations.record_unlinked(self.session, *of_type, remote_ids, generation=generation, now=now)
        tombstones.write(self.session, self.object_type, self.remembered, now)

    def _write_coming(self, now: datetime) -> None:
        if not self.coming:
            return
        remote_ids = [unlinked["remote_id"] for _, unlinked, _ in self.coming]
        of_type = (Link.connection_id == self.connection_id, Link.object_type == self.object_type)
        query = select(Link.remote_id).where(*of_type, among(self.session, Link.remote_id, remote_ids))
        taken, refused = set(self.session.scalars(query)), self._refused(remote_ids)
        for record_id, unlinked, kept in self.coming:
            kept["relinked"] = unlinked["remote_id"] not in taken
            if kept["relinked"]:
                link = as_link(self.connection_id, self.object_type, record_id, unlinked)
                link.state = "refused" if link.remote_id in refused else link.state
                self.session.add(link)
        self.session.flush()
        again = [record_id for record_id, _, kept in self.coming if kept["relinked"]]
        mark_linked(self.session, self.object_type, again)
        outbox.add_edited(self.session, self.connection_id, self.object_type, again, now)
        back = sorted(set(remote_ids) - taken)
        if self.object_type == "companies":
            waiting.company_linked(self.session, self.connection_id, back, now)
            outbox.add_contacts_of(self.session, again, now)
        tombstones.forget(self.session, self.connection_id, self.object_type, back)

    def _refused(self, remote_ids: list[str]) -> set[str]:
        """The objects that HubSpot has deleted for privacy meanwhile."""
        query = select(PrivacyDeletion.remote_id).where(
            PrivacyDeletion.connection_id == self.connection_id,
            PrivacyDeletion.object_type == self.object_type,
            among(self.session, PrivacyDeletion.remote_id, remote_ids),
        )
        return set(self.session.scalars(query))

    def _run(self, statement: Any) -> None:
        self.session.execute(statement.execution_options(synchronize_session=False))


def switch_back(link: Link | None, plan: UndoPlan) -> dict[str, Any]:
    """Give a link the state back that it had before its sync was stopped or resumed."""
    if link is None or plan.link_state is None:
        return {}
    link.state = plan.link_state
    return {"sync_resumed" if plan.link_state == "linked" else "sync_stopped": True}
