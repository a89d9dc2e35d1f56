"""Pairs of contacts of further countries, where both records hold errors: each field its own kinds.

Beside slips there are initials, nicknames, married and double names, other kinds of street, letters behind
house numbers, suburbs in the place of cities, neighbouring postcodes, shortened words, and dates whose day
and month are exchanged. The kinds go by what `bench.matching.slips` names; the shares are round numbers.
"""

from collections.abc import Callable
from random import Random

from bench.matching.noise import called, phone_of
from bench.matching.people import FIELDS, PLACE, People, Record, another_first_name, at_home
from bench.matching.slips import blanks_slipped, digits_slipped, slipped

_LOCALES = ("en_GB", "en_AU", "en_CA", "fr_CA", "de_AT", "de_CH", "pt_BR", "da_DK", "fi_FI", "cs_CZ", "es_MX")
_STREET_KINDS = (
    *(("Street", "St", "Road", "Avenue"), ("Road", "Rd", "Street"), ("Avenue", "Ave", "Street")),
    *(
        ("Lane", "Ln", "Road"),
        ("Drive", "Dr", "Crescent"),
        ("Court", "Ct", "Close"),
        ("Place", "Pl", "Plaza"),
    ),
    *(("straße", "str.", "gasse", "weg"), ("gasse", "g.", "straße"), ("Rua", "R.", "Avenida")),
    *(("Avenida", "Av.", "Rua"), ("Calle", "C.", "Avenida"), ("vej", "v.", "gade"), ("rue", "r.", "avenue")),
)
_NAMES_EXCHANGED, _CODE_AND_CITY_EXCHANGED = 0.04, 0.01
# How many errors one of the two records holds.
_ERRORS = (0, 0, 1, 1, 2, 3)


class VariedPeople:
    """Makes pairs, all from one source of chance."""

    def __init__(self, random: Random, *, has_sign: bool) -> None:
        self.random = random
        self.has_sign = has_sign
        self._people = People(random, _LOCALES)

    def person(self) -> Record:
        """Somebody with name and address, and with one sign besides where there are any."""
        return at_home(self._people.person(), self.random, range(1935, 2007), has_sign=self.has_sign)

    def same(self) -> tuple[Record, Record]:
        """One person twice, with one error at least in one of the two records."""
        one = self.person()
        errors = self.random.choice(_ERRORS), self.random.choice(_ERRORS)
        first, second = errors if any(errors) else (0, 1)
        return self._wrong(one, first), self._wrong(one, second)

    def others(self) -> tuple[Record, Record]:
        """Relatives in one house, namesakes, neighbours, or people of one large house; with errors."""
        random = self.random
        one, stranger = self.person(), self.person()
        address = {name: one[name] for name in PLACE}
        kind = random.randrange(5)
        if kind <= 1:
            other = (
                stranger
                | address
                | {"last_name": one["last_name"], "first_name": another_first_name(one, self.random)}
            )
            other |= {"phone": one["phone"]} if "phone" in one else {}
        elif kind == 2:  # noqa: PLR2004 - namesakes, half of them in one town
            other = stranger | {name: one[name] for name in ("first_name", "last_name")}
            other |= {"city": one["city"]} if random.random() < 0.5 else {}  # noqa: PLR2004
        elif kind == 3:  # noqa: PLR2004 - neighbours
            other = stranger | {name: one[name] for name in ("city", "postcode", "first_name")}
        else:
            other = stranger | address
        return self._wrong(one, random.choice(_ERRORS)), self._wrong(other, random.choice(_ERRORS))

    def _wrong(self, one: Record, errors: int) -> Record:
        """The record as somebody has it."""
        random = self.random
        other = dict(one)
        for _ in range(errors):
            name = random.choice([name for name in FIELDS if other.get(name)])
            other[name] = self._value(name, str(other[name]))
        if errors and random.random() < _NAMES_EXCHANGED:
            other["first_name"], other["last_name"] = other["last_name"], other["first_name"]
        if errors and random.random() < _CODE_AND_CITY_EXCHANGED:
            other["city"], other["postcode"] = other["postcode"], other["city"]
        if other.get("phone"):
            other["phone"] = phone_of(other["phone"], random)
        return {name: value for name, value in other.items() if name != "first_names" and value}

    def _value(self, name: str, value: str) -> str | None:
        """A value with one error."""
        random = self.random
        if random.random() < 0.06:  # noqa: PLR2004 - missing
            return None
        return random.choice(_ERRORS_OF[name])(self, value)

    def slip(self, value: str) -> str:
        """A slip of the keyboard, of reading or of hearing."""
        return slipped(value, self.random)

    def twice(self, value: str) -> str:
        """Two slips."""
        return self.slip(self.slip(value))

    def digits(self, value: str) -> str:
        """A slip in the digits."""
        return digits_slipped(value, self.random)

    def blanks(self, value: str) -> str:
        """Words joined, parted or exchanged."""
        return blanks_slipped(value, self.random)

    def nickname(self, value: str) -> str:
        """A short form, else a slip."""
        short = called(value, self.random)
        return short if short != value else self.slip(value)

    def initial(self, value: str) -> str:
        """The first letter alone."""
        return f"{value[0]}."

    def shortened(self, value: str) -> str:
        """A long word without its end."""
        return f"{value[: max(4, len(value) // 2)]}." if len(value) > 5 else value  # noqa: PLR2004

    def married(self, value: str) -> str:
        """Another last name, or two of them."""
        other = str(self._people.person()["last_name"])
        return self.random.choice((other, f"{value}-{other}", f"{other}-{value}"))

    def other_kind(self, value: str) -> str:
        """A street of another kind, or its kind shortened."""
        for kind, *others in _STREET_KINDS:
            if kind in value:
                return value.replace(kind, self.random.choice(others))
        return self.slip(value)

    def house_letter(self, value: str) -> str:
        """A letter behind the house number."""
        terms = value.split(" ")
        for place, word in enumerate(terms):
            if word.strip(",").isdecimal():
                letter = self.random.choice("abcd")
                terms[place] = word.replace(word.strip(","), word.strip(",") + letter)
                return " ".join(terms)
        return self.slip(value)

    def suburb(self, _value: str) -> str:
        """A suburb, or the town beside it."""
        return str(self._people.person()["city"])

    def next_code(self, value: str) -> str:
        """The postcode of the town beside."""
        return f"{value[:-2]}{self.random.randrange(10)}{self.random.randrange(10)}"

    def other_date(self, value: str) -> str:
        """Day and month exchanged."""
        year, _, rest = value.partition("-")
        month, _, day = rest.partition("-")
        return f"{year}-{day}-{month}" if day else self.digits(value)


_V = VariedPeople
_ERRORS_OF: dict[str, tuple[Callable[[VariedPeople, str], str], ...]] = {
    "first_name": (_V.slip, _V.slip, _V.slip, _V.twice, _V.blanks, _V.nickname, _V.initial, _V.shortened),
    "last_name": (_V.slip, _V.slip, _V.slip, _V.slip, _V.twice, _V.blanks, _V.married, _V.shortened),
    "street": (
        _V.slip,
        _V.slip,
        _V.twice,
        _V.digits,
        _V.blanks,
        _V.other_kind,
        _V.other_kind,
        _V.house_letter,
    ),
    "city": (_V.slip, _V.slip, _V.twice, _V.blanks, _V.shortened, _V.suburb),
    "postcode": (_V.digits, _V.digits, _V.next_code),
    "phone": (_V.digits,),
    "email": (_V.slip, _V.slip, _V.twice),
    "custom.birthday": (_V.digits, _V.digits, _V.other_date),
}
