"""Pairs of companies of which it is known whether they are one."""

import unicodedata
from random import Random
from typing import Any

from faker import Faker

from bench.matching.noise import phone_of, street_of, typed, without_accents

Record = dict[str, Any]

_LOCALES = ("de_DE", "en_US", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE")
_POOL = 1_500
_FORMS = ("GmbH", "AG", "Ltd", "Inc.", "LLC", "S.A.", "S.r.l.", "B.V.", "AB", "KG", "GmbH & Co. KG", "")
_TRADES_LISTED = """
Verlag Bau Metallbau Druckerei Optik Reisen Motors Bakery Foods Robotics Textiles Architects Dental Legal
Studios Garden Timber Brewery Electric Plumbing Catering
"""
_TRADES = tuple(_TRADES_LISTED.split())
_SISTERS_LISTED = """
Holding Logistik Immobilien Services International Vertrieb Trading Leasing Energy Digital Ventures Polska
Iberia Kitchens Aerospace Insurance Rentals Academy Labs
"""
_SISTERS = tuple(_SISTERS_LISTED.split())
_CHAINS = (
    "Kaffeehaus",
    "Burger Palace",
    "Fit Club",
    "Optiker Blick",
    "Hotel Post",
    "Pizzeria Roma",
    "Apotheke am Markt",
)
_FREE = ("gmail.com", "web.de", "orange.fr", "libero.it")
_KEPT = ("domain", "phone", "city", "postcode", "street")


class Firms:
    """Makes pairs, all from one source of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._pools = [self._pool(locale) for locale in _LOCALES]

    def _pool(self, locale: str) -> dict[str, list[str]]:
        fake = Faker(locale)
        fake.seed_instance(self.random.random())
        made = {
            "name": fake.last_name,
            "street": fake.street_address,
            "city": fake.city,
            "postcode": fake.postcode,
            "ending": fake.tld,
        }
        return {name: [make() for _ in range(_POOL)] for name, make in made.items()}

    def firm(self) -> Record:
        """A company."""
        random, pool = self.random, self.random.choice(self._pools)
        core = random.choice(pool["name"])
        if random.random() < 0.3:  # noqa: PLR2004 - under a third
            core = f"{core} & {random.choice(pool['name'])}"
        name = f"{core} {random.choice(_TRADES)}"
        one: Record = {"core": core, "name": name, "form": random.choice(_FORMS), "phone": self._number()}
        one |= {field: random.choice(pool[field]) for field in ("street", "city", "postcode")}
        one["domain"] = _domain(name, random.choice(pool["ending"]), random)
        return one

    def _number(self) -> str:
        return str(self.random.randrange(1_500_000_000, 9_999_999_999))

    def same(self) -> tuple[Record, Record]:
        """One company twice; at least one sign that identifies it stays on both sides."""
        while True:
            one = self.firm()
            other = self._changed(one)
            if any(one.get(name) and one.get(name) == other.get(name) for name in _KEPT):
                return self._written(one), self._written(other)

    def _changed(self, one: Record) -> Record:
        random = self.random
        chance = random.random
        other = dict(one)
        if chance() < 0.15:  # noqa: PLR2004 - shares of what happens to data, here and below
            other["name"] = typed(other["name"], random)
        if chance() < 0.15:  # noqa: PLR2004
            other["name"] = without_accents(other["name"], random)
        if chance() < 0.10:  # noqa: PLR2004
            other["name"] = random.choice(
                (other["name"].upper(), other["name"].replace(" ", "-"), other["core"])
            )
        if chance() < 0.3:  # noqa: PLR2004
            other["form"] = random.choice((other["form"], "", ""))
        (what,) = random.choices(("same", "missing", "moved", "ending"), weights=(62, 20, 10, 8))
        host = one["domain"].partition(".")[0]
        other["domain"] = {
            "same": one["domain"],
            "missing": None,
            "moved": self.firm()["domain"],
            "ending": f"{host}.{random.choice(('eu', 'net', 'io', 'biz'))}",
        }[what]
        if chance() < 0.15:  # noqa: PLR2004
            other |= {name: self.firm()[name] for name in ("street", "city", "postcode")}
        elif chance() < 0.25:  # noqa: PLR2004
            other |= {"street": None, "postcode": None}
        elif chance() < 0.08:  # noqa: PLR2004
            other["street"] = typed(other["street"], random)
        (what,) = random.choices(("same", "missing", "other"), weights=(66, 16, 18))
        other["phone"] = {"same": one["phone"], "missing": None, "other": self._number()}[what]
        return other

    def others(self) -> tuple[Record, Record]:
        """Two companies that are easily taken for one."""
        make = self.random.choice((self._sisters, self._chain, self._namesakes, self._neighbours))
        one, other = make()
        return self._written(one), self._written(other)

    def _sisters(self) -> tuple[Record, Record]:
        """Subsidiaries of one owner, often in one house with one telephone."""
        one = self.firm()
        first, second = self.random.sample(_SISTERS, 2)
        other = dict(one, name=f"{one['core']} {second}", form=self.random.choice(_FORMS))
        if self.random.random() < 0.6:  # noqa: PLR2004 - some are named after a trade, some are not
            one["name"] = f"{one['core']} {first}"
        other["domain"] = self.random.choice((None, _domain(other["name"], "com", self.random)))
        if self.random.random() < 0.5:  # noqa: PLR2004 - half of them
            other["phone"] = self._number()
        return one, other

    def _chain(self) -> tuple[Record, Record]:
        """Branches: one name, perhaps with the town in it and one domain; other address and telephone."""
        brand = self.random.choice(_CHAINS)
        one, other = self.firm(), self.firm()
        has_town = self.random.random() < 0.5  # noqa: PLR2004 - half of them
        for each in (one, other):
            each["name"] = f"{brand} {each['city']}" if has_town else brand
            each["form"], each["domain"] = "", None
        if has_town and self.random.random() < 0.5:  # noqa: PLR2004 - half of these
            one["domain"] = other["domain"] = _domain(brand, "com", self.random)
        return (one, other) if one["city"] != other["city"] else self._chain()

    def _namesakes(self) -> tuple[Record, Record]:
        """One name in two towns, each firm with its own domain or a free mail address for one."""
        one, other = self.firm(), self.firm()
        other["name"] = one["name"]
        if self.random.random() < 0.5:  # noqa: PLR2004 - half of them
            one["domain"] = other["domain"] = self.random.choice(_FREE)
        return one, other

    def _neighbours(self) -> tuple[Record, Record]:
        """Two firms in one house with one reception."""
        one, other = self.firm(), self.firm()
        return one, dict(other, **{name: one[name] for name in ("street", "city", "postcode", "phone")})

    def _written(self, one: Record) -> Record:
        """The record as our fields, telephones and streets in somebody's own hand."""
        kept = {name: one[name] for name in ("city", "postcode", "domain") if one.get(name)}
        kept["name"] = f"{one['name']} {one['form']}".strip()
        if one.get("phone"):
            kept["phone"] = phone_of(one["phone"], self.random)
        if one.get("street"):
            kept["street"] = street_of(one["street"], self.random)
        return kept


def _domain(name: str, ending: str, random: Random) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    terms = ["".join(letter for letter in word if letter.isalnum()) for word in plain.split()]
    return f"{random.choice(('', '-')).join(word for word in terms if word) or 'firm'}.{ending}"
