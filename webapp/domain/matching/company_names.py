"""How alike two companies' names are, once legal forms and punctuation are gone."""

from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from webapp.domain.matching.word_lists import words
from webapp.domain.records.keys import company_key, plain

NameLikeness = Literal["same", "near", "part", "division", "branch", "missing", "other"]
"""`part`: one says more; `division`: its further words distinguish sisters; `branch`: both say more."""

_LINKING = words("company_linking_words")
# What distinguishes the companies of one group, or the lines of business of one owner.
_DIVISIONS = words("company_divisions")
_SHORTEST_TYPED, _SHORTEST_TWICE_TYPED = 5, 10
_SHORTEST_SHORTENED = 4


def company_words(name: str | None) -> str:
    """A company's name to compare: its words, without legal form and words that link others."""
    key = plain(company_key(name) or "")
    return " ".join(word for word in key.split() if word not in _LINKING) or key


@lru_cache(maxsize=4096)
def compare_company_names(a: str, b: str, places: frozenset[str] = frozenset()) -> NameLikeness:
    """How alike two names are, as `company_words` gives them.

    Args:
        a: One of them.
        b: The other one.
        places: The cities of both, which distinguish a branch from its firm.
    """
    if not a or not b:
        return "missing"
    joined, other = a.replace(" ", ""), b.replace(" ", "")
    if joined == other:
        return "same"
    a_words, b_words = a.split(), b.split()
    if sorted(a_words) == sorted(b_words):
        return "same"
    if _digits(joined) == _digits(other) and OSA.distance(joined, other, score_cutoff=1) <= 1:
        return "near"
    return _by_words(a_words, b_words, places)


def _by_words(a_words: list[str], b_words: list[str], places: frozenset[str]) -> NameLikeness:
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
    if not alone and not left:
        return "near"
    if alone and left:
        return "branch"
    further = {*alone, *left}
    is_division = bool(further & (_DIVISIONS | places)) or any(word.isdecimal() for word in further)
    return "division" if is_division else "part"


def _are_one_word(a: str, b: str) -> bool:
    """Typed wrongly, or shortened: Tech and Technologies."""
    if _digits(a) != _digits(b):
        return False
    short, long = sorted((a, b), key=len)
    return (len(short) >= _SHORTEST_SHORTENED and long.startswith(short)) or _is_typed(a, b)


def _is_typed(a: str, b: str) -> bool:
    slips, longest = OSA.distance(a, b, score_cutoff=2), max(len(a), len(b))
    return (slips <= 1 and longest >= _SHORTEST_TYPED) or (slips == 2 and longest >= _SHORTEST_TWICE_TYPED)  # noqa: PLR2004


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())


def _is_acronym(short: list[str], long: list[str]) -> bool:
    return len(short) == 1 and len(long) > 2 and short[0] == "".join(word[0] for word in long)  # noqa: PLR2004
