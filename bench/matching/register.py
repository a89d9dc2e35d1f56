"""Pairs of contacts as registers hold one person twice: several errors, of every kind, in any of the fields.

The kinds and their shares go by the literature that `bench.matching.slips` names. Beside slips there are
names in the wrong fields, nicknames, values that are missing or of another person, flats within houses,
abbreviations, and days exchanged with months.
"""

from random import Random

from bench.matching.noise import called, phone_of, street_of
from bench.matching.people import FIELDS, SIGNS, People, Record, another_first_name, at_home
from bench.matching.slips import blanks_slipped, digits_slipped, slipped

# In which field an error is found.
_SHARES = {
    "first_name": 16,
    "last_name": 20,
    "street": 24,
    "city": 12,
    "postcode": 10,
    **dict.fromkeys(SIGNS, 14),
}
_MOST_ERRORS, _MOST_OF_A_FIELD = 4, 2
_NAMES_EXCHANGED, _CODE_AND_CITY_EXCHANGED = 0.05, 0.01
_IN_A_FLAT = 0.12
_FLATS = ("Flat {}, {}", "{1}, Apt {0}", "{1}, Whg. {0}", "Unit {}/{}", "{1} #{0}", "{1}, 2nd Floor")


class RegisterPeople:
    """Makes pairs, all from one source of chance."""

    def __init__(self, random: Random, *, has_sign: bool) -> None:
        self.random = random
        self.has_sign = has_sign
        self._people = People(random)

    def person(self) -> Record:
        """Somebody with name and address, and with one sign besides where there are any."""
        return at_home(self._people.person(), self.random, range(1930, 2008), has_sign=self.has_sign)

    def same(self) -> tuple[Record, Record]:
        """One person twice; one of the two records holds up to four errors."""
        one = self.person()
        pair = [_kept(one), self._wrong(one)]
        self.random.shuffle(pair)
        return pair[0], pair[1]

    def others(self) -> tuple[Record, Record]:
        """Two of one family in one house, a namesake elsewhere, or neighbours; one of them with errors."""
        random = self.random
        one, stranger = self.person(), self.person()
        address = {name: one[name] for name in ("street", "city", "postcode")}
        kind = random.randrange(4)
        if kind == 0:
            other = (
                stranger
                | address
                | {"last_name": one["last_name"], "first_name": another_first_name(one, self.random)}
            )
            other |= {"phone": one["phone"]} if "phone" in one else {}
        elif kind == 1:
            other = stranger | {name: one[name] for name in ("first_name", "last_name")}
        elif kind == 2:  # noqa: PLR2004 - neighbours
            other = stranger | {name: one[name] for name in ("city", "postcode", "first_name")}
        else:
            other = stranger | address
        return _kept(one), self._wrong(other)

    def _wrong(self, one: Record) -> Record:
        """The record as somebody else has it."""
        random = self.random
        other = dict(one)
        if random.random() < _IN_A_FLAT:
            other["street"] = random.choice(_FLATS).format(random.randrange(1, 40), other["street"])
        errors: dict[str, int] = {}
        for _ in range(random.randint(1, _MOST_ERRORS)):
            names = [name for name in FIELDS if name in one and errors.get(name, 0) < _MOST_OF_A_FIELD]
            (name,) = random.choices(names, weights=[_SHARES[name] for name in names])
            errors[name] = errors.get(name, 0) + 1
            if other[name]:
                other[name] = self._value(name, str(other[name]))
        if random.random() < _NAMES_EXCHANGED:
            other["first_name"], other["last_name"] = other["last_name"], other["first_name"]
        if random.random() < _CODE_AND_CITY_EXCHANGED:
            other["city"], other["postcode"] = other["postcode"], other["city"]
        for name, written in (("phone", phone_of), ("street", street_of)):
            if other.get(name):
                other[name] = written(other[name], random)
        return _kept(other)

    def _value(self, name: str, value: str) -> str | None:
        """A value with one error."""
        random = self.random
        kinds = {"slip": 80, "words": 8, "missing": 4, "other": 4, "called": 0}
        if name == "first_name":
            kinds |= {"slip": 70, "called": 14}
        elif name in ("postcode", "phone", "custom.birthday"):
            kinds |= {"words": 0, "missing": 8, "other": 6}
        elif name in ("street", "city"):
            kinds |= {"missing": 6}
        (what,) = random.choices(tuple(kinds), weights=tuple(kinds.values()))
        if what == "missing":
            return None
        if what == "other":
            found: str | None = self._other(name)
            return found
        if what == "called":
            return called(value, random)
        if what == "words":
            return blanks_slipped(value, random)
        return self._slip(name, value)

    def _other(self, name: str) -> str | None:
        """Somebody else's value."""
        while True:
            stranger = self.person()
            if name in stranger:
                value: str = stranger[name]
                return value

    def _slip(self, name: str, value: str) -> str:
        random = self.random
        if name == "custom.birthday":
            year, month, day = value.split("-") if value.count("-") == 2 else (value, "", "")  # noqa: PLR2004
            if month and random.random() < 0.15:  # noqa: PLR2004 - a share of the wrong dates
                return f"{year}-{day}-{month}"
            return digits_slipped(value, random)
        is_number = name in ("postcode", "phone") or (name == "street" and random.random() < 0.35)  # noqa: PLR2004
        return digits_slipped(value, random) if is_number else slipped(value, random)


def _kept(one: Record) -> Record:
    return {name: value for name, value in one.items() if name != "first_names" and value}
