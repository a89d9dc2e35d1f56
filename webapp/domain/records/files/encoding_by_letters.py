"""Guesses the encoding of a text that is not UTF by the letters that it would have in each.

Each encoding gets a score, the logarithm of a likelihood: how often it is met, times how likely the text
would be in it. One of a byte a letter is judged by its words, in all languages that can be written in it;
one of East Asia by its common characters. The highest score wins. Where the letters leave it open, as those
of one foreign name may, how often each is met decides.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from math import exp, inf, log
from typing import Literal

from msgspec import Struct

from webapp.domain.records.files.letters import Language, languages, log_in_language, log_of_looks

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

_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
# What stands around words in texts that a program has set.
_QUOTES = "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
_AROUND = f"{_QUOTES}\u2013\u2014\u2026\u2122\u00ae\u20ac"
_SIGN_AROUND = log(0.3)


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
_EAST_ASIAN_MET, _RARE_CHARACTER = log(0.02), log(1e-6)


def guessed(lines: Sequence[bytes], used: frozenset[int]) -> OneByte | Several:
    """The likeliest encoding of these lines; there always is one, since some encodings know every byte.

    Where it reads the file as Windows-1252 does, that is the answer; of two as likely it is the first above.

    Args:
        lines: Some of a file that are not in ASCII.
        used: Every byte that the file holds.
    """
    scores: dict[OneByte | Several, float] = {
        name: _score_in_one_byte(name, lines) for name in _MET if _knows(name, used)
    }
    scores |= {name: _score_of_characters(name, lines) for name in _EAST_ASIAN}
    best = max(scores, key=lambda name: scores[name])
    every_byte = bytes(used)
    is_read_alike = every_byte.decode(best, "replace") == every_byte.decode("cp1252", "replace")
    return "cp1252" if is_read_alike else best


def _knows(name: OneByte, used: frozenset[int]) -> bool:
    return "\ufffd" not in bytes(used).decode(name, "replace")


def _score_in_one_byte(name: OneByte, lines: Iterable[bytes]) -> float:
    """The score of an encoding of one byte a letter; a word counts once, however often it is there."""
    written = {word for line in lines for word in _WORD.findall(line)}
    return log(_met(name)) + sum(_log_of_word(name, word) for word in written)


@lru_cache(maxsize=4096)
def _log_of_word(name: OneByte, word: bytes) -> float:
    """How likely a word is in the languages of an encoding, each as often as it is met in that."""
    text = word.decode(name, "replace")
    bare = text.strip(_AROUND)
    looks = _SIGN_AROUND * (len(text) - len(bare)) + log_of_looks(bare)
    in_each = [log(met) + log_in_language(bare, language) for met, language in _languages_in(name)]
    return looks + _log_of_sum(in_each) - log(_met(name))


def _log_of_sum(logs: Sequence[float]) -> float:
    """The logarithm of a sum, given the logarithms of its terms, which may exceed a float."""
    most = max(logs)
    return most + log(sum(exp(one - most) for one in logs))


@cache
def _met(name: OneByte) -> float:
    """How often an encoding is met, in whatever language."""
    return sum(met for met, _ in _languages_in(name))


@cache
def _languages_in(name: OneByte) -> tuple[tuple[float, Language], ...]:
    """The languages that an encoding can write, each with its frequency in this encoding.

    The files of a language are divided among the encodings that can write it.
    """
    found = []
    for language in languages():
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


def _score_of_characters(name: Several, lines: Iterable[bytes]) -> float:
    """The score of an East Asian encoding; a text that it cannot read is not in it."""
    total = _EAST_ASIAN_MET
    for line in lines:
        try:
            text = getincrementaldecoder(name)().decode(line, final=len(line) < LONGEST_LINE)
        except UnicodeDecodeError:
            return -inf
        total += sum(_log_of_character(name, letter) for letter in text if not letter.isascii())
    return total


@lru_cache(maxsize=4096)
def _log_of_character(name: Several, letter: str) -> float:
    coded = letter.encode(name, "replace")
    found = next((one for one in _EAST_ASIAN[name] if len(coded) > 1 and coded[0] in one.first), None)
    return log(found.share / found.count) if found else _RARE_CHARACTER
