"""Likeness of two companies' names, without legal forms and punctuation."""

import re
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from webapp.domain.matching.likeness.given_names import KNOWN
from webapp.domain.matching.likeness.slips import sound
from webapp.domain.records.normal.companies import company_words, word_form
from webapp.domain.records.normal.numbers import counted
from webapp.domain.records.normal.persons import as_letters
from webapp.domain.records.normal.word_lists import rows, words

__all__ = ["NameLikeness", "company_words", "compare_company_names"]

NameLikeness = Literal["same", "near", "part", "division", "branch", "missing", "other"]
"""`part`: one says more; `division`: its further words distinguish sisters; `branch`: both say more."""

# What distinguishes the companies of one group, or the lines of business of one owner.
_DIVISIONS = frozenset(map(word_form, words("company_divisions")))
_ALIASES = words("company_alias_words")
_PHRASES = "|".join(" ".join(row) for row in rows("company_alias_phrases"))
_ALIAS_PHRASES = re.compile(rf"\b(?:{_PHRASES})\b")
# A digit within a long word: P1umbing.
_MISREAD = re.compile(r"(?=.{6})[a-z]+\d[a-z]+")
_SHORTEST_TYPED, _SHORTEST_TWICE_TYPED = 5, 10
_SHORTEST_SHORTENED = 4
# PKO BP.
_MOST_OF_ACRONYM = 2
_COUNTED_BY_LETTERS = frozenset({"tranche", "series", "serie", "class", "klasse", "block", "tower", "phase"})


@lru_cache(maxsize=4096)
def compare_company_names(
    a: str, b: str, places: frozenset[str] = frozenset(), town: frozenset[str] = frozenset()
) -> NameLikeness:
    """How alike two names are, as `company_words` gives them.

    Args:
        a: One of them.
        b: The other one.
        places: Words of the cities of both, which distinguish a branch from its firm.
        town: Those of the city in which both are, which distinguish nothing.
    """
    if not a or not b:
        return "missing"
    if a.replace(" ", "") == b.replace(" ", ""):
        return "same"
    names, others = _names(a), _names(b)
    if len(names) == len(others) == 1:
        return _compare(names[0], others[0], places, town)
    found = {_compare(one, other, places, town) for one in names for other in others}
    return "part" if found & {"same", "near", "part"} else "other"


@lru_cache(maxsize=4096)
def _names(name: str) -> tuple[str, ...]:
    """The names that a company goes by: words in one form, and letters as the word that they abbreviate."""
    names: list[list[str]] = [[]]
    was_letter = False
    given = _ALIAS_PHRASES.sub(" aka ", name).split()
    for word, following in zip(given, [*given[1:], ""], strict=True):
        if word in _ALIASES:
            names.append([])
            continue
        is_letter = len(word) == 1 and word.isalpha()
        if word == "s" and names[-1] and not was_letter and len(following) != 1:
            continue  # of a genitive, not of an S.A.
        if is_letter and was_letter and names[-1]:
            names[-1][-1] += word
        else:
            names[-1].append(word_form(as_letters(word) if _MISREAD.fullmatch(word) else word))
        was_letter = is_letter
    return tuple(" ".join(words) for words in names if words)


def _compare(  # noqa: PLR0911 - cases, in their order
    a: str, b: str, places: frozenset[str], town: frozenset[str]
) -> NameLikeness:
    joined, other = a.replace(" ", ""), b.replace(" ", "")
    if joined == other:
        return "same"
    a_words, b_words = a.split(), b.split()
    if sorted(a_words) == sorted(b_words):
        return "same"
    numbers, other_numbers = _numbers(a_words), _numbers(b_words)
    if numbers != other_numbers:
        return _by_number(a_words, b_words, is_one_sided=not numbers or not other_numbers)
    if _have_other_letters(a_words, b_words):
        return "branch"
    if numbers and _without_numbers(a_words) == _without_numbers(b_words):
        return "same"
    if _digits(joined) == _digits(other) and OSA.distance(joined, other, score_cutoff=1) <= 1:
        return "part" if _differ_in_name(a_words, b_words) else "near"
    return _by_words(a_words, b_words, places, town)


