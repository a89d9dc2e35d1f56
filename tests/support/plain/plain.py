"""Plain values for tests of the rules: objects, records and what surrounds a page, without any database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.incoming import Incoming
from webapp.domain.mapping.mapping import (
    DEFAULT_FIELD_MAPPINGS,
    DEFAULT_STATUS_IN,
    DEFAULT_STATUS_OUT,
    FieldMap,
    Mapping,
)
from webapp.domain.matching.candidates import Candidate, CandidateIndex
from webapp.domain.matching.keys import Keys
from webapp.domain.pull.facts import CompanyFacts, Facts, Remote
from webapp.domain.pull.page import plan_page
from webapp.domain.pull.plan import Plan
from webapp.domain.records.fields import ObjectType
from webapp.domain.rules.rule import EVERYTHING, Rule

READ_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COMPANIES = Mapping("companies", DEFAULT_FIELD_MAPPINGS["companies"], DEFAULT_STATUS_IN, DEFAULT_STATUS_OUT)
CONTACTS = Mapping("contacts", DEFAULT_FIELD_MAPPINGS["contacts"], DEFAULT_STATUS_IN, DEFAULT_STATUS_OUT)
MAPPINGS: dict[ObjectType, Mapping] = {"companies": COMPANIES, "contacts": CONTACTS}


def clearing(mapping: Mapping, *fields: str) -> Mapping:
    """The mapping with blanks let through for some fields."""
    changed = tuple(
        FieldMap(item.field, item.property, item.direction, "clear" if item.field in fields else "ignore")
        for item in mapping.fields
    )
    return Mapping(mapping.object_type, changed, mapping.status_in, mapping.status_out)


def remote(remote_id: str = "1", *, company_id: str | None = None, **properties: str | None) -> Remote:
    """An object as HubSpot answers it."""
    return Remote(id=remote_id, properties=dict(properties), updated_at=READ_AT, company_id=company_id)


def link(record_id: int, remote_id: str, **values: Any) -> LinkFacts:
    """A stored link."""
    given: dict[str, Any] = {
        "state": "linked",
        "local_seen": {},
        "remote_seen": {},
        "remote_updated_at": READ_AT,
    }
    return LinkFacts(id=1000 + record_id, record_id=record_id, remote_id=remote_id, **(given | values))


def facts(
    records: dict[int, dict[str, Any]] | None = None,
    links: Sequence[LinkFacts] = (),
    candidates: Sequence[Candidate] = (),
    companies: dict[str, CompanyFacts] | None = None,
    **more: Any,
) -> Facts:
    """What surrounds a page; records not described by a link or candidate are simply there."""
    index = CandidateIndex()
    for one in candidates:
        index.add(one)
    return Facts(
        links={one.remote_id: one for one in links},
        records=records or {},
        index=index,
        new_ids=range(1000, 2000),
        companies=companies or {},
        **more,
    )


def keys(object_type: ObjectType, *emails: str, company_id: int | None = None, **values: Any) -> Keys:
    """What a record or object with these addresses and field values is recognised by."""
    given = ({"email": emails[0]} if emails else {}) | values
    return Incoming(object_type, given, {}, tuple(emails[1:])).keys_in(company_id)


def candidate(record_id: int, *emails: str, linked_to: str | None = None, **values: Any) -> Candidate:
    """A contact that may be found; a company if it has a domain or a name of its own."""
    object_type: ObjectType = "companies" if {"domain", "name"} & values.keys() else "contacts"
    return Candidate(record_id, keys(object_type, *emails, **values), linked_to)


def planned(one: Remote, around: Facts, mapping: Mapping = CONTACTS, rule: Rule = EVERYTHING) -> Plan:
    """The plan of a page of one."""
    (plan,) = plan_page([one], around, mapping, rule)
    return plan
