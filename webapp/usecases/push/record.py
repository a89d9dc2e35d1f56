"""Push of one record: a company with all of its contacts, or a contact alone; the rules do not apply."""

from typing import Literal

from webapp.domain.records.fields import OBJECT_TYPES
from webapp.domain.runs.options import PushRecordOptions
from webapp.hubspot.client import HubSpotClient
from webapp.store.push.scope import Scope
from webapp.usecases.deletion.subject import log_deleted
from webapp.usecases.push.bulk import work_on
from webapp.usecases.runs.lease import Lease


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Push the run's record until the slice's time is up. True when all is done."""
    options = lease.options_as(PushRecordOptions)
    # Fields are cleared of one record alone, so a company's contacts are not pushed then.
    types = (options.object_type,) if options.clears else OBJECT_TYPES
    kind: Literal["company", "contact"] = "company" if options.object_type == "companies" else "contact"
    is_done = work_on(lease, client, Scope(kind, options.record_id, types=types))
    if is_done:
        log_deleted(lease, options)
    return is_done
