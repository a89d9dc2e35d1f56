"""Creation checks: look again at objects created because the search showed none, once it has caught up.

What was made a second time in the meantime ends as one object where that is certain and nobody has worked on
ours; else a person is shown both. Every create that is looked at goes, or is looked at again later.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from webapp.domain.matching.frequencies import Frequencies
from webapp.domain.push.creation_checks import (
    Keep,
    Made,
    PossibleDuplicate,
    Verdict,
    Wait,
    decide,
    next_look,
    survivor_of,
)
from webapp.domain.push.facts import PushPolicy
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.rules.rule import Rule
from webapp.errors import TwinbookError
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import ObjectUnreadable
from webapp.services import Services
from webapp.store.mapping import mappings
from webapp.store.push import creation_checks, verdicts
from webapp.store.push.creation_checks import Subject
from webapp.store.push.joined import Joined, Writing
from webapp.store.push.verdicts import Verdicts
from webapp.store.runs import hourly
from webapp.store.runs import mass_change as mass_change_counts
from webapp.store.runs.checkpoint import Checkpoint, lock_run
from webapp.usecases.mapping import definitions
from webapp.usecases.matching.frozen import frequencies_of
from webapp.usecases.push.new_objects import joining
from webapp.usecases.push.new_objects.facts import Gathered, Reader, gather, read_work
from webapp.usecases.push.sending.batches import as_refusal
from webapp.usecases.runs import mass_change
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import enqueue_next_slice
from webapp.usecases.runs.publish import run_changed

KIND = "check"
CHECKS_AT_ONCE = 100
"""How many creates are looked at between two looks at the time: as many as a batch reads."""


def begin_due(services: Services) -> None:
    """Begin the hour's checks of a portal, or begin them again, where some are due; called often."""
    now = datetime.now(UTC)
    with services.database.reading() as session:
        due = creation_checks.connections_with_due(session, now)
    for connection_id in due:
        with services.database.writing() as session:
            opened = hourly.begin(session, connection_id=connection_id, kind=KIND, now=now)
        if opened is not None:
            enqueue_next_slice(services, *opened)


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Look at what is due until the slice's time is up. True when nothing is."""
    definitions.ensure(lease.services, lease.connection_id)
    by_count = frequencies_of(lease)
    while True:
        if not any(_check_some(lease, client, kind, by_count) for kind in OBJECT_TYPES):
            return True
        run_changed(lease.services, lease.run_id)
        if lease.is_over():
            return False


def _check_some(lease: Lease, client: HubSpotClient, kind: ObjectType, by_count: Frequencies) -> bool:
    """Look at the next creates of a type, as far as calls go through. False when none is due.

    Raises:
        TwinbookError: a call failed before any create had its verdict.
    """
    now = datetime.now(UTC)
    with lease.services.database.reading() as session:
        subjects = creation_checks.due(session, lease.connection_id, kind, now, CHECKS_AT_ONCE)
        policy = PushPolicy(mappings.load(session, lease.connection_id, kind), Rule(), frequencies=by_count)
    if not subjects:
        return False
    reader = Reader(lease.services, client, lease.connection_id, policy)
    found = Verdicts()
    begun = [one for one in subjects if one.survivor_id is not None]
    fresh = _fresh([one for one in subjects if one not in begun], found, now)
    gathered = gather(reader, fresh)
    joins, trouble = _decide(reader, fresh, gathered, found, now)
    joins = _announced(lease, reader, joins, found)
    trouble = _join(reader, begun, found, has_begun=True) or _join(reader, joins, found) or trouble
    if trouble is not None and found.is_empty:
        raise trouble
    found.later += [(one.subject, _next(one.subject, now)) for one in found.joined if one.error is not None]
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        writing = Writing(session, run, policy.mapping, datetime.now(UTC))
        verdicts.write(writing, found, Checkpoint({}, lease.take_usage()))
    return True


