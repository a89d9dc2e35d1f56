"""Pairs of companies as registers and lists hold one firm twice: several errors, in any of the fields."""

from random import Random

from bench.matching.firms import Firms, Record
from bench.matching.noise import phone_of, street_of
from bench.matching.slips import blanks_slipped, digits_slipped, slipped

_SHARES = {"name": 34, "street": 20, "city": 12, "postcode": 10, "phone": 14, "domain": 10}
_MOST_ERRORS, _MOST_OF_A_FIELD = 4, 2
_SHORT = (
    ("Studios", "Studio"),
    ("Electric", "El."),
    ("Architects", "Arch."),
    ("Motors", "Motor"),
    (" & ", " und "),
)


class RegisterFirms:
    """Makes pairs, all from one source of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._firms = Firms(random)

    def same(self) -> tuple[Record, Record]:
        """One company twice; the second record holds up to four errors."""
        one = self._firms.firm()
        one["name"] = f"{one['name']} {one['form']}".strip()
        if self.random.random() < 0.3:  # noqa: PLR2004 - many lists have no domains
            one["domain"] = None
        return self._kept(one), self._wrong(one)

    def others(self) -> tuple[Record, Record]:
        """Two companies that are easily taken for one, one of them with errors."""
        one, other = self._firms.others()
        return one, self._wrong(other)

    def _wrong(self, one: Record) -> Record:
        random = self.random
        other = dict(one)
        errors: dict[str, int] = {}
        for _ in range(random.randint(1, _MOST_ERRORS)):
            names = [name for name in _SHARES if one.get(name) and errors.get(name, 0) < _MOST_OF_A_FIELD]
            (name,) = random.choices(names, weights=[_SHARES[name] for name in names])
            errors[name] = errors.get(name, 0) + 1
            if other[name]:
                other[name] = self._value(name, str(other[name]), str(one.get("form", "")))
        return self._kept(other)

    def _value(self, name: str, value: str, form: str) -> str | None:
        random = self.random
        chance = random.random()
        if name == "name":
            return self._name(value, form, chance)
        if chance < 0.12:  # noqa: PLR2004 - shares of what happens to values, here and below
            return None
        if chance < 0.18:  # noqa: PLR2004
            found: str | None = self._firms.firm()[name]
            return found
        return digits_slipped(value, random) if name in ("phone", "postcode") else slipped(value, random)

    def _name(self, value: str, form: str, chance: float) -> str:
        if chance < 0.15:  # noqa: PLR2004 - shares of what happens to names, here and below
            return value.removesuffix(form).strip()
        if chance < 0.25:  # noqa: PLR2004
            return blanks_slipped(value, self.random)
        if chance < 0.35:  # noqa: PLR2004
            long, short = self.random.choice(_SHORT)
            return value.replace(long, short)
        return slipped(value, self.random)

    def _kept(self, one: Record) -> Record:
        kept = {name: value for name, value in one.items() if name not in ("core", "form") and value}
        for name, written in (("phone", phone_of), ("street", street_of)):
            if kept.get(name):
                kept[name] = written(kept[name], self.random)
        return kept
