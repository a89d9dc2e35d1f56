"""Numbers within names: ordinals, Roman ones, and letters that count."""

import re
from functools import lru_cache

from webapp.domain.records.normal.word_lists import word_forms

NUMERALS = word_forms("number_words")
"""The number that a word says, in digits."""
_TENS = frozenset({"20", "30", "40", "50", "60", "70", "80", "90"})
# Twenty-first, forty-two.
_COMPOUND = re.compile(r"\b([a-z]+ty) ([a-z]+)\b")
_ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th|er|ere|eme)$")
_ROMAN_DIGITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN = {
    tens * "x" + digit: str(10 * tens + number)
    for tens in range(4)
    for number, digit in enumerate(_ROMAN_DIGITS)
    if 10 * tens + number > 1
}


@lru_cache(maxsize=4096)
def as_number(word: str) -> str:
    """An ordinal in digits: 7 for seventh and 7th; any other word as it is."""
    if word in NUMERALS:
        return NUMERALS[word]
    found = _ORDINAL.match(word)
    return found[1] if found else word


def with_compounds(text: str) -> str:
    """A text, as `plain` writes it, with numbers of two words in digits: 21th for twenty first."""
    return _COMPOUND.sub(_compound, text) if "ty " in text else text


def _compound(found: re.Match[str]) -> str:
    tens, ones = (NUMERALS.get(word, "") for word in found.groups())
    return f"{tens[0]}{ones}th" if tens in _TENS and len(ones) == 1 else found[0]


@lru_cache(maxsize=4096)
def counted(word: str, *, is_last: bool) -> str | None:
    """The number that a word stands for (digits, Roman, or a letter at the end); None for other words."""
    if any(letter.isdecimal() for letter in word):
        return word.lstrip("0") or "0"
    if word in _ROMAN:
        return _ROMAN[word]
    return ("1" if word == "i" else word) if is_last and len(word) == 1 else None
