"""Many people of few names in one town, here and in the portal, where they are written with typing errors.

A key of theirs has far more records than a look-up brings.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer

_FIRST = ("Anna", "Anja", "Lukas")
_LAST = ("Meier", "Maurer")
_STREETS = ("Lindenweg", "Bachstr.", "Kirchgasse")
_SHARE_AS_TYPED = 0.6
_LETTERS = "aeinrst"
_FIRMS = ("Nordlicht Verlag", "Nordlicht", "Birke Druck", "Birke Druckerei")

Person = dict[str, str | None]


def book(seed: int, *, companies: int, contacts: int) -> tuple[list[Person], list[Person]]:
    """The companies and the people of a book."""
    luck = Random(seed)  # noqa: S311 - nothing here is secret
    return [_firm(luck) for _ in range(companies)], [_person(luck) for _ in range(contacts)]


def make(firms: list[Person], people: list[Person]) -> None:
    """Make the records of a book, without links; every other contact belongs to the first company."""
    first = [make_company(**firm) for firm in firms][:1]
    for place, one in enumerate(people):
        make_contact(first[0].id if first and place % 2 else None, **one)


def fill(
    sandbox: SandboxServer,
    seed: int,
    firms: list[Person],
    people: list[Person],
    *,
    companies: int,
    contacts: int,
) -> None:
    """Fill the portal with companies and people of a book and others, in no order."""
    luck = Random(seed)  # noqa: S311 - nothing here is secret
    ids = [
        sandbox.create("companies", _there(luck, luck.choice(firms) if luck.random() < 0.7 else _firm(luck)))[
            "id"
        ]
        for _ in range(companies)
    ]
    given: set[str | None] = {None}
    for _ in range(contacts):
        one = luck.choice(people) if luck.random() < 0.8 else _person(luck)
        # HubSpot takes an address once.
        typed = _there(luck, one) | ({"email": one["email"]} if one["email"] not in given else {})
        given |= {one["email"]}
        sandbox.create("contacts", typed, [ids[0] if luck.random() < 0.7 else luck.choice(ids)])


def _firm(luck: Random) -> Person:
    return {
        "name": luck.choice(_FIRMS),
        "domain": luck.choice(("nordlicht.de", "birke.de", None, None)),
        "city": "Berlin",
        "phone": luck.choice((None, _phone(luck))),
    }


def _person(luck: Random) -> Person:
    first, last = luck.choice(_FIRST), luck.choice(_LAST)
    return {
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}{luck.randrange(40)}@nordlicht.de".lower() if luck.random() < 0.15 else None,
        "phone": luck.choice((None, _phone(luck))),
        "street": luck.choice((None, f"{luck.choice(_STREETS)} {luck.randrange(1, 9)}")),
        "postcode": luck.choice((None, "10115")),
        "city": "Berlin",
    }


def _phone(luck: Random) -> str:
    return f"030 5520{luck.randrange(60):02d}71"


def _there(luck: Random, one: Person) -> dict[str, Any]:
    """A record as somebody has typed it in HubSpot, without e-mail address."""
    names = {
        "first_name": "firstname",
        "last_name": "lastname",
        "postcode": "zip",
        "street": "address",
        "name": "name",
        "domain": "domain",
        "phone": "phone",
        "city": "city",
    }
    typed = {names[key]: value for key, value in one.items() if value and key in names}
    for key in ("firstname", "lastname", "address", "name"):
        if key in typed and luck.random() > _SHARE_AS_TYPED:
            at = luck.randrange(1, len(typed[key]))
            typed[key] = typed[key][:at] + luck.choice(_LETTERS) + typed[key][at + 1 :]
    return typed
