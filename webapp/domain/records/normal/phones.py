"""Telephone numbers by their national part, and placeholders that are nobody's number."""

import re
import unicodedata
from functools import lru_cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, convert_alpha_characters_in_number

# Numbers are compared by their national part: here with a country code, there without.
_PHONE_DIGITS = 9
_FEWEST_PHONE_DIGITS = 6
_COUNTRY_CODES = frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))
_CODE_LENGTHS = sorted({len(code) for code in _COUNTRY_CODES})
_NORTH_AMERICA = "1"
# A digit repeated this often at the end is a placeholder.
_REPEATED = 7
# A placeholder has at most this many different digits in all.
_MOST_DIFFERENT = 3
_NOT_DIGIT = re.compile(r"\D+")
# A number as most are written: one, without an extension, of which nothing has to be taken off.
_PLAIN = re.compile(r"[+(]?[0-9][0-9 ()./-]*")
_BETWEEN_TWO = " / "
_MARKS = (" ", "-", "/", ".", "(", ")", "+")
# Blanks may be taken by one part of it alone: by two they would be tried out in every division.
_INTERNATIONAL = re.compile(r"\s*(?:\(\s*\+|\+|00)")
_MARK = r"(?:#|x|ext\.?|extension|dw|durchwahl|poste)"
_EXTENSION = re.compile(
    rf"(?<=\d)\s*(?:[,;]\s*(?:{_MARK}\s*)?|{_MARK}\s*)(?:[=:]\s*)?\d{{1,5}}\s*$", re.IGNORECASE
)
# Several numbers in one field; the sign or word between them alone may stand within one as well.
_BETWEEN = re.compile(
    r"(?:(?<!\s)\s+)?[,;|\n]\s*|(?<!\s)\s+(?:oder|or|ou|o|und|and|et|/)\s+(?=[+(0])", re.IGNORECASE
)
# Letters that stand for the digits of their keys: 1-800-FLOWERS.
_VANITY = re.compile(r"^[\s+(]*\d{1,4}[\d\s().-]*[A-Z]{4}[A-Z\d.\s-]*$")
_BEFORE_NUMBER = re.compile(r"^[^\d+(]+")
# What every extension begins with; looking for it first is quicker than trying each place of a number.
_BEFORE_EXTENSION = re.compile(r"[,;#|\na-z]|\s/\s", re.IGNORECASE)
_REPEATING = re.compile(r"(\d\d)\1{2,}\d?|(\d\d\d)\2{2,}")
_TWICE = re.compile(r"(\d)\1")
# The number that nobody has in films and forms of North America.
_OF_FILMS = "5551234"
_UP, _DOWN = "01234567890123456789", "98765432109876543210"


@lru_cache(maxsize=4096)  # asked for as a key, and again where two records are compared
def phone_key(phone: str | None) -> str | None:
    """The last nine digits of a number's national part, without its extension; fewer than six say nothing."""
    if not phone:
        return None
    if _PLAIN.fullmatch(phone) and _BETWEEN_TWO not in phone:
        digits = phone
        for mark in _MARKS:
            digits = digits.replace(mark, "")
        if phone.startswith(("+", "00")):
            digits = _national(digits.lstrip("0"))
        return _last_digits(digits)
    if not phone.isascii():
        phone = "".join(str(unicodedata.decimal(letter, letter)) for letter in phone)
    number = _BEFORE_NUMBER.sub("", phone)
    if _BEFORE_EXTENSION.search(number):
        number = _EXTENSION.sub("", number)
        # What stands between two numbers is looked for by the same signs.
        number = _first(number) if _BEFORE_EXTENSION.search(number) else number
    digits = _NOT_DIGIT.sub("", number)
    if len(digits) < _FEWEST_PHONE_DIGITS and _VANITY.search(phone):
        number = convert_alpha_characters_in_number(phone)
        digits = _NOT_DIGIT.sub("", number)
    if is_international(number):
        digits = _national(digits.lstrip("0"))
    return _last_digits(digits)


def _last_digits(digits: str) -> str | None:
    digits = digits.lstrip("0")
    return digits[-_PHONE_DIGITS:] if len(digits) >= _FEWEST_PHONE_DIGITS else None


def _first(numbers: str) -> str:
    """The first of several numbers; a piece too short for a number belongs to the whole."""
    parts = _BETWEEN.split(numbers)
    if min(len(_NOT_DIGIT.sub("", part)) for part in parts) < _FEWEST_PHONE_DIGITS:
        return numbers
    return _EXTENSION.sub("", parts[0])


def is_international(phone: str) -> bool:
    """Whether a number is written with its country code."""
    return _INTERNATIONAL.match(phone) is not None


def is_of_one_length(phone: str) -> bool:
    """Whether a number is written with its country code, and as long as all numbers of that country are.

    Those of North America never begin with digits that count up or down.
    """
    if not is_international(phone):
        return False
    digits = _NOT_DIGIT.sub("", phone).lstrip("0")
    code = _country_code(digits)
    if code in ("", _NORTH_AMERICA):
        return False
    metadata = PhoneMetadata.metadata_for_region(COUNTRY_CODE_TO_REGION_CODE[int(code)][0])
    described = metadata.fixed_line if metadata is not None else None
    return described is not None and described.possible_length == (len(digits) - len(code),)


def _national(digits: str) -> str:
    return digits[len(_country_code(digits)) :]


def _country_code(digits: str) -> str:
    """The country code that a number begins with; empty where there is none."""
    for length in _CODE_LENGTHS:
        if digits[:length] in _COUNTRY_CODES:
            return digits[:length]
    return ""


@lru_cache(maxsize=4096)  # asked several times for each record that is looked for
def may_be_somebodys(key: str) -> bool:
    """Whether somebody may have such a number, as `phone_key` gives it, whatever country it is of."""
    return not is_no_number(key) and not is_counted(key)


def is_no_number(key: str) -> bool:
    """Whether a number is a placeholder: it ends in one repeated digit, or repeats two or three digits.

    As `phone_key` gives it.
    """
    if key.endswith(_OF_FILMS):
        return True
    if len(set(key)) > _MOST_DIFFERENT:
        return False
    return len(set(key[-_REPEATED:])) == 1 or _REPEATING.fullmatch(key) is not None


def is_counted(key: str) -> bool:
    """Whether a number is a placeholder whose digits, each once or twice, count up or down."""
    half = len(key) // 2
    if key[:half] == key[half:] and (key[:half] in _UP or key[:half] in _DOWN):
        return True  # 1234 1234
    once = _TWICE.sub(r"\1", key) if key[::2] == key[1::2] else key
    # Of an odd number of digits the first may be the second half of two that were cut apart.
    if len(key) % 2 and key[1::2] == key[2::2]:
        once = key[0] + _TWICE.sub(r"\1", key[1:])
    return once in _UP or once in _DOWN
