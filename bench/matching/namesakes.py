"""Pairs of namesakes in one large town, people and firms, with few other fields.

Two strangers share a name as often as the square of its frequency. So names are drawn with these squares as
weights, and hardly a pair has a rare one.
"""

from random import Random

from bench.matching.people import Record

_FIRST_LISTED = """
Anna Peter Michael Maria Thomas Julia Stefan Laura David Sarah Daniel Eva Katarzyna Giulia Carlos Ingrid
"""
_LAST_LISTED = """
Schmidt Müller Wagner Smith Jones Garcia Rossi Novak Martin Jensen Wolf Klein Huber Kowalski Dubois Visser
Brandt
"""
_TRADES_LISTED = """
Elektro Bäckerei Autohaus Malerbetrieb Praxis Steuerberatung Zimmerei Garage Café Kaminbau Fahrschule Imbiss
Roofing Plomberie Fontanería Hausverwaltung Zaunbau Imkerei
"""
_FIRST, _LAST, _TRADES = (listed.split() for listed in (_FIRST_LISTED, _LAST_LISTED, _TRADES_LISTED))
_FORMS = ("", "", " GmbH", " & Sohn", " e.K.", " Ltd")
_TOWNS = {
    "Berlin": (10115, 14199),
    "Hamburg": (20095, 22769),
    "Wien": (1010, 1239),
    "Zürich": (8001, 8064),
    "München": (80331, 81929),
    "Köln": (50667, 51149),
    "Madrid": (28001, 28055),
    "Milano": (20121, 20162),
    "Chicago": (60601, 60827),
}
_STREETS_LISTED = """
Hauptstr. Bahnhofstraße Gartenstr. Lindenallee Kirchgasse Ringstr. Schillerstr. Eschenweg Weststraße
Kesselgasse Höhenweg Poststr. Turmstraße
"""
_STREETS = (
    *_STREETS_LISTED.split(),
    "Am Sportplatz",
    "Via Roma",
    "Calle Mayor",
    "Maple Avenue",
    "Robert-Koch-Str.",
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
        one, other = ({"name": name + self.random.choice(_FORMS), **self._home(town)} for _ in range(2))
        return one, other

    def _frequent(self, names: list[str]) -> str:
        """A name, as often as its square says: the first of a list is the most frequent."""
        weights = [1 / (place + 1) ** 2 for place in range(len(names))]
        (name,) = self.random.choices(names, weights=weights)
        return name

    def _home(self, town: str) -> Record:
        """Where one of them is, as far as it is known; the house is known less often than the street."""
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
