"""The foreseen end of a push: its pages are found and planned as ever, and nothing is sent."""

from collections.abc import Sequence
from datetime import UTC, datetime

from webapp.domain.mapping.definitions import Definitions
from webapp.domain.push.facts import FoundObject, PushPolicy
from webapp.domain.push.plan import Plan, Sendable, to_send
from webapp.domain.push.refusals.foreseen import foreseen_answer, held_by_address, new_address
from webapp.domain.push.refusals.leaving_out import without_refused
from webapp.domain.push.refusals.refusal import Refusal
from webapp.domain.push.result import Result, conclude, unsent_result, unsent_results
from webapp.domain.records.keys import email_key
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.store.mapping import definitions
from webapp.usecases.push.finding.lookups import as_found, properties_to_read
from webapp.usecases.push.sending.client_pool import ClientPool, Job


def foresee(pool: ClientPool, connection_id: int, policy: PushPolicy, plans: Sequence[Plan]) -> list[Result]:
    """The result of every plan as HubSpot would answer it."""
    having = _having_addresses(pool, policy, plans)
    with pool.services.database.reading() as session:
        known = definitions.load(session, connection_id, policy.object_type).definitions
    now = datetime.now(UTC)
    certain = [held_by_address(plan, having, policy) for plan in plans]
    sent = [_foreseen(plan, policy, known, now) for plan in to_send(certain)]
    return [*unsent_results(certain, policy), *sent]


def _foreseen(plan: Sendable, policy: PushPolicy, known: Definitions, now: datetime) -> Result:
    """The foreseen result of a plan, repeated as a push would be without properties that HubSpot refuses."""
    answer = foreseen_answer(plan, policy, known, now)
    less = without_refused(plan, answer, policy) if isinstance(answer, Refusal) else None
    if less is None:
        return conclude(plan, answer, policy)
    return unsent_result(less, policy) or _foreseen(less, policy, known, now)


def _having_addresses(pool: ClientPool, policy: PushPolicy, plans: Sequence[Plan]) -> dict[str, FoundObject]:
    """By address, the objects that have an address which an update would give to another one."""
    addresses_needed = [address for plan in plans if (address := email_key(new_address(plan, policy)))]

    def job_of(addresses: Sequence[str]) -> Job[dict[str, FoundObject]]:
        def job(client: HubSpotClient) -> dict[str, FoundObject]:
            answer = client.batch_read(policy.object_type, addresses, properties_to_read(policy), "email")
            return {address: as_found(one) for address, one in answer.by_key.items()}

        return job

    jobs = [job_of(some) for some in in_batches(addresses_needed)]
    return {address: found for some in pool.map(jobs) for address, found in some.items()}
