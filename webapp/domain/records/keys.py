"""The keys that find records: normal forms, compared instead of the typed values.

Every function returns None when nothing usable is left, so that a key never matches "nothing" with "nothing".
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from webapp.domain.records.fields import FIELDS_BY_NAME
from webapp.domain.records.normal.addresses import area, street_words
from webapp.domain.records.normal.companies import company_key, company_words, naming_key, word_form
from webapp.domain.records.normal.hosts import domain_key, email_key
from webapp.domain.records.normal.persons import full_form, person_words
from webapp.domain.records.normal.phones import phone_key
from webapp.domain.records.normal.texts import LONGEST_KEY, plain, plain_beside, text_key
from webapp.domain.records.normal.towns import town_form
from webapp.domain.records.normal.whole_addresses import in_its_fields

__all__ = [
    "KEYS_VERSION",
    "birthday_of",
    "company_key",
    "company_keys",
    "contact_keys",
    "domain_key",
    "email_key",
    "letters_key",
    "person_key",
    "phone_key",
    "place_key",
    "plain",
    "street_key",
    "text_key",
]

KEYS_VERSION = 12
"""Raised whenever the same values get a different key: stored keys are then recomputed."""

_LONGEST_PLACE = 50
_SHORTEST_OF_TOWN = 4
_LONGEST_LETTERS = 60
# Fewer consonants than these many names have in common.
_FEWEST_CONSONANTS = 4
_MANY_CONSONANTS = 9
_BIRTHDAY_DIGITS = 8
_FIRST_YEAR, _LAST_YEAR = "1850", "2090"
# With these calendars and databases begin and end, and forms are filled in that must not be empty.
_NO_BIRTHDAYS = frozenset(
    (
        *("00000000", "00010101", "17530101", "18000101", "18991230", "18991231", "19000100", "19000101"),
        *("19000102", "19010101", "19011213", "19040101", "19691231", "19700101", "99991231"),
    )
)
_BIRTH = re.compile(r"birth|geburt|naissance|nascita|nacimiento|(?:^|[_.])(?:dob|bday)(?:$|_)")
_NOT_DIGIT = re.compile(r"\D")
# What keys are made of, as they are taken apart below.
_OF_COMPANIES = ("name", "domain", "phone", "street", "city", "postcode")
_OF_CONTACTS = ("first_name", "last_name", "email", "phone", "mobile", "street", "city", "postcode")
_KEY_FIELDS = frozenset((*_OF_COMPANIES, *_OF_CONTACTS))
_STANDARD = FIELDS_BY_NAME["companies"].keys() | FIELDS_BY_NAME["contacts"].keys()
_OF_TEXTS = frozenset((str, type(None)))
# Letters that sound alike; vowels, and what is hardly heard, are left out.
_SOUNDS = str.maketrans("cqzxvw", "kkssff", "aeiouyhj ")
_DOUBLED = tuple((2 * letter, letter) for letter in "lnstmrfkpdbg")


def place_key(place: str, letters: str | None) -> str | None:
    """A postcode or city, with letters that the words of the name begin with."""
    where = place.replace(" ", "")
    return f"{where[:_LONGEST_PLACE]}/{letters}" if where and letters else None


def person_key(first_name: str | None, last_name: str | None) -> str | None:
    """A person's name as it is matched; half a name names nobody."""
    first, last = text_key(first_name), text_key(last_name)
    return f"{first} {last}"[:LONGEST_KEY] if first and last else None


def letters_key(name_parts: tuple[str, ...]) -> str | None:
    """The consonants of a whole name in alphabetical order; of a short one behind the first of its initials.

    Names in another order or written as one word keep them, and so do slips in vowels, doubled letters and
    letters in the wrong order.
    """
    letters = "".join(name_parts).translate(_SOUNDS)
    for twice, once in _DOUBLED:
        if twice in letters:
            letters = letters.replace(twice, once)
    if letters and letters[0] == letters[-1] and len(letters) > _FEWEST_CONSONANTS:
        letters = letters[:-1]  # in the other order the two meet, and count once
    if len(letters) < _FEWEST_CONSONANTS:
        letters = "".join(name_parts)
    # So many say enough, and a name written as one word has another first letter.
    initial = min(name_parts)[0] if len(letters) < _MANY_CONSONANTS else ""
    return f"{initial}/{''.join(sorted(letters))}"[:_LONGEST_LETTERS] if letters else None


@lru_cache(maxsize=4096)
def street_key(street: str | None) -> str | None:
    """The consonants of a street's name, with the house number; None without a house number."""
    name, number = street_words(street)
    return _street_key(name, number)


def _street_key(name: str, number: str) -> str | None:
    letters = letters_key((name,)) if name and number else None
    return f"{number}/{letters}"[:_LONGEST_LETTERS] if letters else None


