"""An address as it is compared: street and house number apart, street words in one form."""

import re
from functools import lru_cache

from msgspec import Struct

from webapp.domain.records.normal.numbers import NUMBER_WORDS, as_number
from webapp.domain.records.normal.texts import plain, plain_once
from webapp.domain.records.normal.word_lists import word_forms

_KINDS = word_forms("street_words")
_SHORT_KINDS = frozenset(_KINDS.values())
# Of a word that is no number, the form in which it stands in the name of a street.
_FORMS = {**_KINDS, **{word: _KINDS.get(number, number) for word, number in NUMBER_WORDS.items()}}
_DIRECTIONS = frozenset("nsew")
_STREET_AT_END = re.compile(r"(strasse|strase|str)\b")


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


def _split(street: str) -> list[str]:
    return (_STREET_AT_END.sub(" str", street) if "str" in street else street).split()


@lru_cache(maxsize=4096)
def _street(street: str) -> tuple[str, str]:
    if not street:
        return "", ""
    words = _split(plain_once(street))
    name: list[str] = []
    number = ""
    for place, word in enumerate(words):
        if not word[0].isdecimal():
            if len(word) > 1 or not _is_part_of_number(words, place):
                name.append(_FORMS.get(word, word))
        elif (ordinal := as_number(word)) != word:
            name.append(ordinal)
        elif not number:
            is_followed = place + 1 < len(words) and _is_part_of_number(words, place + 1)
            number = word + (words[place + 1] if is_followed else "")
    return " ".join(name), number


def _is_part_of_number(words: list[str], place: int) -> bool:
    """Whether a word is the letter of a house number: 14 a, but not the W of 201 W 83rd Street."""
    word = words[place]
    if len(word) != 1 or not word.isalpha() or place == 0 or not words[place - 1].isdecimal():
        return False
    return not (place == 1 and word in _DIRECTIONS and len(words) > place + 1)
