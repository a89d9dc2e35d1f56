"""Pairs of contacts of which it is known whether they are one person."""

import unicodedata
from random import Random
from typing import Any

from bench.matching.noise import called, phone_of, street_of, typed, without_accents
from bench.matching.pools import pool_of

Record = dict[str, Any]

_LOCALES = ("en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE")
_POOL = {
    "first": "first_name",
    "last": "last_name",
    "street": "street_address",
    "city": "city",
    "postcode": "postcode",
    "domain": "domain_name",
}
_FREE = ("gmail.com", "gmx.de", "web.de", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com")
_KEPT = ("email", "phone", "mobile", "company_id", "street")
PLACE = ("street", "city", "postcode")
SIGNS = ("phone", "email", "custom.birthday")
"""What may be known of a person besides name and address."""
FIELDS = ("first_name", "last_name", *PLACE, *SIGNS)


def another_first_name(one: Record, random: Random) -> str:
    """A first name of the same country as the person's, and plainly another one."""
    own: str = one["first_name"]
    others: list[str] = [
        name
        for name in one["first_names"]
        if name[0] != own[0] and name[-3:] != own[-3:] and not {" ", "-"} & {*name, *own}
    ]
    return random.choice(others or ["Xaver"])


def at_home(one: Record, random: Random, years: range, *, has_sign: bool) -> Record:
    """A person by name and address, with one of `SIGNS` if `has_sign`; born in one of `years`."""
    born = random.randrange(years.start, years.stop)
    one["custom.birthday"] = f"{born}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
    sign = random.choice(SIGNS) if has_sign else None
    names = [name for name in FIELDS if name not in SIGNS or name == sign]
    return {name: one[name] for name in names} | {"first_names": one["first_names"]}


class People:
    """Makes pairs, all from one source of chance."""

    def __init__(self, random: Random, locales: tuple[str, ...] = _LOCALES) -> None:
        self.random = random
        self._pools = [pool_of(locale, random, _POOL) for locale in locales]
        self._numbers = 0

    def person(self) -> Record:
        """Somebody at a firm."""
        random, pool = self.random, self.random.choice(self._pools)
        self._numbers += 1
        one: Record = {"first_name": random.choice(pool["first"]), "last_name": random.choice(pool["last"])}
        one |= {"company_id": self._numbers, "domain": random.choice(pool["domain"]), "phone": self.number()}
        one |= {name: random.choice(pool[name]) for name in ("street", "city", "postcode")}
        one["first_names"] = pool["first"]
        one["email"] = self.address(one, is_private=random.random() < 0.25)  # noqa: PLR2004 - a quarter
        if random.random() < 0.3:  # noqa: PLR2004 - under a third
            one["mobile"] = self.number()
        return one

    def number(self) -> str:
        """A national number."""
        return str(self.random.randrange(1_500_000_000, 9_999_999_999))

    def address(self, one: Record, *, is_private: bool = False) -> str:
        """An e-mail address such as this person would have."""
        first, last = _ascii(one["first_name"]), _ascii(one["last_name"])
        forms = [
            f"{first}.{last}",
            f"{first[:1]}.{last}",
            f"{first}{last}",
            f"{first[:1]}{last}",
            f"{last}.{first}",
        ]
        if not is_private:
            return f"{self.random.choice(forms)}@{one['domain']}"
        tail = str(self.random.randrange(1950, 2010)) if self.random.random() < 0.5 else ""  # noqa: PLR2004
        return (
            f"{self.random.choice((*forms, first, f'{last}{first[:2]}'))}{tail}@{self.random.choice(_FREE)}"
        )

    def same(self) -> tuple[Record, Record]:
        """One person twice; at least one sign that identifies them stays on both sides."""
        while True:
            one = self.person()
            other = self._changed(one)
            if any(one.get(name) and one.get(name) == other.get(name) for name in _KEPT):
                return self._written(one), self._written(other)

    def _changed(self, one: Record) -> Record:
        random = self.random
        other = dict(one)
        chance = random.random
        self._change_name(other)
        other["email"] = self._changed_email(one)
        other["phone"] = self._changed_phone(one["phone"])
        if chance() < 0.15:  # noqa: PLR2004 - shares of what happens to data, here and below
            other |= {name: self.person()[name] for name in ("street", "city", "postcode")}
        elif chance() < 0.25:  # noqa: PLR2004
            other |= {"street": None, "postcode": None}
        elif chance() < 0.08:  # noqa: PLR2004
            name = random.choice(("street", "city", "postcode"))
            other[name] = typed(other[name], random)
        if chance() < 0.25:  # noqa: PLR2004
            other["company_id"] = random.choice((None, None, -self._numbers))
        return other

    def _change_name(self, other: Record) -> None:
        random = self.random
        chance = random.random
        if chance() < 0.10:  # noqa: PLR2004 - shares of what happens to data, here and below
            other["first_name"] = called(other["first_name"], random)
        if chance() < 0.12:  # noqa: PLR2004
            name = random.choice(("first_name", "last_name"))
            other[name] = typed(other[name], random)
        if chance() < 0.15:  # noqa: PLR2004
            other |= {name: without_accents(other[name], random) for name in ("first_name", "last_name")}
        if chance() < 0.03:  # noqa: PLR2004
            other["first_name"], other["last_name"] = other["last_name"], other["first_name"]
        if chance() < 0.02:  # noqa: PLR2004
            other["last_name"] = self.person()["last_name"]
        if chance() < 0.02:  # noqa: PLR2004
            other["first_name"] = other["first_name"][0] + "."

    def _changed_email(self, one: Record) -> str | None:
        mailbox, _, host = one["email"].partition("@")
        (what,) = self.random.choices(
            ("same", "missing", "moved", "private", "typed"), weights=(60, 15, 12, 10, 3)
        )
        changed: dict[str, str] = {
            "same": one["email"],
            "moved": f"{mailbox}@{self.person()['domain']}",
            "private": self.address(one, is_private=True),
            "typed": f"{typed(mailbox, self.random)}@{host}",
        }
        return changed.get(what)

    def _changed_phone(self, digits: str) -> str | None:
        (what,) = self.random.choices(("same", "missing", "other", "typed"), weights=(66, 14, 15, 5))
        return {"same": digits, "missing": None, "other": self.number(), "typed": typed(digits, self.random)}[
            what
        ]

    def others(self) -> tuple[Record, Record]:
        """Two people who are easily taken for one."""
        make = self.random.choice(
            (
                self._relatives,
                self._relatives,
                self._household,
                self._colleagues,
                self._namesakes,
                self._alike,
            )
        )
        one, other = make()
        return self._written(one), self._written(other)

    def _relatives(self) -> tuple[Record, Record]:
        """At one firm: one name, one switchboard, one address."""
        one = self.person()
        other = dict(one, first_name=self._other_first(one), mobile=self.person().get("mobile"))
        self._give_address(other, one, is_private=self.random.random() < 0.2)  # noqa: PLR2004 - a fifth
        return one, other

    def _give_address(self, other: Record, one: Record, *, is_private: bool = False) -> None:
        """An address of its own: one that two share is one person by its meaning here."""
        while other["email"] == one["email"]:
            other["email"] = self.address(other, is_private=is_private)

    def _household(self) -> tuple[Record, Record]:
        """At home: one name, one address, one telephone, free mail or none."""
        one, other = self._relatives()
        one["email"] = self.address(one, is_private=True)
        other["email"] = one["email"]
        self._give_address(other, one, is_private=True)
        if self.random.random() < 0.5:  # noqa: PLR2004 - half of them
            other["email"] = None
        return dict(one, company_id=None), dict(other, company_id=None)

    def _colleagues(self) -> tuple[Record, Record]:
        """One firm and its telephone; often one first name."""
        one, stranger = self.person(), self.person()
        first = self.random.choice((one["first_name"], stranger["first_name"], stranger["first_name"]))
        other = dict(one, first_name=first, last_name=stranger["last_name"], mobile=stranger.get("mobile"))
        other["email"] = self.address(other)
        return one, other

    def _namesakes(self) -> tuple[Record, Record]:
        """One name, two people; both with free mail, perhaps in one city."""
        one = self.person()
        other = dict(self.person(), first_name=one["first_name"], last_name=one["last_name"])
        if self.random.random() < 0.3:  # noqa: PLR2004 - under a third
            other["city"] = one["city"]
        for each in (one, other):
            each["email"] = self.address(each, is_private=True)
        return (one, other) if one["email"] != other["email"] else self._namesakes()

    def _alike(self) -> tuple[Record, Record]:
        """Relatives whose first names begin alike."""
        one, other = self._relatives()
        first = one["first_name"]
        begins = [
            name for name in one["first_names"] if name[:3] == first[:3] and _ascii(name) != _ascii(first)
        ]
        if not begins:
            return one, other
        other |= {"first_name": self.random.choice(begins), "email": one["email"]}
        self._give_address(other, one)
        return one, other

    def _other_first(self, one: Record) -> str:
        while True:
            first: str = self.random.choice(one["first_names"])
            if _ascii(first) != _ascii(one["first_name"]):
                return first

    def _written(self, one: Record) -> Record:
        """The record as our fields, telephones and streets in somebody's own hand."""
        kept = {name: value for name, value in one.items() if name not in ("domain", "first_names") and value}
        for name in ("phone", "mobile"):
            if kept.get(name):
                kept[name] = phone_of(kept[name], self.random)
        if kept.get("street"):
            kept["street"] = street_of(kept["street"], self.random)
        return kept


def _ascii(text: str) -> str:
    plain = (
        unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ł", "l"))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return "".join(letter for letter in plain if letter.isalnum()) or "x"
