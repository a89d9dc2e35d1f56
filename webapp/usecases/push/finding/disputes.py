"""The times at which both sides changed a contact's company since the last sync."""

from collections.abc import Collection, Sequence

from webapp.domain.links.base import COMPANY
from webapp.domain.links.company_moves import Version, has_moved, moved_at
from webapp.domain.links.conflicts import is_later_here
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import COMPANY_PROPERTY, MERGED_IDS
from webapp.store.push.associations import Pair
from webapp.store.records import edits
from webapp.usecases.pull.look import company_versions
from webapp.usecases.push.sending.client_pool import ClientPool

_MOST_WITH_HISTORY = 50


def later_here(pool: ClientPool, pairs: Sequence[Pair]) -> dict[int, bool]:
    """By contact, whether its company was changed here later than in HubSpot, if it was changed there."""
    if not pairs:
        return {}
    with pool.services.database.reading() as session:
        edited = edits.latest(session, "contacts", [pair.contact_id for pair in pairs])
    versions = _versions(pool.client, [str(pair.contact_remote_id) for pair in pairs])

    def is_later(pair: Pair, former_ids: Collection[str] = ()) -> bool:
        known = versions.get(str(pair.contact_remote_id), ())
        at = moved_at(known, pair.companies.chosen, former_ids)
        there = {COMPANY: at} if at is not None else {}
        return is_later_here(COMPANY, edited.get(pair.contact_id, {}), there)

    later = {pair.contact_id: is_later(pair) for pair in pairs}
    earlier = [pair for pair in pairs if not later[pair.contact_id]]
    former = _former_ids(pool.client, earlier)
    for pair in earlier:
        now, before = pair.companies.chosen, pair.remote_seen.get(COMPANY)
        former_ids = former.get(now or "", ())
        later[pair.contact_id] = not has_moved(before, now, former_ids) or is_later(pair, former_ids)
    return later


def _former_ids(client: HubSpotClient, pairs: Sequence[Pair]) -> dict[str, Sequence[str]]:
    """The companies that were merged in HubSpot into those of contacts, which took these along."""
    present = sorted({chosen for pair in pairs if (chosen := pair.companies.chosen) is not None})
    former: dict[str, Sequence[str]] = {}
    for some in in_batches(present):
        answer = client.batch_read("companies", some, [MERGED_IDS])
        former |= {one.id: one.merged_ids for one in answer.results}
    return former


def _versions(client: HubSpotClient, contact_ids: Sequence[str]) -> dict[str, Sequence[Version]]:
    """The primary companies of each contact in HubSpot, the newest first, where its history is known."""
    found: dict[str, Sequence[Version]] = {}
    for some in in_batches(contact_ids, _MOST_WITH_HISTORY):
        answer = client.batch_read("contacts", some, [COMPANY_PROPERTY], history=[COMPANY_PROPERTY])
        found |= {one.id: company_versions(one) for one in answer.results}
    return found
