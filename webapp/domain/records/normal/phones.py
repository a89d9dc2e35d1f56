"""Telephone numbers by their national part, and those that nobody has."""

import re
from functools import lru_cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

# Numbers are compared by their national part: here with a country code, there without.
_PHONE_DIGITS = 9
_FEWEST_PHONE_DIGITS = 6
_LONGEST_COUNTRY_CODE = 3
# So many times the same digit at the end is what people type who have no number.
_REPEATED = 7
_NOT_DIGIT = re.compile(r"\D+")
_INTERNATIONAL = re.compile(r"\s*(?:\(?\s*\+|00)")
_MARK = r"(?:#|x|ext\.?|extension|dw|durchwahl|poste)"
_EXTENSION = re.compile(rf"(?<=\d)\s*(?:[,;]\s*{_MARK}?|{_MARK})\s*\d{{1,5}}\s*$", re.IGNORECASE)
# What every extension begins with; looking for it first is quicker than trying each place of a number.
_BEFORE_EXTENSION = re.compile(r"[,;#a-z]", re.IGNORECASE)
_UP, _DOWN = "01234567890123456789", "98765432109876543210"


def phone_key(phone: str | None) -> str | None:
    """The last nine digits of a number's national part, without its extension; fewer than six say nothing."""
    if not phone:
        return None
    number = _EXTENSION.sub("", phone) if _BEFORE_EXTENSION.search(phone) else phone
    digits = _NOT_DIGIT.sub("", number)
    if is_international(number):
        digits = _national(digits.lstrip("0"))
    digits = digits.lstrip("0")
    return digits[-_PHONE_DIGITS:] if len(digits) >= _FEWEST_PHONE_DIGITS else None


def is_international(phone: str) -> bool:
    """Whether a number is written with its country code."""
    return _INTERNATIONAL.match(phone) is not None


def _national(digits: str) -> str:
    for length in range(1, _LONGEST_COUNTRY_CODE + 1):
        code = digits[:length]
        if code and int(code) in COUNTRY_CODE_TO_REGION_CODE:
            return digits[length:]
    return digits


@lru_cache(maxsize=4096)
def is_no_number(key: str) -> bool:
    """Whether a number, as `phone_key` gives it, ends in one digit alone: what people type who have none."""
    return len(set(key[-_REPEATED:])) == 1


@lru_cache(maxsize=4096)
def is_counted(key: str) -> bool:
    """Whether a number's digits count up or down, as people type who have none."""
    return key in _UP or key in _DOWN
