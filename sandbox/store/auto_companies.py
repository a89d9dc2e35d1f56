"""The account setting "create and associate companies with contacts": it works behind the caller's back.

Some time after a contact with a business address was made, a company with that domain is looked for, made if
there is none, and associated. What is due is done when the next call comes.
Like the search this look may lag: then a company that was made a moment before is made a second time.
"""

import time

from sandbox.clock import iso_ago
from sandbox.kinds import COMPANIES
from sandbox.store.linking import Link, link
from sandbox.store.portal import Portal
from sandbox.store.writes import apply, draft_create
from sandbox.webhooks.events import API, AUTOMATIC

_UNLABELED = frozenset({279})


def catch_up(portal: Portal) -> None:
    """Do what has come due, without counting it as anybody's call or write."""
    before = portal.counters.copy()
    while portal.without_company and portal.without_company[0][0] <= time.monotonic():
        _, number, domain = portal.without_company.popleft()
        if number in portal.contacts.live:
            portal.events.actor = AUTOMATIC
            _associate(portal, number, domain)
            portal.events.actor = API
    portal.counters = before


def _associate(portal: Portal, number: int, domain: str) -> None:
    records = portal.companies.records
    known_since = iso_ago(portal.settings.auto_company_lag_s)
    there = (records[one] for one in portal.companies.live if records[one].properties.get("domain") == domain)
    company = next((one for one in there if one.properties["createdate"] <= known_since), None)
    if company is None:
        draft = draft_create(portal, COMPANIES, {"properties": {"name": domain, "domain": domain}})
        company = apply(portal, COMPANIES, draft, AUTOMATIC)
    if company.number not in portal.associations.of("contacts", number, "companies"):
        link(portal, Link(("contacts", "companies"), number, company.number, _UNLABELED))
