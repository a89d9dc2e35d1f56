"""The normal form of an address: parts in their fields, street and house number split, words in one form."""

import re
from functools import lru_cache

from msgspec import Struct

from webapp.domain.records.normal.numbers import NUMERALS, as_number, with_compounds
from webapp.domain.records.normal.texts import plain, plain_once
from webapp.domain.records.normal.word_lists import word_forms, words

_KINDS = {plain(word): form for word, form in word_forms("street_words").items()}
_SHORT_KINDS = frozenset(_KINDS.values())
# What stands for street, way or square at the end of a word: Visbygade, Visbyvej.
_KIND_AT_END = re.compile(
    r"(?<=[a-z]{4})(?:allee|allen|bulevardi|gade|gasse|gata|gatan|gate|katu|kuja|laan|plads|platz|plein|polku|ring|"
    r"straat|strede|tie|ulica|vag|vagen|vei|veien|vej|weg)$"
)
# The normal form of a word in a street's name, by the word as written.
_FORMS = {**_KINDS, **{word: _KINDS.get(number, number) for word, number in NUMERALS.items()}}
_LEFT_OUT = "-"
# 12 bis, 12 ter: houses between two numbers.
_BETWEEN = frozenset({"bis", "ter", "quater"})
_FLOORS = words("floor_words")
_UNITS = words("unit_words") | _FLOORS
# North and the like, and the R of rue and rua.
_BEFORE_STREETS = frozenset("nsewr")
_STREET_AT_END = re.compile(r"(strasse|strase|str)\b")
# "c/o Alm, Deichweg 3", and in "3/12 Mill Lane" the flat before the house.
_CARE_OF = re.compile(r"^\s*c\s*/\s*o\b[^,;\n]*[,;\n]\s*", re.IGNORECASE)
_FLAT_BEFORE_HOUSE = re.compile(r"^\s*\d+[a-z]?\s*/\s*(?=\d+[a-z]?\s+\D)", re.IGNORECASE)
# A box at a post office, in the words of several languages.
_BOXES = "|".join(name.replace("_", " ") for name in sorted(words("post_boxes")))
_PO_BOX = re.compile(rf"^(?:{_BOXES}) (?:n[ro] )?(?=\d)")
_CODE_BEFORE_CITY = re.compile(r"^(?:[a-z]{1,3}[ -]\s*)?(\d{4,6})\s+(\D.*)$", re.IGNORECASE | re.DOTALL)
_COUNTRY_BEFORE_CODE = re.compile(r"^[a-z]{1,3} (?=\d)")
_LONG_ZIP = re.compile(r"(\d{5}) \d{4}")
# Block, plot and house in Japan: 3-2-4 Ginza.
_THREE_NUMBERS = re.compile(r"(?<![\d-])(\d{1,4})-(\d{1,4})-(\d{1,4})(?![\d-])")
# Mill Lane12, 12Mill Lane; but 12bis, 10ème and 3rd.
_GLUED = re.compile(r"(?<=[a-z]{3})(?=\d)|(?<=\d)(?=(?!bis|ter|quater|eme|ere)[a-z]{3})")
_DIGIT = re.compile(r"\d")


class Place(Struct, frozen=True):
    """An address as it is compared."""

    street: str = ""
    number: str = ""
    city: str = ""
    postcode: str = ""


def place(street: str | None, city: str | None, postcode: str | None) -> Place:
    """An address to compare."""
    return Place(*_street(street or ""), *area(city, postcode))


@lru_cache(maxsize=4096)
def area(city: str | None, postcode: str | None) -> tuple[str, str]:
    """City and postcode to compare, also if they are exchanged or both in one field."""
    city, postcode = city or "", postcode or ""
    if _DIGIT.search(city):
        found = _CODE_BEFORE_CITY.match(city)
        if found is not None:
            postcode, city = postcode or found[1], found[2]
        elif postcode and not _DIGIT.search(postcode):
            city, postcode = postcode, city
    return plain(city), _postcode(postcode)


def _postcode(text: str) -> str:
    """A postcode without country, blanks and the extension of an American ZIP code."""
    code = _COUNTRY_BEFORE_CODE.sub("", plain(text))
    long = _LONG_ZIP.fullmatch(code)
    return long[1] if long is not None else code.replace(" ", "")


@lru_cache(maxsize=4096)
def street_words(street: str | None) -> tuple[str, str]:
    """The distinctive words of a street's name, without avenue, road and the like, and the house number."""
    name, number = _street(street or "")
    naming = "".join(word for word in name.split() if word not in _SHORT_KINDS)
    return naming or name.replace(" ", ""), number


def without_kind(street: str) -> str:
    """The words of a street, as an address has them, without what says that it is one: Visby of Visbyvej."""
    return "".join(_KIND_AT_END.sub("", word) for word in street.split() if word not in _SHORT_KINDS)


def is_of_a_block(number: str) -> bool:
    """Whether a house number is that of block, plot and house: it names the quarter's streets, too."""
    return number.count("x") > 1


def _split(street: str) -> list[str]:
    if "/" in street:
        street = _FLAT_BEFORE_HOUSE.sub("", _CARE_OF.sub("", street))
    if street.count("-") > 1:
        street = _THREE_NUMBERS.sub(r"\1x\2x\3", street)
    folded = _PO_BOX.sub("pobox ", with_compounds(plain_once(street)))
    if _GLUED.search(folded):
        folded = _GLUED.sub(" ", folded)
    terms = (_STREET_AT_END.sub(" str", folded) if "str" in folded else folded).split()
    return terms if _UNITS.isdisjoint(terms) else _without_units(terms)


def _without_units(terms: list[str]) -> list[str]:
    """An address without flat and floor (flat 3, apt 4 b, 2nd floor), which are often left out."""
    gone: set[int] = set()
    for place, word in enumerate(terms):
        if word not in _UNITS:
            continue
        if place + 1 < len(terms) and (terms[place + 1][0].isdecimal() or len(terms[place + 1]) == 1):
            gone |= {place, place + 1}
        elif word in _FLOORS and place and place - 1 not in gone and terms[place - 1][0].isdecimal():
            gone |= {place - 1, place}
    kept = [word for place, word in enumerate(terms) if place not in gone]
    return kept if any(word[0].isdecimal() for word in kept) else terms


@lru_cache(maxsize=4096)
def _street(street: str) -> tuple[str, str]:
    if not street:
        return "", ""
    terms = _split(street)
    name: list[str] = []
    number = ""
    for place, word in enumerate(terms):
        if not word[0].isdecimal():
            if not _is_part_of_number(terms, place):
                name.append(_FORMS.get(word, word))
        elif (ordinal := as_number(word)) != word:
            name.append(ordinal)
        elif not number:
            is_followed = place + 1 < len(terms) and _is_part_of_number(terms, place + 1)
            number = word + (terms[place + 1] if is_followed else "")
    return " ".join(word for word in name if word != _LEFT_OUT), number


def _is_part_of_number(terms: list[str], place: int) -> bool:
    """Whether a word is the letter of a house number: 14 a, but not the W of 201 W 83rd Street."""
    word = terms[place]
    if word in _BETWEEN:
        return place > 0 and terms[place - 1].isdecimal()
    if len(word) != 1 or not word.isalpha() or place == 0 or not terms[place - 1].isdecimal():
        return False
    return not (place == 1 and word in _BEFORE_STREETS and len(terms) > place + 1)
