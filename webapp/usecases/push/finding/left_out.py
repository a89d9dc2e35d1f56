"""Objects of which a batch was silent: whether each is there is asked until HubSpot says so."""

from collections.abc import Sequence

from webapp.domain.push.facts import FoundObject, PushPolicy
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import ObjectUnreadable
from webapp.usecases.push.finding.lookups import as_found, properties_to_read, read_alone


def read_left_out(client: HubSpotClient, policy: PushPolicy, remote_ids: Sequence[str]) -> list[FoundObject]:
    """Those that are there after all, or the survivors that they were merged into; up to 100 are read.

    Most often a batch leaves out what is archived or merged away, and seldom what it was merely silent about,
    so that few are left to be read one by one.
    """
    if not remote_ids:
        return []
    again = client.batch_read(policy.object_type, remote_ids, properties_to_read(policy))
    missing = again.missing_ids
    archived = client.batch_read(policy.object_type, missing, [], archived=True).by_key if missing else {}
    alone = [_alone(client, policy, one) for one in missing if one not in archived]
    return [*map(as_found, again.results), *(one for one in alone if one is not None)]


def _alone(client: HubSpotClient, policy: PushPolicy, remote_id: str) -> FoundObject | None:
    try:
        return read_alone(client, policy, remote_id)
    except ObjectUnreadable:
        # Whose it may be cannot be told; a company that is made beside it is checked afterwards.
        return None
