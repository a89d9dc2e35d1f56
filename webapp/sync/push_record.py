"""Push of one record: a company with all of its contacts, or a contact alone; the rules are not asked."""

from webapp.hubspot.client import HubSpotClient
from webapp.store.push_facts import Scope
from webapp.sync.push import work_on
from webapp.sync.slices import Slice


def work(piece: Slice, client: HubSpotClient) -> bool:
    """Push the run's record until the slice's time is up. True when all is done."""
    is_company = piece.options["object_type"] == "companies"
    scope = Scope("company" if is_company else "contact", piece.options["record_id"])
    return work_on(piece, client, scope)
