"""Reads single objects for a push: linked ones that a batch left out, and those that answers lead to."""

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.push.facts import FoundObject, PushPolicy
from webapp.errors import TwinbookError
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import NotFound
from webapp.hubspot.objects import RemoteObject
from webapp.usecases.push.client_pool import ClientPool, Job

# As many calls as are in flight twice over: what one that fails takes with it is little.
_AT_A_TIME = 10

Pairs = list[tuple[int, FoundObject]]
"""Records by number, each with an object found for it."""

Outcome = FoundObject | TwinbookError | None
"""An object, the proof that there is none, or what kept it from being read."""


class InTurn(Struct):
    """What reading in turn came to; `unread_from` is the first record that it did not come to."""

    pairs: Pairs = field(default_factory=list)
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
            if outcome is not None:
                read.pairs.append((record_id, outcome))
    return read


def _reading_alone(policy: PushPolicy, remote_id: str) -> Job[Outcome]:
    def job(client: HubSpotClient) -> Outcome:
        try:
            return read_alone(client, policy, remote_id)
        except TwinbookError as error:
            return error

    return job


def read_alone(client: HubSpotClient, policy: PushPolicy, remote_id: str) -> FoundObject | None:
    """One object, or the survivor that it was merged into; None is the proof that there is none."""
    try:
        return as_found(client.read(policy.object_type, remote_id, properties_to_read(policy)))
    except NotFound:
        return None


def properties_to_read(policy: PushPolicy) -> list[str]:
    """The properties that a push reads."""
    names = [item.property for _definition, item in policy.mapping.outgoing]
    names.append("hs_additional_emails" if policy.object_type == "contacts" else "hs_additional_domains")
    return [*names, KEY_PROPERTY] if policy.has_key else names


def as_found(answered: RemoteObject) -> FoundObject:
    """An answer of HubSpot as the domain takes it."""
    return FoundObject(
        answered.id, answered.properties, answered.created_at, answered.updated_at, answered.new
    )
