"""The pairs of a merge run, one after the other, each with what becomes of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.duplicates.bulk import LeavePlan, MergePlan, plan_pair
from webapp.domain.duplicates.pairs import Pair, compare
from webapp.domain.matching.frequencies import Frequencies
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.store.duplicates import candidates, lists, merge_log, pairs, sides
from webapp.store.duplicates.lists import Question
from webapp.store.duplicates.pairs import PossibleDuplicate
from webapp.store.duplicates.sides import SideRead
from webapp.store.runs.entry import LONGEST_NAME
from webapp.store.runs.log import Run
from webapp.usecases.duplicates import merge_in_hubspot
from webapp.usecases.duplicates.merge_in_hubspot import Announced

_LINKED = "linked"


class Known(Struct, frozen=True):
    """What pairs are weighed by: a count, and by record the domains of companies beside the first."""

    by_count: Frequencies
    domains: Mapping[int, Sequence[str]] = {}


class Position(Struct, kw_only=True):
    """The position of a merge: behind this pair, or behind this record of a group; `up_to` ends it."""

    after_id: int = 0
    up_to: int = 0
    is_end: bool = False


class Unit(Struct, frozen=True):
    """A pair with what becomes of it, the two records by number, and what was announced of it before.

    `by_domain` says that it was found by a common domain, which HubSpot alone may know of.
    """

    pair_id: int
    object_type: ObjectType
    plan: MergePlan | LeavePlan
    records: dict[int, SideRead]
    announced: Announced | None = None
    by_domain: bool = False

    def objects(self) -> tuple[str, str] | None:
        """The objects of the record that stays and of the one that goes; None unless both are linked."""
        if isinstance(self.plan, LeavePlan):
            return None
        both = [self.records[self.plan.stays], self.records[self.plan.goes]]
        ids = [one.remote_id for one in both if one.remote_id is not None and one.link_state == _LINKED]
        return (ids[0], ids[1]) if len(ids) == len(both) else None

    def name(self, record_id: int) -> str:
        """A record's name for the log."""
        return record_name(self.object_type, self.records[record_id].values)[:LONGEST_NAME]


def question_of(options: MergeDuplicatesOptions, connection_id: int) -> Question:
    """Which pairs a bulk merge is about."""
    linked: Any = options.linked
    return Question(
        options.object_type,
        sign=options.sign,
        strength=options.strength,
        linked=linked,
        search=options.search,
        connection_id=connection_id,
    )


def beginning(session: Session, options: MergeDuplicatesOptions, connection_id: int) -> tuple[Position, int]:
    """The first position of a merge, and the number of its pairs; those found later are for another one."""
    if options.records:
        return Position(up_to=max(options.records)), len(options.records) - 1
    count = lists.count(session, question_of(options, connection_id))
    return Position(up_to=lists.newest(session)), count


def next_unit(
    session: Session,
    run: Run,
    options: MergeDuplicatesOptions,
    position: Position,
    known: Known,
) -> tuple[Unit | None, Position]:
    """The next pair with its plan, None where it is not there any more, and the place behind it."""
    if options.records:
        left = [one for one in sorted(options.records) if one > position.after_id and one != options.stays]
    else:
        question = question_of(options, run.connection_id)
        found = lists.ids_after(session, question, position.after_id, 1)
        left = [one for one in found if one <= position.up_to]
    if not left:
        return None, Position(up_to=position.up_to, is_end=True)
    moved = Position(after_id=left[0], up_to=position.up_to)
    if options.records:
        return _of_group(session, run, options, left[0]), moved
    return _listed(session, run, options, left[0], known), moved


def _of_group(session: Session, run: Run, options: MergeDuplicatesOptions, goes: int) -> Unit:
    kind, both = options.object_type, (options.stays, goes)
    read = sides.read(session, kind, both, run.connection_id)
    row = pairs.between(session, kind, *both)
    if row is None or len(read) < len(both):
        return Unit(row.id if row else 0, kind, LeavePlan("one_gone_meanwhile"), read)
    plan: MergePlan | LeavePlan = MergePlan(options.stays, goes, options.values_from)
    if _is_kept_apart_since(row, run):
        plan = LeavePlan("kept_apart_since")
    elif options.is_also_there and not all(map(_may_merge_there, read.values())):
        plan = LeavePlan("not_in_sync_now")
    return Unit(row.id, kind, plan, read, _announced(row.announced))


def _is_kept_apart_since(row: PossibleDuplicate, run: Run) -> bool:
    """Whether somebody has said that the two are not the same after somebody else began to merge them."""
    return row.state == "not_the_same" and row.decided_at is not None and row.decided_at > run.created_at


def _may_merge_there(record: SideRead) -> bool:
    """Whether a record has an object to merge; one whose link is held was merged in HubSpot already."""
    return record.link_state in (_LINKED, "held")


def _listed(
    session: Session, run: Run, options: MergeDuplicatesOptions, pair_id: int, known: Known
) -> Unit | None:
    kind, row = options.object_type, pairs.get(session, pair_id)
    if row is None:
        return None
    listed = pairs.as_pair(row)
    read = sides.read(session, kind, listed.ids, run.connection_id)
    if len(read) < len(listed.ids):
        return None
    plan = plan_pair(
        listed,
        _as_now(session, kind, read, known),
        [one.side for one in read.values()],
        (options.stay_rule, options.value_rule),
        took_part=merge_log.took_part(session, run, kind, listed.ids),
    )
    by_domain = kind == "companies" and "same_domain" in listed.evidence
    return Unit(row.id, kind, plan, read, _announced(row.announced), by_domain)


def _announced(stored: dict[str, Any] | None) -> Announced | None:
    return merge_in_hubspot.as_announced(stored) if stored else None


def _as_now(
    session: Session, object_type: ObjectType, both: dict[int, SideRead], known: Known
) -> Pair | None:
    """What the matcher makes of the two now, by everything by which it has found them."""
    domains = known.domains
    one, other = ((number, read.values) for number, read in both.items())
    further = candidates.further_emails(session, object_type, both)
    return compare(
        object_type,
        one,
        other,
        emails=(further.get(one[0], ()), further.get(other[0], ())),
        domains=(domains.get(one[0], ()), domains.get(other[0], ())),
        frequencies=known.by_count,
    )
