"""A portal, and a book, of companies and contacts that look alike: chains, namesakes, shared phones."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer

_NAMES = (
    "Nordlicht",
    "Nordlicht Verlag",
    "Nordlicht GmbH",
    "Birke Druck",
    "Birke Druckwerk",
    "Acme",
    "Acme 2",
)
_TOWNS = ("Ulm", "Kiel", None)
_DOMAINS = ("nordlicht.de", "birke.de", "acme.com", "gmail.com", None)
_PHONES = ("+49 30 1234567", "00000000", "0731 998877", None)
_FIRST = ("Eva", "Jonas", "Ida", "Thomas", "Tom")
_LAST = ("Kern", "Roth", "Roth-Kern", "Müller", "Mueller")


class Filled(NamedTuple):
    """The ids of what was made, and of the contacts that have no company."""

    companies: list[str]
    contacts: list[str]
    without_company: list[str]


def fill(sandbox: SandboxServer, seed: int, *, companies: int, contacts: int) -> Filled:
    """Fill the portal; what stands in it depends on the seed alone."""
    luck = Random(seed)  # noqa: S311 - nothing here is secret
    firms = [str(sandbox.create("companies", _company(luck))["id"]) for _ in range(companies)]
    made, alone = [], []
    for number in range(contacts):
        has_company = luck.random() < 0.95
        of = [luck.choice(firms)] if has_company else []
        made.append(str(sandbox.create("contacts", _contact(luck, number), of)["id"]))
        alone += [] if has_company else made[-1:]
    return Filled(firms, made, alone)


def fill_book(seed: int, *, companies: int, contacts: int) -> None:
    """Make unlinked records here that look like what `fill` makes."""
    luck = Random(seed)  # noqa: S311 - nothing here is secret
    firms = []
    for _ in range(companies):
        given = _company(luck)
        named = {name: given.get(name) for name in ("name", "city", "domain", "phone")}
        firms.append(make_company(**named).id)
    for number in range(contacts):
        given = _contact(luck, number)
        make_contact(
            luck.choice((*firms, None)) if luck.random() < 0.9 else None,
            first_name=given["firstname"],
            last_name=given.get("lastname"),
            email=given.get("email"),
            phone=given.get("phone"),
            postcode=given.get("zip"),
        )


def _company(luck: Random) -> dict[str, Any]:
    given = {
        "name": luck.choice(_NAMES),
        "city": luck.choice(_TOWNS),
        "domain": luck.choice(_DOMAINS),
        "phone": luck.choice(_PHONES),
        "hs_additional_domains": luck.choice((None, None, "birke.de;acme.com")),
    }
    return {name: value for name, value in given.items() if value}


def _contact(luck: Random, number: int) -> dict[str, Any]:
    """HubSpot takes an address once; a shared mailbox stands on one contact, and in one more as a variant."""
    first, last = luck.choice(_FIRST), luck.choice(_LAST)
    mailboxes = (f"info{number}@acme.com", f"{first}.{last}{number}@gmail.com".lower(), None)
    given = {
        "firstname": first,
        "lastname": luck.choice((last, last, None)),
        "email": luck.choice(mailboxes),
        "phone": luck.choice(_PHONES),
        "zip": luck.choice(("89073", "24103", None)),
    }
    return {name: value for name, value in given.items() if value}
