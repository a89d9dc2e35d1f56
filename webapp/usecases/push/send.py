"""Sends the plans of a page: batches in flight at once, each written down as soon as it is answered."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from webapp.domain.push.facts import FoundObject, PushPolicy
from webapp.domain.push.following import follow, id_to_read, leads_elsewhere
from webapp.domain.push.plan import Sendable, to_send
from webapp.domain.push.result import Answer, Refusal, Result, conclude, unsent_results
from webapp.errors import TwinbookError
from webapp.hubspot.client import HubSpotClient
from webapp.store.push import facts as push_facts
from webapp.usecases.push.batches import Answered, batches
from webapp.usecases.push.client_pool import ClientPool, Job
from webapp.usecases.push.find import read_alone


class Write(Protocol):
    """Writes results down."""

    def __call__(self, results: Sequence[Result], generation: int | None = None) -> None:
        """Write them; given a generation, only if nobody has written to their objects since."""


class Sending(Struct, frozen=True):
    """With what the plans of a page are sent.

    Attributes:
        pool: the calls in flight.
        policy: under what terms.
        connection_id: whose objects.
        generation: the generation of our writes at this moment, for what is read next.
        announce: announces plans that were made after the page was, given the generation of their read.
        write: writes results down; those without a call with the generation of the read that they follow.
        is_late: whether nothing more should be begun in this slice; one batch always is, or a page that is
            slow to find would never get further.
    """

    pool: ClientPool
    policy: PushPolicy
    connection_id: int
    generation: Callable[[], int]
    announce: Callable[[Sequence[Sendable], int], list[Sendable]]
    write: Write
    is_late: Callable[[], bool]


class _Round(Struct, frozen=True):
    """What sending some plans came to: the answers that lead elsewhere, and whether all were answered."""

    elsewhere: tuple[tuple[Sendable, Refusal | None], ...]
    is_complete: bool
    trouble: TwinbookError | None


def send(sending: Sending, plans: Sequence[Sendable]) -> bool:
    """Send plans, and follow up the answers that lead to other objects. True when all were answered.

    Raises:
        TwinbookError: Trouble that may pass; what was answered until then is written down.
    """
    first = _send_round(sending, plans, has_begun=False)
    if first.trouble is not None:
        raise first.trouble
    if not first.elsewhere:
        return first.is_complete
    second = _send_round(sending, _follow_all(sending, first), has_begun=True)
    sending.write([conclude(plan, answer, sending.policy) for plan, answer in second.elsewhere])
    if second.trouble is not None:
        raise second.trouble
    return first.is_complete and second.is_complete


def _send_round(sending: Sending, plans: Sequence[Sendable], *, has_begun: bool) -> _Round:
    """Send plans; a batch's answers are written at once, so that losing the worker loses little."""
    troubles: list[TwinbookError] = []
    elsewhere: list[tuple[Sendable, Refusal | None]] = []
    answered = 0

    def jobs() -> Iterator[Job[Answered]]:
        for number, job in enumerate(batches(sending.policy, plans)):
            if troubles or ((has_begun or number > 0) and sending.is_late()):
                return
            yield job

    for batch in sending.pool.as_ended(jobs()):
        if batch.trouble is not None:
            troubles.append(batch.trouble)
        led = [_led(plan, answer) for plan, answer in batch.answers if leads_elsewhere(plan, answer)]
        elsewhere += led
        answered += len(batch.answers)
        sending.write(_results(batch, sending.policy))
    return _Round(tuple(elsewhere), answered == len(plans), troubles[0] if troubles else None)


def _led(plan: Sendable, answer: Answer) -> tuple[Sendable, Refusal | None]:
    return plan, answer if isinstance(answer, Refusal) else None


def _results(batch: Answered, policy: PushPolicy) -> list[Result]:
    """The results of the answers that lead nowhere else."""
    return [
        conclude(plan, answer, policy) for plan, answer in batch.answers if not leads_elsewhere(plan, answer)
    ]


def _follow_all(sending: Sending, sent: _Round) -> list[Sendable]:
    """Read the objects that answers lead to and decide again; the plans that are to be sent then."""
    generation = sending.generation()
    read = sending.pool.map([_reading(sending.policy, *one) for one in sent.elsewhere])
    owners = _owners(sending, [one.id for one in read if one is not None])
    decided = [
        follow(plan, answer, remote, owners.get(remote.id) if remote else None, sending.policy)
        for (plan, answer), remote in zip(sent.elsewhere, read, strict=True)
    ]
    results = [one for one in decided if isinstance(one, Result)]
    plans = [one for one in decided if not isinstance(one, Result)]
    sending.write([*results, *unsent_results(plans, sending.policy)], generation)
    return sending.announce(to_send(plans), generation)


def _reading(policy: PushPolicy, plan: Sendable, answer: Refusal | None) -> Job[FoundObject | None]:
    remote_id = id_to_read(plan, answer)

    def job(client: HubSpotClient) -> FoundObject | None:
        return read_alone(client, policy, remote_id) if remote_id else None

    return job


def _owners(sending: Sending, remote_ids: Sequence[str]) -> dict[str, int]:
    with sending.pool.services.database.reading() as session:
        return push_facts.owners(
            session, sending.connection_id, sending.policy.object_type, sorted(set(remote_ids))
        )
