"""Pairs of contacts with slips in every field, and strangers who are easily taken for them."""

from random import Random

from bench.matching.noise import called, typed
from bench.matching.people import People, Record

_SIGNS = ("phone", "email", "custom.birthday")
_FIELDS = ("first_name", "last_name", "street", "city", "postcode", *_SIGNS)


class TypedPeople:
    """Makes pairs, all from one source of chance."""

    def __init__(self, random: Random, *, has_sign: bool) -> None:
        self.random = random
        self.has_sign = has_sign
        self._people = People(random)

    def person(self) -> Record:
        """Somebody with name and address, and with one sign besides where there are any."""
        one = self._people.person()
        one["custom.birthday"] = f"{self.random.randrange(1930, 2008)}-{self._two(12)}-{self._two(28)}"
        sign = self.random.choice(_SIGNS) if self.has_sign else None
        names = [name for name in _FIELDS if name not in _SIGNS or name == sign]
        return {name: one[name] for name in names} | {"first_names": one["first_names"]}

    def _two(self, most: int) -> str:
        return f"{self.random.randrange(1, most + 1):02}"

    def same(self) -> tuple[Record, Record]:
        """One person twice; up to four of the fields hold a slip, are swapped, or are missing."""
        random = self.random
        one = self.person()
        other = dict(one)
        for _ in range(random.choice((1, 1, 2, 2, 3, 4))):
            name = random.choice([name for name in _FIELDS if name in one])
            what = random.random()
            if what < 0.08 and name not in ("first_name", "last_name"):  # noqa: PLR2004 - shares, here and below
                other[name] = None
            elif what < 0.12:  # noqa: PLR2004
                other["first_name"], other["last_name"] = other["last_name"], other["first_name"]
            elif what < 0.2:  # noqa: PLR2004
                other["first_name"] = called(other["first_name"], random)
            elif other[name]:
                other[name] = typed(str(other[name]), random)
        return _kept(one), _kept(other)

    def others(self) -> tuple[Record, Record]:
        """Two of one family in one house, a namesake elsewhere, or neighbours."""
        random = self.random
        one, stranger = self.person(), self.person()
        address = {name: one[name] for name in ("street", "city", "postcode")}
        own = one["first_name"]
        others = [
            name
            for name in one["first_names"]
            if name[0] != own[0] and name[-3:] != own[-3:] and not {" ", "-"} & {*name, *own}
        ] or ["Xaver"]
        first = random.choice(others)
        kind = random.randrange(3)
        if kind == 0:
            other = stranger | address | {"last_name": one["last_name"], "first_name": first}
            other |= {"phone": one["phone"]} if "phone" in one else {}
        elif kind == 1:
            other = stranger | {name: one[name] for name in ("first_name", "last_name")}
        else:
            other = stranger | {name: one[name] for name in ("city", "postcode", "first_name")}
        return _kept(one), _kept(other)


def _kept(one: Record) -> Record:
    return {name: value for name, value in one.items() if name != "first_names" and value}