def birthday_of(values: Mapping[str, object]) -> str:
    """The digits of a date of birth, which only a custom field can hold."""
    if values.keys() <= _STANDARD:
        return ""
    for name in sorted(values.keys() - _STANDARD):
        value = values[name]
        if value and is_birthday(name):
            digits = _NOT_DIGIT.sub("", str(value)[:10])
            if digits and not _is_nobodys_birthday(digits):
                return digits
    return ""


def _is_nobodys_birthday(digits: str) -> bool:
    """Whether a date was typed by whoever had to type one: a calendar's first day, or 1234-12-12."""
    if digits in _NO_BIRTHDAYS:
        return True
    return len(digits) == _BIRTHDAY_DIGITS and not _FIRST_YEAR <= digits[:4] <= _LAST_YEAR


def is_of_keys(name: str) -> bool:
    """Whether a field has a part in any key, so that a record with another value may be found elsewhere."""
    return name in _KEY_FIELDS or is_birthday(name)


@lru_cache(maxsize=512)
def is_birthday(name: str) -> bool:
    """Whether a field holds a date of birth, by its name."""
    return _BIRTH.search(name.lower()) is not None


def company_keys(values: Mapping[str, object]) -> dict[str, str | None]:
    """The derived columns of a company with these field values."""
    name, host, phone, *place = _texts(values, _OF_COMPANIES)
    street, city, postcode = in_its_fields(*place)
    domain = domain_key(host)
    key = naming_key(name)
    town, code = area(city, postcode)
    name_parts = tuple(map(word_form, company_words(name).split()))
    initial = min(word[0] for word in name_parts) if name_parts else None
    return {
        "name_key": key,
        "domain_key": domain,
        "phone_key": phone_key(phone),
        "sort_key": text_key(name) or domain or "",
        "place_key": place_key(code or town_form(town), initial),
        "letters_key": letters_key(name_parts) if name_parts else None,
        "street_key": _street_key(*street_words(street)),
    }


def contact_keys(values: Mapping[str, object]) -> dict[str, str | None]:
    """The derived columns of a contact with these field values."""
    first, last, email, phone, mobile, *place = _texts(values, _OF_CONTACTS)
    street, city, postcode = in_its_fields(*place)
    first_key, last_key = text_key(first), text_key(last)
    address = email_key(email)
    plain_first, plain_last = plain_beside(first, first_key), plain_beside(last, last_key)
    name_parts = person_words(f"{plain_first} {plain_last}".strip())
    is_whole = bool(name_parts and plain_first and plain_last)
    initials = _initials(plain_first, plain_last, name_parts) if is_whole else None
    town, code = area(city, postcode)
    naming, number = street_words(street)
    return {
        "name_key": f"{first_key} {last_key}"[:LONGEST_KEY]
        if name_parts and first_key and last_key
        else None,
        "email_key": address,
        "phone_key": phone_key(phone or mobile),
        "sort_key": f"{last_key} {first_key}".strip()[:LONGEST_KEY] or address or "",
        "initials_key": initials,
        "place_key": place_key(code or town_form(town), initials),
        "letters_key": letters_key(name_parts) if name_parts else None,
        "street_key": _street_key(naming, number),
        "house_key": f"{code}/{number}"[:_LONGEST_LETTERS] if code and number else None,
        "town_key": _town_key(town, initials, naming),
        "birthday_key": _birthday_key(birthday_of(values), name_parts),
    }


def _initials(first: str, last: str, name_parts: tuple[str, ...]) -> str:
    """The first letters of a person's two names in alphabetical order.

    Accents, typing errors, nicknames and names in the wrong order mostly keep them.
    """
    # Titles and particles alone are names all the same.
    one, other = (name_parts[0], name_parts[-1]) if len(name_parts) > 1 else (full_form(first), last)
    return one[0] + other[0] if one[0] <= other[0] else other[0] + one[0]


def _town_key(city: str, initials: str | None, street: str) -> str | None:
    """A key that survives a wrong postcode: letters of the town, initials, and first letter of the street."""
    return f"{_town(city)}/{initials}{street[0]}" if city and initials and street else None


@lru_cache(maxsize=4096)
def _town(city: str) -> str:
    """The letters of a town's first word that is not short: Homburg of Bad Homburg vor der Höhe."""
    city = town_form(city)
    word = next((word for word in city.split() if len(word) >= _SHORTEST_OF_TOWN), city.replace(" ", ""))
    return (letters_key((word,)) or "")[:_LONGEST_PLACE]


def _birthday_key(birthday: str, name_parts: tuple[str, ...]) -> str | None:
    if len(birthday) != _BIRTHDAY_DIGITS:
        return None
    return f"{birthday}/{min(word[0] for word in name_parts)}" if name_parts else birthday


def _texts(values: Mapping[str, object], names: tuple[str, ...]) -> list[str | None]:
    """The texts of these fields; None for a field with another kind of value, or none."""
    found = [*map(values.get, names)]
    # Hardly ever is there anything else.
    if _OF_TEXTS.issuperset(map(type, found)):
        return found  # type: ignore[return-value]
    return [value if isinstance(value, str) else None for value in found]
