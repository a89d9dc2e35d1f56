"""Companies and contacts of every kind that a push treats differently, and what must be true after."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.support.applications.services import writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import PRIMARY, announced, objects
from webapp.domain.records.values import Value
from webapp.store.records import records


def fill(companies: int, contacts: int, domain: str = "firm") -> None:
    """Companies, every fifth without domain; contacts of theirs, every seventh without an address."""
    firms: list[dict[str, Value]] = [
        {
            "name": f"Firm {number}",
            "domain": None if number % 5 == 4 else f"{domain}{number}.de",
            "city": "Bonn",
        }
        for number in range(companies)
    ]
    with writing() as session:
        firm_ids = records.insert_many(session, "companies", firms)
    people: list[dict[str, Value]] = [
        {
            "company_id": firm_ids[number % companies],
            "first_name": f"First{number}",
            "last_name": f"Last{number}",
            "email": None if number % 7 == 6 else f"person{number}@{domain}{number % companies}.de",
        }
        for number in range(contacts)
    ]
    with writing() as session:
        records.insert_many(session, "contacts", people)


def assert_whole(sandbox: SandboxServer, *, makes_companies: bool = False) -> None:
    """Each record has its object, once, with its values and its company; nothing else was made.

    Args:
        sandbox: The portal.
        makes_companies: Whether the portal makes a company for an address whose domain no company has.
    """
    assert not announced()
    others = len(_domains_of_contacts() - {one.domain for one in pulling.companies()})
    _assert_paired(sandbox, "companies", pulling.companies(), others if makes_companies else 0)
    _assert_paired(sandbox, "contacts", pulling.contacts(), 0)
    remote_of = {(link.object_type, link.record_id): link.remote_id for link in pulling.links()}
    primary_of = {one["id"]: one.get(PRIMARY) for one in objects(sandbox, "contacts", has_primary=True)}
    for contact in pulling.contacts():
        there = remote_of["contacts", contact.id]
        company = remote_of["companies", contact.company_id] if contact.company_id else None
        assert primary_of[there] == company, contact.first_name


def _domains_of_contacts() -> set[str | None]:
    return {one.email.partition("@")[2] for one in pulling.contacts() if one.email}


def _assert_paired(sandbox: SandboxServer, kind: str, records: list[Any], others: int) -> None:
    named = ("name", "domain", "city") if kind == "companies" else ("firstname", "lastname", "email")
    fields = ("name", "domain", "city") if kind == "companies" else ("first_name", "last_name", "email")
    there = {one["id"]: tuple(one.get(name) for name in named) for one in objects(sandbox, kind, *named)}
    doubles = [values for values, times in Counter(there.values()).items() if times > 1]
    assert not doubles, f"made twice: {doubles}"
    links = {link.record_id: link.remote_id for link in pulling.links(kind)}
    assert len(set(links.values())) == len(links) == len(records)
    for record in records:
        assert there[links[record.id]] == tuple(getattr(record, name) for name in fields)
    assert len(there) == len(records) + others
