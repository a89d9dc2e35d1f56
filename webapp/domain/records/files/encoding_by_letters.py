"""Guesses the encoding of a text that is no UTF by the letters that it would have in each.

A word is as likely in an encoding as it is in the languages that are written in it: by the letters that each
has beside those of ASCII, and by what no language has, such as a sign or a capital letter within a word.
Where the letters leave it open, as those of one foreign name may, it is the encoding that is met most.
"""

import re
import unicodedata
from codecs import getincrementaldecoder
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from math import inf, log
from typing import Literal

from msgspec import Struct

from webapp.domain.records.normal.word_lists import rows

OneByte = Literal[
    "cp1252", "cp1250", "iso8859-2", "cp1251", "cp1253", "cp1254", "cp1257", "mac-roman", "cp850"
]
Several = Literal["cp932", "gb18030", "big5", "cp949"]
"""The encodings of East Asia, with two bytes a character."""

LONGEST_LINE = 500
"""The bytes of a line that are looked at; it may end with half a character."""

_MET: Mapping[OneByte, float] = {
    "cp1252": 100,
    "cp1250": 10,
    "iso8859-2": 2,
    "cp1251": 10,
    "cp1253": 10,
    "cp1254": 5,
    "cp1257": 3,
    "mac-roman": 3,
    "cp850": 3,
}
"""How often an encoding is met, relative to others that can write the same language."""


class _Common(Struct, frozen=True):
    """Common characters of two bytes: what they begin with, how many there are, and their share in texts."""

    first: range
    count: int
    share: float


_EAST_ASIAN: Mapping[Several, tuple[_Common, ...]] = {
    "cp932": (_Common(range(0x82, 0x84), 170, 0.5), _Common(range(0x88, 0x98), 2965, 0.49)),
    "gb18030": (_Common(range(0xB0, 0xD8), 3755, 0.99),),
    "big5": (_Common(range(0xA4, 0xC7), 5401, 0.99),),
    "cp949": (_Common(range(0xB0, 0xC9), 2350, 0.99),),
}
_OF_EAST_ASIA, _RARE_CHARACTER = 0.02, 1e-6

_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
# What stands around words in texts that a program has set.
_QUOTES = "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
_AROUND = f"{_QUOTES}\u2013\u2014\u2026\u2122\u00ae\u20ac"
_VOWELS = frozenset("aeiouy")
_BASES = str.maketrans("æåøœ\u0131łđðþß", "aaooilddts")
_CONSONANT = "[B-DF-HJ-NP-TV-XZb-df-hj-np-tv-xz]"
# Nothing but consonants in a word, or four in a row of which one has an accent, here a capital letter.
_UNSPOKEN = re.compile(rf"^{_CONSONANT}{{3,}}$|(?=[a-z]{{0,3}}[A-Z]){_CONSONANT}{{4}}")
_SIGN_AROUND, _APOSTROPHE, _SIGN_WITHIN = 0.3, 0.1, 1e-4
_ODD_CAPITALS, _UNSPEAKABLE, _NEVER_THERE = 0.02, 0.1, 0.01
_OF_COMMON, _OF_RARE, _FOREIGN = 0.9, 0.1, 1e-5


class _Language(Struct, frozen=True):
    """A language: how many files are in it, how many letters are not of ASCII, and their shares of these."""

    weight: float
    rate: float
    shares: Mapping[str, float]
    never_before_vowels: frozenset[str]
    common: str


def guessed(lines: Sequence[bytes], used: frozenset[int]) -> OneByte | Several | None:
    """The encoding in which these lines are likeliest; None where none can read them.

    Args:
        lines: Some of a file that are not in ASCII.
        used: Every byte that the file holds.
    """
    found: dict[OneByte | Several, float] = {name: _in_several(name, lines) for name in _EAST_ASIAN}
    found |= {name: _in_one_byte(name, lines) for name in _MET if _can_read(name, used)}
    best = max(found, key=lambda name: found[name])
    if found[best] == -inf:
        return None
    is_common = bytes(used).decode(best, "replace") == bytes(used).decode("cp1252", "replace")
    return "cp1252" if is_common else best


