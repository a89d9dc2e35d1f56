"""Reading objects as they are now, and proving which of them are not there any more."""

from collections.abc import Sequence

from msgspec import Struct

from webapp.domain.fields import ObjectType
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import NotFound
from webapp.hubspot.objects import RemoteObject


class Look(Struct):
    """What came of reading a batch of objects: those that exist, and those that HubSpot proves it has not."""

    found: list[RemoteObject]
    not_there: list[str]


def look_at(
    client: HubSpotClient, kind: ObjectType, remote_ids: Sequence[str], properties: Sequence[str]
) -> Look:
    """Read objects; one that a batch leaves out was merged or deleted, or is too new, which a call tells."""
    answer = client.batch_read(kind, remote_ids, properties)
    found = {one.id: one for one in answer.results}
    if kind == "contacts" and found:
        for contact_id, companies in client.associations_of(list(found)).items():
            found[contact_id].set_companies(companies)
    not_there = []
    for remote_id in answer.missing_ids:
        try:
            survivor = client.read(kind, remote_id, properties)
        except NotFound:
            not_there.append(remote_id)
        else:
            found[survivor.id] = survivor
    return Look(list(found.values()), not_there)
