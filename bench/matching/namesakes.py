"""Pairs of two with one name in one large town, of whom little else is known.

How often a name occurs decides how often two strangers bear it: it is drawn twice as the lists of frequent
names have it, so that hardly a pair has a rare one.
"""

from random import Random

from bench.matching.people import Record

_FIRST = (
    "Anna",
    "Peter",
    "Michael",
    "Maria",
    "Thomas",
    "Julia",
    "Stefan",
    "Laura",
    "David",
    "Sarah",
    "Daniel",
    "Eva",
)
_LAST = (
    "Schmidt",
    "Müller",
    "Wagner",
    "Smith",
    "Jones",
    "Garcia",
    "Rossi",
    "Novak",
    "Martin",
    "Jensen",
    "Wolf",
    "Klein",
)
_TRADES = (
    "Elektro",
    "Bäckerei",
    "Autohaus",
    "Malerbetrieb",
    "Praxis",
    "Steuerberatung",
    "Zimmerei",
    "Garage",
    "Café",
)
_FORMS = ("", "", " GmbH", " & Sohn", " e.K.", " Ltd")
_TOWNS = {
    "Berlin": (10115, 14199),
    "Hamburg": (20095, 22769),
    "Wien": (1010, 1239),
    "Zürich": (8001, 8064),
    "München": (80331, 81929),
    "Köln": (50667, 51149),
}
_STREETS = (
    "Hauptstr.",
    "Bahnhofstraße",
    "Gartenstr.",
    "Lindenallee",
    "Kirchgasse",
    "Ringstr.",
    "Schillerstr.",
)
# Of each pair about half say nothing of a field.
_KNOWN = 0.5


class Namesakes:
    """Makes pairs of contacts and of companies, all from one source of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def people(self) -> tuple[Record, Record]:
        """Two people of one name in one town."""
        names = {"first_name": self._frequent(_FIRST), "last_name": self._frequent(_LAST)}
        town = self.random.choice(tuple(_TOWNS))
        one, other = (names | self._home(town) for _ in range(2))
        return one, other

    def firms(self) -> tuple[Record, Record]:
        """Two firms of one trade and one surname in one town."""
        name = f"{self._frequent(_TRADES)} {self._frequent(_LAST)}"
        town = self.random.choice(tuple(_TOWNS))
        phones = self._phone(), self._phone()
        one, other = (
            {"name": name + self.random.choice(_FORMS), **self._home(town), "phone": phone}
            for phone in phones
        )
        return one, other

    def _frequent(self, names: tuple[str, ...]) -> str:
        """A name, as often as its square says: the first of a list is the most frequent."""
        weights = [1 / (place + 1) ** 2 for place in range(len(names))]
        (name,) = self.random.choices(names, weights=weights)
        return name

    def _home(self, town: str) -> Record:
        """Where one of them lives, as far as it is known; the house is known less often than the street."""
        random, home = self.random, {"city": town}
        if random.random() < _KNOWN:
            home["postcode"] = str(random.randint(*_TOWNS[town]))
        if random.random() < _KNOWN:
            number = f" {random.randint(1, 150)}" if random.random() < _KNOWN else ""
            home["street"] = random.choice(_STREETS) + number
        if random.random() < _KNOWN:
            home["phone"] = self._phone()
        return home

    def _phone(self) -> str:
        return f"+49 30 {self.random.randint(2_000_000, 9_999_999)}"
