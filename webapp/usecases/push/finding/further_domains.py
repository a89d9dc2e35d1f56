"""The companies of several domains: where they are few, one search finds them all for many others.

A search takes each domain twice, as the first of a company and as a further one, unless it is known which
companies have further ones at all. In most portals these are few, since they come from merges.
"""

from collections.abc import Collection
from threading import Lock

from webapp.domain.mapping.incoming import further_domains
from webapp.domain.mapping.mapping import ADDITIONAL_DOMAINS
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import RequestRefused, ValidationFailed

MOST = 200
"""How many companies a search returns at most."""

_HAS_FURTHER = [{"filters": [{"propertyName": ADDITIONAL_DOMAINS, "operator": "HAS_PROPERTY"}]}]


class FurtherDomains:
    """The companies of several domains, as one slice has found them; for all of its threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_known = False
        self._ids: dict[str, set[str]] | None = None

    def ids_of(self, client: HubSpotClient, domains: Collection[str]) -> set[str] | None:
        """The companies that have one of these as a further domain; None where too many have several."""
        with self._lock:
            if not self._is_known:
                self._ids = _found(client)
                self._is_known = True
        if self._ids is None:
            return None
        return {one for domain in domains for one in self._ids.get(domain, ())}


def _found(client: HubSpotClient) -> dict[str, set[str]] | None:
    """By further domain its companies; None where more than a page has them, or one is left out."""
    try:
        page = client.search("companies", _HAS_FURTHER, limit=MOST)
    except (ValidationFailed, RequestRefused):
        # Whatever the portal has against it, the searches by value say of which values.
        return None
    if page.after is not None or page.total > len(page.results):
        return None
    ids: dict[str, set[str]] = {}
    for some in in_batches([one.id for one in page.results]):
        answer = client.batch_read("companies", some, [ADDITIONAL_DOMAINS])
        if answer.missing_ids:
            # Of these nobody knows the domains.
            return None
        for company in answer.results:
            for domain in further_domains(company.properties):
                ids.setdefault(domain, set()).add(company.id)
    return ids
