"""What an undo does with links: gathered over a stretch of entries, and written at once."""

from datetime import datetime
from typing import Any

from msgspec import Struct, field
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.domain.links.facts import REVERTED
from webapp.domain.records.fields import ObjectType
from webapp.models import Link, RemoteObject
from webapp.store.database.bulk import replace_rows
from webapp.store.database.lists import among
from webapp.store.links import generations, waiting
from webapp.store.links.linked import mark_linked, mark_unlinked
from webapp.store.push import outbox

_TIMES = ("remote_updated_at", "linked_at", "pulled_at", "pushed_at")
_KEPT = ("remote_id", "state", "local_seen", "remote_seen", *_TIMES)
_TOMBSTONE = (
    *("connection_id", "object_type", "remote_id", "display_name", "properties", "state", "reason"),
    *("remote_updated_at", "read_at"),
)


class LinkChanges(Struct):
    """Links that go and links that come back, of one object type."""

    session: Session
    connection_id: int
    object_type: ObjectType
    going: list[Link] = field(default_factory=list)
    remembered: list[tuple[Link, str]] = field(default_factory=list)
    coming: list[tuple[int, dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    def take_away(self, link: Link, name: str, *, is_remembered: bool = True) -> dict[str, Any]:
        """Let a link go; answers what it was, for `bring_back`.

        Args:
            link: The link.
            name: What its object is called.
            is_remembered: Whether a tombstone of the object stays, so that no automatic run brings it back.
        """
        self.going.append(link)
        if is_remembered:
            self.remembered.append((link, name))
        kept = {one: getattr(link, one) for one in _KEPT}
        return kept | {one: kept[one].isoformat() if kept[one] else None for one in _TIMES}

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
        shared = (self.connection_id, self.object_type)
        generation = generations.raise_generation(self.session, self.connection_id)
        remote_ids = [link.remote_id for link in self.going]
        of_type = (self.connection_id, self.object_type)
        generations.record_unlinked(self.session, *of_type, remote_ids, generation=generation, now=now)
        rows: list[tuple[Any, ...]] = [
            (*shared, link.remote_id, name, {}, "ignored", REVERTED, link.remote_updated_at, now)
            for link, name in self.remembered
        ]
        table: Any = RemoteObject.__table__
        replace_rows(self.session, table, _TOMBSTONE, _TOMBSTONE[:3], rows)

    def _write_coming(self, now: datetime) -> None:
        if not self.coming:
            return
        remote_ids = [unlinked["remote_id"] for _, unlinked, _ in self.coming]
        of_type = (Link.connection_id == self.connection_id, Link.object_type == self.object_type)
        query = select(Link.remote_id).where(*of_type, among(self.session, Link.remote_id, remote_ids))
        taken = set(self.session.scalars(query))
        for record_id, unlinked, kept in self.coming:
            kept["relinked"] = unlinked["remote_id"] not in taken
            if kept["relinked"]:
                self.session.add(self._as_link(record_id, unlinked))
        self.session.flush()
        back = [record_id for record_id, _, kept in self.coming if kept["relinked"]]
        mark_linked(self.session, self.object_type, back)
        outbox.add_edited(self.session, self.connection_id, self.object_type, back, now)
        if self.object_type == "companies":
            waiting.company_linked(self.session, self.connection_id, set(remote_ids) - taken, now)
        self._run(
            delete(RemoteObject).where(
                RemoteObject.connection_id == self.connection_id,
                RemoteObject.object_type == self.object_type,
                RemoteObject.reason == REVERTED,
                among(self.session, RemoteObject.remote_id, sorted(set(remote_ids) - taken)),
            )
        )

    def _as_link(self, record_id: int, unlinked: dict[str, Any]) -> Link:
        times = {one: datetime.fromisoformat(unlinked[one]) if unlinked[one] else None for one in _TIMES}
        return Link(
            connection_id=self.connection_id,
            object_type=self.object_type,
            record_id=record_id,
            **{**{one: unlinked[one] for one in _KEPT}, **times},
        )

    def _run(self, statement: Any) -> None:
        self.session.execute(statement.execution_options(synchronize_session=False))
