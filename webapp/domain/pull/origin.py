"""The origin of a pull, a person or automatic sync, and its consequences: whose values stay.

The origin is decided once, at the top of a slice, and answers for itself from there on.
"""

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from msgspec import Struct

from webapp.domain.links import company_moves
from webapp.domain.links.base import COMPANY, SET_APART, brought_together
from webapp.domain.links.conflicts import Overwritten, Times, decide, is_later_here
from webapp.domain.links.facts import LinkFacts
from webapp.domain.links.precedence import has_moved
from webapp.domain.mapping.incoming import Incoming
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.values import Change, is_blank

NEVER: Times = MappingProxyType({})


class Meeting(NamedTuple):
    """An object and the record that it is linked to, or is to be.

    `edited_at` says when fields were edited here, `changed_at` when HubSpot changed them, and `updated_at`
    when it changed the object last. `company_id` is the company of a contact's object, and
    `former_company_ids` are those that were merged into that one.
    """

    incoming: Incoming
    link: LinkFacts | None
    mapping: Mapping
    edited_at: Times = NEVER
    changed_at: Times = NEVER
    updated_at: datetime | None = None
    company_id: str | None = None
    former_company_ids: Sequence[str] = ()

    @property
    def is_linked(self) -> bool:
        """Whether the two were in step until now."""
        return self.link is not None and self.link.state == "linked"

    def has_moved(self, name: str) -> bool:
        """Whether HubSpot's value of a field is another one than after the last sync."""
        if self.link is None:
            return False
        if name == COMPANY:
            if self._has_waited():
                return True
            before = self.link.remote_seen.get(COMPANY)
            return company_moves.has_moved(before, self.company_id, self.former_company_ids)
        return has_moved(name, self.incoming, self.link, self.mapping)

    def _has_waited(self) -> bool:
        """Whether the contact has not got its company in HubSpot yet, since that was not here."""
        awaited = self.link.awaited_company if self.link else None
        return awaited is not None and awaited in (self.company_id, *self.former_company_ids)

    def times_there(self, changes: Sequence[Change]) -> Times:
        """When HubSpot changed these fields; without a history, the time of the object's last change."""
        if self.is_linked or self.updated_at is None:
            return self.changed_at
        return {name: self.changed_at.get(name, self.updated_at) for name, *_ in changes}


class Choice(NamedTuple):
    """The changes that HubSpot's values would make: those to write, and those that an edit here prevents.

    `overwritten` are the values that are lost where both sides changed a field.
    """

    taken: list[Change]
    kept: list[Change]
    overwritten: Sequence[Overwritten] = ()

    @property
    def reason(self) -> str | None:
        """The reason that the log has for fields that were edited here as well."""
        return "overwritten" if self.overwritten else "edited_meanwhile" if self.kept else None


class Requested(Struct, frozen=True):
    """The origin of a requested pull: it takes all of HubSpot's state, except edits here after the request.

    Attributes:
        brings_back: whether what an undo took out of here comes back.
        overtakes_edits: whether an edit that waits to be sent has nothing to send any more.
        guarded_links: how many records are linked, where the amount of changes is guarded.
    """

    brings_back: ClassVar[bool] = True
    overtakes_edits: ClassVar[bool] = True
    guarded_links: ClassVar[int | None] = None

    def edits_count_after(self, newest_edit_id: int | None) -> int | None:
        """The number of the newest edit at the request: later edits stay; None keeps all unsent ones."""
        return newest_edit_id

    def choose(self, changes: Sequence[Change], meeting: Meeting) -> Choice:
        """Edits after the request are not overwritten: nobody meant that."""
        edited = meeting.edited_at
        return Choice(
            [change for change in changes if change[0] not in edited],
            [change for change in changes if change[0] in edited],
        )

    def has_decided(self, name: str, meeting: Meeting) -> bool:
        """Whether the pull decides a field: every field for which HubSpot has data."""
        return not is_blank(meeting.incoming.raw.get(name))

    def left_apart(self, _meeting: Meeting) -> Sequence[str]:
        """No field stays as an undo left it, different on the two sides."""
        return ()


class Automatic(Struct, frozen=True):
    """The origin of automatic sync: it takes HubSpot's changes since the base, and keeps the later edit.

    `guarded_links` is how many records are linked; None where somebody has allowed any amount of changes.
    """

    guarded_links: int | None = None
    brings_back: ClassVar[bool] = False
    overtakes_edits: ClassVar[bool] = False

    def edits_count_after(self, _newest_edit_id: int | None) -> int | None:
        """Every edit that was not sent yet counts."""
        return None

    def choose(self, changes: Sequence[Change], meeting: Meeting) -> Choice:
        """If both sides changed a field, the later edit decides; an unlinked record has no base."""
        if meeting.link is None:
            return _without_base(changes, meeting)
        moved = [change for change in changes if meeting.has_moved(change[0])]
        there = meeting.times_there(moved)
        return Choice(*decide(moved, meeting.link, meeting.edited_at, there, meeting.mapping))

    def has_decided(self, name: str, meeting: Meeting) -> bool:
        """Whether the pull decides a field: every field that HubSpot changed since the base."""
        return meeting.has_moved(name)

    def left_apart(self, meeting: Meeting) -> Sequence[str]:
        """The fields that an undo set apart, except those that HubSpot changed since."""
        if meeting.link is None or SET_APART not in meeting.link.local_seen:
            return ()
        moved = [name for name in meeting.incoming.raw if meeting.has_moved(name)]
        left: list[str] = brought_together(meeting.link.local_seen, moved).get(SET_APART, [])
        return left


def _without_base(changes: Sequence[Change], meeting: Meeting) -> Choice:
    """The choice without a base: HubSpot's value is taken, unless ours was typed later."""
    there = meeting.times_there(changes)
    kept = [change for change in changes if is_later_here(change[0], meeting.edited_at, there)]
    taken = [change for change in changes if change not in kept]
    return Choice(taken, kept, [Overwritten(name, remote, "hubspot") for name, _local, remote in kept])


REQUESTED = Requested()

Origin = Requested | Automatic


def of_link(origin: Origin, link: LinkFacts | None) -> Origin:
    """The origin under which one object is pulled.

    Where its link did not work until now, edits of the record could not be sent, and no dialog has counted
    them before the pull: so every pull takes no more than an automatic run.
    """
    is_idle = link is not None and link.state != "linked"
    return Automatic(guarded_links=origin.guarded_links) if is_idle else origin
