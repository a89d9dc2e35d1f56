"""Push of one record: a company with all of its contacts, or a contact alone; the rules are not asked."""

from typing import Literal

from webapp.domain.fields import OBJECT_TYPES
from webapp.hubspot.client import HubSpotClient
from webapp.store.push_facts import Scope
from webapp.sync.push import work_on
from webapp.sync.slices import Slice


def work(piece: Slice, client: HubSpotClient) -> bool:
    """Push the run's record until the slice's time is up. True when all is done."""
    object_type, record_id = piece.options["object_type"], piece.options["record_id"]
    # What is to be cleared is one record's: then a company's contacts stay where they are.
    types = (object_type,) if "clears" in piece.options else OBJECT_TYPES
    kind: Literal["company", "contact"] = "company" if object_type == "companies" else "contact"
    return work_on(piece, client, Scope(kind, record_id, types=types))
