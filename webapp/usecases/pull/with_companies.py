"""A page of contacts whose companies have to be read first.

Those that are not here yet are pulled. Where a contact has another company on both sides, the one that it has
in HubSpot tells whether it was only merged with the former one there.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import structs

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
    companies = read_objects("companies", sorted({*applied.unknown, *applied.disputed}))
    former = _former_ids(companies)
    _bring(lease, contexts["companies"], [one for one in companies if {*_ids(one)} & {*applied.unknown}])
    apply_page(
        lease.services,
        context,
        _with_former(remotes, former),
        Checkpoint(position, lease.take_usage()),
        read_again=lambda ids: _with_former(read_objects(kind, ids), former),
        also=also,
    )


def _ids(company: Remote) -> list[str]:
    """The ids under which an object may have been asked for."""
    return [company.id, *company.merged_ids]


def _former_ids(companies: Sequence[Remote]) -> dict[str, list[str]]:
    """By company the ids of all that is one with it by now; one read meanwhile may have been merged since."""
    return {number: _ids(one) for one in companies for number in _ids(one)}


def _with_former(remotes: Sequence[Remote], former: dict[str, list[str]]) -> list[Remote]:
    """Contacts that know which companies were merged into theirs, as far as these were read."""
    return [
        structs.replace(one, former_company_ids=former[one.company_id]) if one.company_id in former else one
        for one in remotes
    ]


def _bring(lease: Lease, context: Context, companies: Sequence[Remote]) -> None:
    """Apply companies on the way; the run stays where it is."""
    if not companies:
        return
    with lease.services.database.reading() as session:
        run = runs.get(session, lease.run_id)
    here = run.checkpoint if run is not None else {}
    apply_page(lease.services, context, companies, Checkpoint(here, lease.take_usage()))
