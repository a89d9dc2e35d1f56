"""Our unique property, deleted in HubSpot while we rely on it: noticed, and worked without from then on."""

from collections.abc import Callable

import structlog

from webapp.hubspot.errors import NotFound, RequestRefused, ValidationFailed
from webapp.store.connection import connections
from webapp.usecases.push.own_key import key_property
from webapp.usecases.push.sending.narrowing import is_about_key
from webapp.usecases.runs.lease import Lease

_log = structlog.get_logger()


def going_on_without(lease: Lease, work: Callable[[], bool]) -> bool:
    """Do a slice's work; if HubSpot no longer has the property, begin again without it.

    It reads how the property stands then, and makes nothing that only the key kept from being made twice.

    Returns:
        Whether all work is done.
    """
    try:
        return work()
    except (ValidationFailed, RequestRefused, NotFound) as error:
        if not is_about_key(error) or not _is_lost(lease):
            raise
    _log.warning("key_property_lost", run_id=lease.run_id, connection_id=lease.connection_id)
    return work()


def _is_lost(lease: Lease) -> bool:
    """Whether the property stands otherwise than it was known to, now that it is looked at again."""
    with lease.services.database.reading() as session:
        row = connections.get(session, lease.connection_id)
        before = dict(row.key_properties) if row else {}
    return key_property.configure(lease.services, lease.connection_id, may_create=False) != before