def _fresh(subjects: Sequence[Subject], found: Verdicts, now: datetime) -> list[Subject]:
    """Those whose object is there; of others the create is still open, or it came to nothing."""
    fresh = []
    for one in subjects:
        if one.link is not None and one.link.state == "linked":
            fresh.append(one)
        elif one.link is None and one.is_announced:
            found.later.append((one, _next(one, now)))
        else:
            found.kept.append(one)
    return fresh


def _next(subject: Subject, now: datetime) -> datetime | None:
    return next_look(subject.attempts, now, subject.announced_at)


def _decide(
    reader: Reader, subjects: Sequence[Subject], gathered: Gathered, found: Verdicts, now: datetime
) -> tuple[list[Subject], TwinbookError | None]:
    """Give every create its verdict, until a call fails.

    Returns:
        Those of which another object stays, with what is to be done about them; and the trouble.
    """
    joins: list[Subject] = []
    for subject in subjects:
        try:
            if (join := _decided(reader, subject, gathered, found, now)) is not None:
                joins.append(join)
        except ObjectUnreadable as error:
            found.refused.append((subject, as_refusal(error)))
        except TwinbookError as trouble:
            return joins, trouble
    return joins, None


def _decided(
    reader: Reader, subject: Subject, gathered: Gathered, found: Verdicts, now: datetime
) -> Subject | None:
    """Give a create its verdict; if another object stays, the create with what is to be done about it."""
    made = gathered.made.get(subject.record_id)
    if (refusal := gathered.refused.get(subject.record_id)) is not None:
        found.refused.append((subject, refusal))
        return None
    verdict = _verdict(reader, subject, made) if made is not None else Keep()
    if made is None or isinstance(verdict, Keep):
        found.kept.append(subject)
    elif isinstance(verdict, Wait):
        found.later.append((subject, _next(subject, now)))
    elif isinstance(verdict, PossibleDuplicate):
        found.in_doubt.append((subject, made.own.id, verdict))
    else:
        survivor_id = verdict.survivor.remote.id
        ends = [list(one) for one in joining.read_ends(reader, made.own.id, survivor_id)]
        moving = {"object_id": made.own.id, "ends": ends}
        return structs.replace(subject, survivor_id=survivor_id, moving=moving)
    return None


def _verdict(reader: Reader, subject: Subject, made: Made) -> Verdict:
    """The verdict; what our object carries is read only where it might go."""
    if made.is_indexed and survivor_of(made) is not None:
        made = structs.replace(made, work=read_work(reader, subject, made.own))
    return decide(made)


def _announced(lease: Lease, reader: Reader, joins: Sequence[Subject], found: Verdicts) -> list[Subject]:
    """Write down what is to be done, before any of it is; without those whose object was linked meanwhile."""
    if not joins:
        return []
    kind, now = reader.policy.object_type, datetime.now(UTC)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        survivors = [str(one.survivor_id) for one in joins]
        owners = creation_checks.linked_records(session, lease.connection_id, kind, survivors)
        free = [one for one in joins if str(one.survivor_id) not in owners]
        links = None if lease.is_allowed else mass_change_counts.count_links(session, lease.connection_id)
        samples = [_sample(kind, one) for one in free[:10]]
        mass_change.check(session, run, links, [(kind, one.record_id) for one in free], samples)
        creation_checks.announce_joins(session, lease.connection_id, kind, free, now)
    found.later += [(one, _next(one, now)) for one in joins if one not in free]
    return free


def _join(
    reader: Reader, subjects: Sequence[Subject], found: Verdicts, *, has_begun: bool = False
) -> TwinbookError | None:
    """Do what was written down, until a call fails; the trouble."""
    for subject in subjects:
        try:
            joined = joining.join(reader, subject, has_begun=has_begun)
            if joined.error is not None and _next(subject, datetime.now(UTC)) is None:
                joined = joining.break_off(reader, subject)
        except ObjectUnreadable as error:
            joined = Joined(subject=subject, error=error.message)
        except TwinbookError as trouble:
            return trouble
        found.joined.append(joined)
    return None


def _sample(kind: ObjectType, subject: Subject) -> dict[str, Any]:
    name = record_name(kind, subject.values or {})
    return {"object_type": kind, "record_id": subject.record_id, "name": name, "changes": []}
