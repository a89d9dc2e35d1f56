"""How likely a word is: by how words look in every language, and by the letters of one.

All likelihoods are logarithms: that of a long word itself may be less than a float can hold.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from math import log

from msgspec import Struct

from webapp.domain.records.normal.word_lists import rows

_VOWELS = frozenset("aeiouy")
_BASES = str.maketrans("æåøœ\u0131łđðþß", "aaooilddts")
_CONSONANT = "[B-DF-HJ-NP-TV-XZb-df-hj-np-tv-xz]"
# Nothing but consonants in a word, or four in a row of which one has an accent, here a capital letter.
_UNSPEAKABLE = re.compile(rf"^{_CONSONANT}{{3,}}$|(?=[a-z]{{0,3}}[A-Z]){_CONSONANT}{{4}}")

_IF_UNSPEAKABLE = log(0.1)
_APOSTROPHE, _SIGN_WITHIN = log(0.1), log(1e-4)
_ODD_CAPITALS = log(0.02)

_OF_COMMON, _OF_RARE, _FOREIGN = 0.9, 0.1, 1e-5
_NEVER_BEFORE_VOWEL = log(0.01)


class Language(Struct, frozen=True):
    """A language and its letters; those of ASCII are taken to be equally frequent in all.

    Attributes:
        weight: How many files are written in it, relative to others.
        rate: How many of its letters are not of ASCII, of one.
        shares: How many of these are which letter, of one.
        never_before_vowels: The letters behind which no vowel stands.
        common: The letters that an encoding has to have for this language.
    """

    weight: float
    rate: float
    shares: Mapping[str, float]
    never_before_vowels: frozenset[str]
    common: str


def log_of_looks(word: str) -> float:
    """How likely a word's look is in any language: its capitals, its vowels, and signs within it."""
    total = _IF_UNSPEAKABLE if _UNSPEAKABLE.search(_bases(word)) else 0.0
    for before, letter, behind in zip(f" {word}", word, f"{word[1:]} ", strict=False):
        if not _is_letter(letter):
            total += _APOSTROPHE if letter == "\u2019" else _SIGN_WITHIN
        elif not letter.isascii() and before != " " and _are_odd(before, letter, behind):
            total += _ODD_CAPITALS
    return total


def _is_letter(letter: str) -> bool:
    return letter.isalpha() and letter not in "ªº"


def _are_odd(before: str, letter: str, behind: str) -> bool:
    """Whether a letter within a word is a capital beside small ones, or small between capitals."""
    if letter.isupper():
        return before.islower() or behind.islower()
    return letter != "ß" and before.isupper() and behind.isupper()


def _bases(word: str) -> str:
    """The Latin letters of a word without accents: capitals for those that had one."""
    found = ""
    for letter in word.lower():
        base = unicodedata.normalize("NFKD", letter)[0].translate(_BASES)
        found += base if letter.isascii() or not base.isascii() else base.upper()
    return found


def log_in_language(word: str, language: Language) -> float:
    """How likely a language has the letters of a word; signs among them say nothing here."""
    total = 0.0
    small = word.lower()
    for letter, behind in zip(small, f"{small[1:]} ", strict=False):
        if letter.isascii():
            total += log(1 - language.rate)
        elif _is_letter(letter):
            total += log(language.rate * language.shares.get(letter, _FOREIGN))
            if letter in language.never_before_vowels and behind in _VOWELS:
                total += _NEVER_BEFORE_VOWEL
    return total


@cache
def languages() -> tuple[Language, ...]:
    """The languages of which the letters are known."""
    return tuple(_language(row) for row in rows("letters_of_languages"))


def _language(row: list[str]) -> Language:
    """A row of the list; of the common letters the second is taken to be half as frequent as the first."""
    _, weight, rate, common, rare, never = row
    rare = rare.strip("-")
    shares = {letter: _OF_RARE / len(rare) for letter in rare}
    by_rank = {letter: 1 / rank for rank, letter in enumerate(common, start=1)}
    shares |= {letter: _OF_COMMON * share / sum(by_rank.values()) for letter, share in by_rank.items()}
    return Language(float(weight), float(rate) / 100, shares, frozenset(never.strip("-")), common)
