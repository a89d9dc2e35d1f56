"""What a push would send, foreseen: the page is found and planned as ever, and nothing of it is sent."""

from collections.abc import Sequence
from datetime import UTC, datetime

from webapp.domain.push.foreseen import foresee, new_address
from webapp.domain.push.plan import hold
from webapp.domain.push.step import PushPolicy, Step
from webapp.domain.records.keys import email_key
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.store.mapping import definitions
from webapp.usecases.push.client_pool import ClientPool, Job
from webapp.usecases.push.find import as_theirs, has_address, wanted


def foresee_all(pool: ClientPool, connection_id: int, policy: PushPolicy, steps: Sequence[Step]) -> None:
    """Settle every open step as HubSpot would answer it."""
    _hold_taken(pool, policy, [step for step in steps if not step.is_settled])
    with pool.services.database.reading() as session:
        known = definitions.load(session, connection_id, policy.object_type).definitions
    now = datetime.now(UTC)
    for step in steps:
        if not step.is_settled:
            foresee(step, policy, known, now)


def _hold_taken(pool: ClientPool, policy: PushPolicy, steps: Sequence[Step]) -> None:
    """Hold the updates whose new address another object has: HubSpot would refuse them."""
    asked = [(step, address) for step in steps if (address := email_key(new_address(step, policy)))]

    def job_of(some: Sequence[tuple[Step, str]]) -> Job:
        def job(client: HubSpotClient) -> None:
            addresses = [address for _step, address in some]
            answer = client.batch_read(policy.object_type, addresses, wanted(policy), "email")
            for step, address in some:
                found = answer.by_key.get(address)
                if found and found.id != step.remote_id and has_address(found.properties, address):
                    hold(step, "email_taken_at_hubspot", hits=[as_theirs(found)], policy=policy)

        return job

    pool.do([job_of(some) for some in in_batches(asked)])
