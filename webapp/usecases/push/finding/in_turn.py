"""Reads linked objects that a batch left out one by one, as far as the slice and the call limit reach."""

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from webapp.domain.push.facts import FoundObject, PushPolicy
from webapp.domain.push.refusals.refusal import Refusal
from webapp.errors import TwinbookError
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import ObjectUnreadable
from webapp.usecases.push.finding.lookups import read_alone, unreadable
from webapp.usecases.push.sending.client_pool import ClientPool, Job

# As many calls as are in flight twice over: what one that fails takes with it is little.
_AT_A_TIME = 10

Outcome = FoundObject | Refusal | TwinbookError | None
"""An object; or the fault of its answer, the error that prevented a read, or None if it does not exist."""


class InTurn(Struct):
    """The result of reading in turn.

    Attributes:
        pairs: records by number, each with its object.
        refused: by record, why its object could not be read.
        unread_from: the first record that it did not come to.
    """

    pairs: list[tuple[int, FoundObject]] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)
    unread_from: int | None = None


def read_in_turn(
    pool: ClientPool,
    policy: PushPolicy,
    unproven: Sequence[tuple[int, str]],
    is_over: Callable[[], bool],
    *,
    must_read: int,
) -> InTurn:
    """Read objects one by one, in the order of their records, until the time or the calls are used up.

    Args:
        pool: The calls in flight.
        policy: Under what terms is pushed.
        unproven: Records with the ids of their objects, in order.
        is_over: Whether the slice should come to its end; some are read all the same.
        must_read: The record without whose object nothing can go on.

    Raises:
        TwinbookError: What kept the object of that record from being read.
    """
    read = InTurn()
    for number, some in enumerate(in_batches(unproven, _AT_A_TIME)):
        if number > 0 and is_over():
            read.unread_from = some[0][0]
            return read
        outcomes = pool.map([_reading_alone(policy, remote_id) for _, remote_id in some])
        for (record_id, _), outcome in zip(some, outcomes, strict=True):
            if isinstance(outcome, TwinbookError):
                if record_id == must_read:
                    raise outcome
                read.unread_from = record_id
                return read
            if isinstance(outcome, Refusal):
                read.refused[record_id] = outcome
            elif outcome is not None:
                read.pairs.append((record_id, outcome))
    return read


def _reading_alone(policy: PushPolicy, remote_id: str) -> Job[Outcome]:
    def job(client: HubSpotClient) -> Outcome:
        try:
            return read_alone(client, policy, remote_id)
        except ObjectUnreadable as error:
            return unreadable(error.message)
        except TwinbookError as error:
            return error

    return job