def _can_read(name: OneByte, used: frozenset[int]) -> bool:
    """Whether an encoding knows every byte."""
    return "\ufffd" not in bytes(used).decode(name, "replace")


def _in_one_byte(name: OneByte, lines: Iterable[bytes]) -> float:
    """How likely the words of these lines are in an encoding of one byte a letter, as log."""
    given = {word for line in lines for word in _WORD.findall(line)}
    return log(_met(name)) + sum(_log_of_word(name, word) for word in given)


@lru_cache(maxsize=4096)
def _log_of_word(name: OneByte, word: bytes) -> float:
    text = word.decode(name, "replace")
    bare = text.strip(_AROUND)
    looks = _SIGN_AROUND ** (len(text) - len(bare)) * _looks(bare)
    spoken = sum(share * _in_language(bare, language) for share, language in _languages_in(name))
    return log(looks * spoken / _met(name))


def _looks(word: str) -> float:
    """How likely a word looks so in any language: its capitals, its vowels, and signs within it."""
    likelihood = _UNSPEAKABLE if _UNSPOKEN.search(_bases(word)) else 1.0
    for before, letter, behind in zip(f" {word}", word, f"{word[1:]} ", strict=False):
        if not _is_letter(letter):
            likelihood *= _APOSTROPHE if letter == "\u2019" else _SIGN_WITHIN
        elif not letter.isascii() and before != " " and _are_odd(before, letter, behind):
            likelihood *= _ODD_CAPITALS
    return likelihood


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


def _in_language(word: str, language: _Language) -> float:
    likelihood = 1.0
    small = word.lower()
    for letter, behind in zip(small, f"{small[1:]} ", strict=False):
        if letter.isascii():
            likelihood *= 1 - language.rate
        elif _is_letter(letter):
            likelihood *= language.rate * language.shares.get(letter, _FOREIGN)
            if letter in language.never_before_vowels and behind in _VOWELS:
                likelihood *= _NEVER_THERE
    return likelihood


def _in_several(name: Several, lines: Iterable[bytes]) -> float:
    """The same for an encoding of East Asia; what it cannot read is no such text."""
    total = log(_OF_EAST_ASIA)
    for line in lines:
        try:
            text = getincrementaldecoder(name)().decode(line, final=len(line) < LONGEST_LINE)
        except UnicodeDecodeError:
            return -inf
        total += sum(log(_of_character(name, letter)) for letter in text if not letter.isascii())
    return total


@lru_cache(maxsize=4096)
def _of_character(name: Several, letter: str) -> float:
    coded = letter.encode(name, "replace")
    found = next((one for one in _EAST_ASIAN[name] if len(coded) > 1 and coded[0] in one.first), None)
    return found.share / found.count if found else _RARE_CHARACTER


@cache
def _met(name: OneByte) -> float:
    """How often an encoding is met."""
    return sum(share for share, _ in _languages_in(name))


@cache
def _languages_in(name: OneByte) -> tuple[tuple[float, _Language], ...]:
    """The languages that an encoding can write, each with how often it is met in that."""
    found = []
    for language in _languages():
        able = {one: met for one, met in _MET.items() if _can_write(one, language.common)}
        if name in able:
            found.append((language.weight * able[name] / sum(able.values()), language))
    return tuple(found)


def _can_write(name: OneByte, letters: str) -> bool:
    try:
        letters.encode(name)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _languages() -> tuple[_Language, ...]:
    return tuple(_language(row) for row in rows("letters_of_languages"))


def _language(row: list[str]) -> _Language:
    """A row of the list; of the common letters the second is taken to be half as frequent as the first."""
    _, weight, rate, common, rare, never = row
    rare = rare.strip("-")
    shares = {letter: _OF_RARE / len(rare) for letter in rare}
    by_rank = {letter: 1 / rank for rank, letter in enumerate(common, start=1)}
    shares |= {letter: _OF_COMMON * share / sum(by_rank.values()) for letter, share in by_rank.items()}
    return _Language(float(weight), float(rate) / 100, shares, frozenset(never.strip("-")), common)
