"""Sends the plans of a page: batches in flight at once, each written down as soon as it is answered."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from webapp.domain.push.facts import FoundObject, PushPolicy
from webapp.domain.push.following import follow, id_to_read, leads_elsewhere
from webapp.domain.push.plan import Plan, Sendable, Update, is_sent, to_send
from webapp.domain.push.refusals.leaving_out import without_refused
from webapp.domain.push.refusals.outdated import shows_other_definitions
from webapp.domain.push.refusals.refusal import Refusal
from webapp.domain.push.result import Answer, Result, conclude, unsent_results
from webapp.errors import TwinbookError
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import ObjectUnreadable
from webapp.store.push import facts as push_facts
from webapp.usecases.push.finding.lookups import read_alone, read_by_address
from webapp.usecases.push.sending.batches import Answered, as_refusal, batches
from webapp.usecases.push.sending.client_pool import ClientPool, Job


class Write(Protocol):
    """Writes results down."""

    def __call__(self, results: Sequence[Result], generation: int | None = None) -> None:
        """Write them; given a generation, only if nobody has written to their objects since."""


class UnsettledError(TwinbookError):
    """HubSpot could not carry some of the plans out just now; all others are done and written down."""

    retryable = True


class Sending(Struct, frozen=True):
    """With what the plans of a page are sent.

    Attributes:
        pool: the calls in flight.
        policy: under what terms.
        connection_id: whose objects.
        generation: the generation of our writes at this moment, for what is read next.
        announce: announces plans that were made after the page was, given the generation of their read.
        write: writes results down; those without a call with the generation of the read that they follow.
        doubt: says that HubSpot's definitions are not what they were when they were read.
        is_late: whether nothing more should be begun in this slice; one batch always is, or a page that is
            slow to find would never get further.
        gives_up: whether what HubSpot could not carry out just now fails; else it is to be tried again.
    """

    pool: ClientPool
    policy: PushPolicy
    connection_id: int
    generation: Callable[[], int]
    announce: Callable[[Sequence[Sendable], int], list[Sendable]]
    write: Write
    doubt: Callable[[], None]
    is_late: Callable[[], bool]
    gives_up: bool


class _Round(Struct, frozen=True):
    """The result of sending plans: the answers that leave something to do, and whether all were answered.

    `is_unsettled`: whether HubSpot could not carry some of them out just now, and they are to be tried again.
    """

    open_ones: tuple[tuple[Sendable, Refusal | None], ...]
    is_complete: bool
    is_unsettled: bool
    trouble: TwinbookError | None


def send(sending: Sending, plans: Sequence[Sendable]) -> bool:
    """Send plans, and follow up the answers that leave something to do. True when all were answered.

    An answer may lead to another object, which happens once to a record; or name properties that HubSpot
    refuses, without which the record is sent once more. Each time it sends fewer, so that this ends. A second
    answer that says nothing of a record is followed by a look at its object, and no third call.

    Raises:
        UnsettledError: Some of them HubSpot could not carry out just now.
        TwinbookError: Trouble that may pass; what was answered until then is written down.
    """
    followed: set[int] = set()
    is_complete, is_unsettled, has_begun = True, False, False
    while True:
        sent = _send_round(sending, plans, followed, has_begun=has_begun)
        is_complete, has_begun = is_complete and sent.is_complete, True
        is_unsettled = is_unsettled or sent.is_unsettled
        if sent.trouble is not None:
            raise sent.trouble
        if not sent.open_ones:
            if is_unsettled and is_complete:
                raise UnsettledError
            return is_complete
        plans = _follow_all(sending, sent, followed)


def _send_round(
    sending: Sending, plans: Sequence[Sendable], followed: set[int], *, has_begun: bool
) -> _Round:
    """Send plans; what was answered is written at once, so that losing the worker loses little."""
    troubles: list[TwinbookError] = []
    open_ones: list[tuple[Sendable, Refusal | None]] = []
    unsettled: list[tuple[Sendable, Refusal]] = []
    answered = 0

    def jobs() -> Iterator[Job[Answered]]:
        for number, job in enumerate(batches(sending.policy, plans)):
            if troubles or ((has_begun or number > 0) and sending.is_late()):
                return
            yield job

    for ended in sending.pool.as_ended(jobs()):
        troubles += [batch.trouble for batch in ended if batch.trouble is not None]
        answers = [one for batch in ended for one in batch.answers]
        unsettled += [one for batch in ended for one in batch.unsettled]
        answered += len(answers)
        if any(_is_doubtful(answer, sending.policy) for _, answer in answers):
            sending.doubt()
        results = []
        for plan, answer in answers:
            if _is_open(plan, answer, sending.policy, followed):
                open_ones.append((plan, answer if isinstance(answer, Refusal) else None))
            else:
                results.append(conclude(plan, answer, sending.policy))
        sending.write(results)
    if sending.gives_up:
        sending.write([conclude(plan, why, sending.policy) for plan, why in unsettled])
    return _Round(
        tuple(open_ones),
        is_complete=answered + len(unsettled) == len(plans),
        is_unsettled=bool(unsettled) and not sending.gives_up,
        trouble=troubles[0] if troubles else None,
    )


def _is_doubtful(answer: Answer, policy: PushPolicy) -> bool:
    return isinstance(answer, Refusal) and shows_other_definitions(answer, policy.mapping)


def _is_open(plan: Sendable, answer: Answer, policy: PushPolicy, followed: set[int]) -> bool:
    """Whether an answer leaves something to do: another object to look at, or a record to send with less."""
    if isinstance(answer, Refusal) and without_refused(plan, answer, policy) is not None:
        return True
    if answer is not None and plan.local.id in followed:
        return False
    # Of an object that HubSpot says nothing about, nobody knows whether it was written: that is looked up.
    return leads_elsewhere(plan, answer)


def _follow_all(sending: Sending, sent: _Round, followed: set[int]) -> list[Sendable]:
    """The plans to be sent next: of the same objects with less, or of the objects that answers lead to."""
    policy, generation = sending.policy, sending.generation()
    elsewhere: list[tuple[Sendable, Refusal | None]] = []
    less: list[Plan] = []
    for plan, answer in sent.open_ones:
        smaller = without_refused(plan, answer, policy) if answer is not None else None
        if smaller is None:
            elsewhere.append((plan, answer))
        else:
            less.append(smaller)
    again = followed & {plan.local.id for plan, _ in elsewhere}
    followed.update(plan.local.id for plan, _ in elsewhere)
    read = sending.pool.map([_reading(policy, *one) for one in elsewhere])
    owners = _owners(sending, [one.id for one in read if isinstance(one, FoundObject)])
    decided: list[Plan | Result] = []
    for (plan, answer), remote in zip(elsewhere, read, strict=True):
        if isinstance(remote, Refusal):
            decided.append(conclude(plan, remote, policy))
            continue
        following = follow(plan, answer, remote, owners.get(remote.id) if remote else None, policy)
        if plan.local.id in again and isinstance(following, Update) and is_sent(following):
            # It did not arrive, twice.
            following = conclude(following, None, policy)
        decided.append(following)
        if remote is not None and isinstance(decided[-1], Update):
            # Where two objects became one, the first of their records follows it, and the other is held.
            owners.setdefault(remote.id, plan.local.id)
    results = [one for one in decided if isinstance(one, Result)]
    plans: list[Plan] = [*less, *(one for one in decided if not isinstance(one, Result))]
    sending.write([*results, *unsent_results(plans, policy)], generation)
    return sending.announce(to_send(plans), generation)


def _reading(policy: PushPolicy, plan: Sendable, answer: Refusal | None) -> Job[FoundObject | Refusal | None]:
    remote_id = id_to_read(plan, answer)

    def job(client: HubSpotClient) -> FoundObject | Refusal | None:
        try:
            if remote_id:
                return read_alone(client, policy, remote_id)
            # HubSpot says that there is such an object, and not which one.
            return read_by_address(client, policy, plan.local) if answer is not None else None
        except ObjectUnreadable as error:
            return as_refusal(error)

    return job


def _owners(sending: Sending, remote_ids: Sequence[str]) -> dict[str, int]:
    with sending.pool.services.database.reading() as session:
        return push_facts.owners(
            session, sending.connection_id, sending.policy.object_type, sorted(set(remote_ids))
        )
