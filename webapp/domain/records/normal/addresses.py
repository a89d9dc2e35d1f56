"""An address as it is compared: street and house number apart, street words in one form."""

import re
from functools import lru_cache

from msgspec import Struct

from webapp.domain.records.normal.numbers import as_number
from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import word_forms

_KINDS = word_forms("street_words")
_SHORT_KINDS = frozenset(_KINDS.values())
_STREET_AT_END = re.compile(r"(strasse|strase|str)\b")
_NUMBER = re.compile(r"\b\d+ ?[a-z]?\b")


class Place(Struct, frozen=True):
    """An address as it is compared."""

    street: str = ""
    number: str = ""
    city: str = ""
    postcode: str = ""


def place(street: str | None, city: str | None, postcode: str | None) -> Place:
    """An address to compare."""
    name, number = _street(street or "")
    return Place(name, number, plain(city or ""), plain(postcode or "").replace(" ", ""))


def street_words(street: str | None) -> tuple[str, str]:
    """What names a street, without avenue, road and their like; and the house number."""
    name, number = _street(street or "")
    naming = "".join(word for word in name.split() if word not in _SHORT_KINDS)
    return naming or name.replace(" ", ""), number


@lru_cache(maxsize=4096)
def _street(street: str) -> tuple[str, str]:
    if not street:
        return "", ""
    words = _STREET_AT_END.sub(" str", plain(street)).split()
    ordinals = {as_number(word) for word in words if as_number(word) != word}
    written = " ".join(map(as_number, words))
    numbers = [one for one in _NUMBER.finditer(written) if one[0] not in ordinals]
    name = _NUMBER.sub(lambda one: one[0] if one[0] in ordinals else " ", written)
    short = " ".join(_KINDS.get(word, word) for word in name.split())
    return short, numbers[0][0].replace(" ", "") if numbers else ""
