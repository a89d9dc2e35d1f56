"""The times at which both sides changed a contact's company since the last sync."""

from collections.abc import Sequence
from datetime import datetime

from webapp.domain.links.base import COMPANY
from webapp.domain.links.conflicts import is_later_here
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import COMPANY_PROPERTY, MERGED_IDS, RemoteObject
from webapp.store.push.associations import Pair
from webapp.store.records import edits
from webapp.usecases.push.sending.client_pool import ClientPool

_MOST_WITH_HISTORY = 50


def later_here(pool: ClientPool, pairs: Sequence[Pair]) -> dict[int, bool]:
    """By contact, whether its company was changed here later than in HubSpot."""
    if not pairs:
        return {}
    with pool.services.database.reading() as session:
        edited = edits.latest(session, "contacts", [pair.contact_id for pair in pairs])
    there = changed_at(pool.client, [str(pair.contact_remote_id) for pair in pairs])
    later = {
        pair.contact_id: is_later_here(
            COMPANY,
            edited.get(pair.contact_id, {}),
            {COMPANY: at} if (at := there.get(str(pair.contact_remote_id))) else {},
        )
        for pair in pairs
    }
    earlier = [pair for pair in pairs if not later[pair.contact_id]]
    return later | dict.fromkeys(_moved_by_merges(pool.client, earlier), True)


def _moved_by_merges(client: HubSpotClient, pairs: Sequence[Pair]) -> list[int]:
    """The contacts that belong to another company in HubSpot only since theirs was merged with it there."""
    present = sorted({chosen for pair in pairs if (chosen := pair.companies.chosen) is not None})
    former: dict[str, list[str]] = {}
    for some in in_batches(present):
        answer = client.batch_read("companies", some, [MERGED_IDS])
        former |= {one.id: one.merged_ids for one in answer.results}
    return [
        pair.contact_id
        for pair in pairs
        if pair.remote_seen.get(COMPANY) in former.get(pair.companies.chosen or "", [])
    ]


def changed_at(client: HubSpotClient, contact_ids: Sequence[str]) -> dict[str, datetime]:
    """When each contact got its primary company in HubSpot, or lost it, where its history is known."""
    found: dict[str, datetime] = {}
    for some in in_batches(contact_ids, _MOST_WITH_HISTORY):
        answer = client.batch_read("contacts", some, [COMPANY_PROPERTY], history=[COMPANY_PROPERTY])
        found |= {one.id: at for one in answer.results if (at := _latest(one)) is not None}
    return found


def _latest(found: RemoteObject) -> datetime | None:
    entries = (found.properties_with_history or {}).get(COMPANY_PROPERTY)
    return entries[0].timestamp if entries else None