def _numbers(words: list[str]) -> list[str]:
    """The numbers in a name: Fund II, Series A, Store 12."""
    found = (
        counted(word, is_last=place > 0 and _may_count(words, place)) for place, word in enumerate(words)
    )
    return sorted(number for number in found if number)


def _have_other_letters(a: list[str], b: list[str]) -> bool:
    """Whether the names have different single letters: Wind Park A and Wind Park B."""
    letters, others = (sorted(word for word in words if len(word) == 1) for words in (a, b))
    return bool(letters and others) and letters != others


def _differ_in_name(a: list[str], b: list[str]) -> bool:
    """Whether the one word in which two names differ tells them apart.

    Words so short that each may be a name (Alba and Alma, KSM and KSB), or people's names (Anna and Hanna).
    """
    if len(a) != len(b):
        return False
    differing = [pair for pair in zip(a, b, strict=True) if pair[0] != pair[1]]
    return len(differing) == 1 and (
        max(map(len, differing[0])) < _SHORTEST_TYPED or KNOWN.issuperset(differing[0])
    )


def _without_numbers(words: list[str]) -> list[str]:
    return [word for place, word in enumerate(words) if not counted(word, is_last=_may_count(words, place))]


def _may_count(words: list[str], place: int) -> bool:
    """Whether a letter in this place counts: at the end, or behind a word such as tranche."""
    return place == len(words) - 1 or (place > 0 and words[place - 1] in _COUNTED_BY_LETTERS)


def _by_number(a_words: list[str], b_words: list[str], *, is_one_sided: bool) -> NameLikeness:
    """How alike two names with different numbers or letters are: branches, unless the rest differs too."""
    rest, other_rest = _without_numbers(a_words), _without_numbers(b_words)
    if not rest or not other_rest:
        return "other"
    likeness = _by_words(rest, other_rest) if rest != other_rest else "same"
    if likeness == "other":
        return "other"
    return "division" if is_one_sided else "branch"


def _by_words(
    a_words: list[str],
    b_words: list[str],
    places: frozenset[str] = frozenset(),
    town: frozenset[str] = frozenset(),
) -> NameLikeness:
    left, slips = list(b_words), 0
    alone: list[str] = []
    for word in a_words:
        counterpart = next((other for other in left if other == word), None) or next(
            (other for other in left if _are_one_word(word, other)), None
        )
        if counterpart is None:
            alone.append(word)
        else:
            left.remove(counterpart)
            slips += counterpart != word
    if len(alone) == len(a_words):
        return "part" if _is_acronym(a_words, b_words) or _is_acronym(b_words, a_words) else "other"
    further = {*alone, *left}
    if further <= town:
        return "near"
    if alone and left:
        return "branch"
    is_division = bool(further & (_DIVISIONS | places)) or any(word.isdecimal() for word in further)
    return "division" if is_division else "part"


def _are_one_word(a: str, b: str) -> bool:
    """Typed wrongly, spelt by ear, or shortened: Tech and Technologies."""
    if _digits(a) != _digits(b):
        return False
    short, long = sorted((a, b), key=len)
    if len(short) < _SHORTEST_SHORTENED:
        return False
    return long.startswith(short) or _is_typed(a, b) or sound(a) == sound(b)


def _is_typed(a: str, b: str) -> bool:
    slips, longest = OSA.distance(a, b, score_cutoff=2), max(len(a), len(b))
    return (slips <= 1 and longest >= _SHORTEST_TYPED) or (slips == 2 and longest >= _SHORTEST_TWICE_TYPED)  # noqa: PLR2004


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())


def _is_acronym(short: list[str], long: list[str]) -> bool:
    """Whether one name is the acronym of the other, perhaps with the letter of a linking word."""
    if len(short) >= len(long) or len(short) > _MOST_OF_ACRONYM:
        return False
    initials, letters = [word[0] for word in long], list("".join(short))
    if len(letters) == len(initials) + 1:
        return any(letters[:place] + letters[place + 1 :] == initials for place in range(1, len(initials)))
    return letters == initials
