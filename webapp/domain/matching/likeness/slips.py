"""Whether two words are one with a slip of the keyboard, of reading or of hearing."""

import re
from collections.abc import Container
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA, Editop, Editops, JaroWinkler, Levenshtein

from webapp.domain.records.normal.word_lists import words

Likeness = Literal["same", "alike", "near", "initial", "missing", "unsure", "other"]
"""`alike`: another form or spelling; `near`: a typing error away; `unsure`: as likely another name."""

_SPELLINGS = (
    *(
        (re.compile(pattern), sound)
        for pattern, sound in (
            ("kh", "h"),
            ("dj", "d"),
            ("ph|v|w", "f"),
            ("sch|sh|z|tz|c(?=[eiy])", "s"),
            ("ck|ch|qu|q|c", "k"),
            ("th|dt", "t"),
            ("x", "ks"),
            ("y|j", "i"),
            ("ei|ai", "ai"),
            ("ie", "i"),
            ("(?<=.)h", ""),
        )
    ),
    (re.compile(r"(.)\1+"), r"\1"),
)
# What is read for one letter, or written by ear for one.
_BLURS = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        ("rn", "m"),
        ("vv", "w"),
        ("cl", "d"),
        ("ii|oo|ou", "u"),
        ("ee", "i"),
    )
)
_SYLLABLES = words("name_syllables")
_SHORTEST_BLURRED = 5
_SHORTEST_UNSURE = 6
_RATHER_ALIKE = 0.86


def is_typed(a: str, b: str, most: int = 1) -> bool:
    """Whether this many slips explain the difference between two words.

    A slip is a letter more, less or other, two in the wrong order, or letters that look or sound like others.
    """
    if OSA.distance(a, b, score_cutoff=most) <= most:
        return True
    one, other = _blurred(a), _blurred(b)
    if (one, other) == (a, b) or min(len(one), len(other)) < _SHORTEST_BLURRED:
        return False
    return OSA.distance(one, other, score_cutoff=most - 1) <= most - 1


def are_rather_alike(a: str, b: str) -> bool:
    """Whether two slips, or several at the end, explain the difference between two names."""
    if JaroWinkler.similarity(a, b) >= _RATHER_ALIKE:
        return True
    return max(len(a), len(b)) >= _SHORTEST_UNSURE and is_typed(a, b, 2)


def are_slips_of_one(a: str, b: str, known: Container[str]) -> bool:
    """Whether two words are each one slip away from a known word that lies between them.

    Ferdinadn and Ferdlnand, of which somebody has mistyped one, and somebody else the other. Of the ways from
    one to the other each direction has its own, so both are gone.
    """
    return any(between in known for pair in ((a, b), (b, a)) for between in _between(*pair))


def _between(a: str, b: str) -> list[str]:
    """The words that are one slip away from either, if two slips make the second word of the first one."""
    edits = Levenshtein.editops(a, b)
    return [_with_one(edit, a, b) for edit in edits] if len(edits) == 2 else []  # noqa: PLR2004 - one of each


def _with_one(edit: Editop, a: str, b: str) -> str:
    """The first word with one of the edits that make the second one of it."""
    alone: list[Editop | tuple[str, int, int]] = [edit]
    return Editops(alone, len(a), len(b)).apply(a, b)


def are_syllables(a: str, b: str) -> bool:
    """Whether two words are names of one syllable, as in Vietnam, China and Korea: An and Anh are two."""
    return a in _SYLLABLES and b in _SYLLABLES


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """A word as it sounds in most of Europe, roughly."""
    for pattern, letters in _SPELLINGS:
        word = pattern.sub(letters, word)
    return word


@lru_cache(maxsize=4096)
def _blurred(word: str) -> str:
    """A word as it looks and sounds, roughly."""
    for pattern, letter in _BLURS:
        word = pattern.sub(letter, word)
    return sound(word)
