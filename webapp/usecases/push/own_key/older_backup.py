"""Checks before a bulk push whether HubSpot holds objects that this installation created but does not know.

Then its database comes from an older backup, and would overwrite what was changed since. The push waits until
everything has been compared, which takes over HubSpot's newer values.
"""

from datetime import UTC, datetime, timedelta

from webapp.domain.connection.own_keys import has_prefix, searched_by
from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.errors import WaitLongerError
from webapp.hubspot.client import HubSpotClient
from webapp.store.connection import connections
from webapp.store.pull import own_objects
from webapp.store.records import installation
from webapp.usecases.runs.lease import Lease

WAITING_FOR = "comparison"
_LOOKED_AT = 100
_LOOK_AGAIN_AFTER = timedelta(minutes=1)


def check(lease: Lease, client: HubSpotClient) -> bool:
    """True; let the run wait where the database is older than what it has made; the newest objects tell.

    Raises:
        WaitLongerError: everything has to be compared first.
    """
    with lease.services.database.reading() as session:
        connection = connections.get(session, lease.connection_id)
        prefix = installation.known_key_prefix(session)
    if connection is None or connection.first_pull_finished_at is None:
        # Nothing would be compared: matching decides about each record.
        return True
    is_restored = connection.restored_at is not None
    if not is_restored and prefix is not None and not lease.checkpoint:
        with_key = [kind for kind in OBJECT_TYPES if connection.key_properties.get(kind) == "ready"]
        is_restored = any(_holds_unknown(lease, client, kind, prefix) for kind in with_key)
    if is_restored:
        raise WaitLongerError(WAITING_FOR, datetime.now(UTC) + _LOOK_AGAIN_AFTER)
    return True


def _holds_unknown(lease: Lease, client: HubSpotClient, kind: ObjectType, prefix: str) -> bool:
    of_ours = {"propertyName": KEY_PROPERTY, "operator": "CONTAINS_TOKEN", "value": searched_by(prefix)}
    newest = [{"propertyName": "createdate", "direction": "DESCENDING"}]
    page = client.search(kind, [{"filters": [of_ours]}], sorts=newest, limit=_LOOKED_AT)
    found = [one.id for one in page.results]
    read = client.batch_read(kind, found, [KEY_PROPERTY]).results if found else []
    keys = {one.id: str(key) for one in read if has_prefix(key := one.properties.get(KEY_PROPERTY), prefix)}
    if not keys:
        return False
    with lease.services.database.writing() as session:
        unknown = own_objects.unknown_among(session, lease.connection_id, kind, keys)
        if unknown:
            connections.record_restored(session, lease.connection_id, datetime.now(UTC))
    return bool(unknown)
