"""A page of contacts whose companies are not here yet: these are pulled first."""

from collections.abc import Callable, Sequence
from typing import Any

from webapp.domain.pull.facts import Remote
from webapp.domain.records.fields import ObjectType
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.store.pull.context import Context
from webapp.store.runs import runs
from webapp.store.runs.checkpoint import Checkpoint
from webapp.usecases.pull.apply import Also, NeedsCompanies, apply_page, write_nothing
from webapp.usecases.pull.context import Contexts
from webapp.usecases.pull.look import look_at
from webapp.usecases.runs.lease import Lease

ReadObjects = Callable[[ObjectType, Sequence[str]], Sequence[Remote]]
"""Reads objects by their ids, as they are now."""


def by_looking(lease: Lease, client: HubSpotClient, contexts: Contexts) -> ReadObjects:
    """Reads objects as `webapp.usecases.pull.look` reads all else, in batches."""

    def read(kind: ObjectType, ids: Sequence[str]) -> list[Remote]:
        mapping = contexts[kind].mapping
        looks = [
            look_at(lease.services, client, lease.connection_id, mapping, some) for some in in_batches(ids)
        ]
        return [one for look in looks for one in look.found]

    return read


def apply_with_companies(
    lease: Lease,
    contexts: Contexts,
    kind: ObjectType,
    remotes: Sequence[Remote],
    position: dict[str, Any],
    *,
    read_objects: ReadObjects,
    also: Also = write_nothing,
) -> None:
    """Apply a page; companies made in HubSpot after the companies were read go before their contacts.

    Where only some fields are pulled, no contact changes its company.

    Args:
        lease: The slice, which counts the calls.
        contexts: What pages are applied under.
        kind: What the page is of.
        remotes: The page.
        position: Where the run goes on behind it.
        read_objects: Reads the companies that are to be brought first, and what is out of date.
        also: What else is written in the transaction that writes the page.

    Raises:
        FencedOffError: this slice may write no more.
    """
    context = contexts[kind]
    behind = Checkpoint(position, lease.take_usage())
    applied = apply_page(
        lease.services,
        context,
        remotes,
        behind,
        needs_companies=not context.mapping.is_narrowed,
        read_again=lambda ids: read_objects(kind, ids),
        also=also,
    )
    if not isinstance(applied, NeedsCompanies):
        return
    lease.give_back(behind.usage)
    _bring(lease, contexts["companies"], read_objects("companies", applied.ids))
    apply_page(
        lease.services,
        context,
        remotes,
        Checkpoint(position, lease.take_usage()),
        read_again=lambda ids: read_objects(kind, ids),
        also=also,
    )


def _bring(lease: Lease, context: Context, companies: Sequence[Remote]) -> None:
    """Apply companies on the way; the run stays where it is."""
    if not companies:
        return
    with lease.services.database.reading() as session:
        run = runs.get(session, lease.run_id)
    here = run.checkpoint if run is not None else {}
    apply_page(lease.services, context, companies, Checkpoint(here, lease.take_usage()))
