"""What a push would send, foreseen: the page is found and planned as ever, and nothing of it is sent."""

from collections.abc import Sequence
from datetime import UTC, datetime

from webapp.domain.keys import email_key
from webapp.domain.push_foreseen import foresee, new_address
from webapp.domain.push_plan import hold
from webapp.domain.push_step import Step, Terms
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.store import definitions
from webapp.store.transactions import reading
from webapp.sync.crew import Crew, Job
from webapp.sync.push_find import as_theirs, has_address, wanted


def foresee_all(crew: Crew, connection_id: int, terms: Terms, steps: Sequence[Step]) -> None:
    """Settle every open step as HubSpot would answer it."""
    _hold_taken(crew, terms, [step for step in steps if not step.is_settled])
    with reading() as session:
        known = definitions.load(session, connection_id, terms.object_type).definitions
    now = datetime.now(UTC)
    for step in steps:
        if not step.is_settled:
            foresee(step, terms, known, now)


def _hold_taken(crew: Crew, terms: Terms, steps: Sequence[Step]) -> None:
    """Hold the updates whose new address another object has: HubSpot would refuse them."""
    asked = [(step, address) for step in steps if (address := email_key(new_address(step, terms)))]

    def job_of(some: Sequence[tuple[Step, str]]) -> Job:
        def job(client: HubSpotClient) -> None:
            addresses = [address for _step, address in some]
            answer = client.batch_read(terms.object_type, addresses, wanted(terms), "email")
            for step, address in some:
                found = answer.by_key.get(address)
                if found and found.id != step.remote_id and has_address(found.properties, address):
                    hold(step, "email_taken_at_hubspot", hits=[as_theirs(found)], terms=terms)

        return job

    crew.do([job_of(some) for some in in_batches(asked)])
