"""How alike two last names are: double names, particles, spellings and slips."""

from functools import cache, lru_cache

from rapidfuzz.distance import JaroWinkler

from webapp.domain.matching.likeness.first_names import have_other_middle_names
from webapp.domain.matching.likeness.slips import (
    Likeness,
    are_rather_alike,
    are_syllables,
    is_typed,
    sound,
)
from webapp.domain.records.normal.persons import GENERATIONS, PARTICLES
from webapp.domain.records.normal.word_lists import word_forms, words

_SHORTEST_TYPED = 5
_SHORTEST_SLIP = 4
_SHORTEST_TWICE_TYPED = 8
_ROUGHLY_ALIKE = 0.8
# One Cyrillic letter is read as g in Russia and as h in Ukraine; b and v sound alike in Spain.
_ONE_LETTER = frozenset({frozenset("gh"), frozenset("bv")})


@lru_cache(maxsize=4096)
def last_likeness(a: str, b: str) -> Likeness:  # noqa: PLR0911 - cases, in their order
    """How alike two last names are; one of a double name is enough."""
    if not a or not b:
        return "missing"
    if a == b:
        return "same"
    a_words, b_words = _family(a), _family(b)
    one, other = "".join(a_words), "".join(b_words)
    if one == other or a.replace(" ", "") == b.replace(" ", ""):
        return "same"
    if len(a_words) > 1 and len(b_words) > 1 and a_words[-1] == b_words[-1]:
        # Middle names that stand with the last one.
        return "unsure" if have_other_middle_names(a_words[:-1], b_words[:-1]) else "alike"
    if len(one) == 1 or len(other) == 1:
        return "initial" if one[0] == other[0] else "other"
    if are_syllables(one, other):
        return "unsure"
    if set(a_words) <= set(b_words) or set(b_words) <= set(a_words) or _sound_alike(one, other):
        return "alike"
    return _typed_last(one, other) or _one_of_double(a_words, b_words) or _doubtful_last(one, other)


def _sound_alike(a: str, b: str) -> bool:
    """Whether two names sound alike; Mc is Mac."""
    one, other = (f"mac{name[2:]}" if name.startswith("mc") else name for name in (a, b))
    return sound(one) == sound(other)


def _typed_last(a: str, b: str) -> Likeness | None:
    """Whether one is the other mistyped.

    Of two of which one alone is known to exist the other is sooner a slip of it; two that both exist and are
    two slips apart are hardly one.
    """
    begins_alike = a[0] == b[0] or a[:2] == b[1::-1]
    longest = max(len(a), len(b))
    if is_typed(a, b):
        is_slip = begins_alike or _is_one_letter(a, b) or (longest >= _SHORTEST_SLIP and _known(a, b) == 1)
        return "near" if is_slip else "unsure"
    if longest < _SHORTEST_TYPED or not is_typed(a, b, 2):
        return None
    known = _known(a, b)
    if longest < _SHORTEST_TWICE_TYPED and known != 1:
        return None
    return "near" if begins_alike and known != 2 else "unsure"  # noqa: PLR2004 - of two


def _is_one_letter(a: str, b: str) -> bool:
    """Whether two names begin with what is one letter elsewhere, and do not both exist: Honchar, Gonchar."""
    return a[1:] == b[1:] and frozenset((a[0], b[0])) in _ONE_LETTER and not _are_two(a, b)


def _doubtful_last(a: str, b: str) -> Likeness:
    return "unsure" if not _are_two(a, b) and are_rather_alike(a, b) else "other"


def _are_two(a: str, b: str) -> bool:
    """Whether both names exist."""
    return _known(a, b) == 2  # noqa: PLR2004 - of two


def _known(a: str, b: str) -> int:
    """How many of two names exist."""
    existing = existing_last_names()
    return (a in existing) + (b in existing)


@cache
def existing_last_names() -> frozenset[str]:
    """The last names that exist; read when two different last names are first compared."""
    return words("last_names") | frozenset(word_forms("frequent_last_names"))


def _one_of_double(a: list[str], b: list[str]) -> Likeness | None:
    """How alike two last names are if one is part of the other's double name, with a slip."""
    if (len(a) == 1) == (len(b) == 1):
        return None
    (single,), several = (a, b) if len(a) == 1 else (b, a)
    words = [word for word in several if min(len(word), len(single)) >= _SHORTEST_TYPED]
    if any(is_typed(single, word) and single[0] == word[0] for word in words):
        return "near"
    return "unsure" if any(are_rather_alike(single, word) for word in words) else None


def are_roughly_one(a: str, b: str) -> bool:
    """Whether two last names are so similar that several slips may explain the difference."""
    if _are_two(a, b):
        return False
    is_twice_typed = max(len(a), len(b)) >= _SHORTEST_TYPED and is_typed(a, b, 2)
    return is_twice_typed or JaroWinkler.similarity(a, b) >= _ROUGHLY_ALIKE


def _family(name: str) -> list[str]:
    words = [word for word in name.split() if word not in GENERATIONS]
    return [word for word in words if word not in PARTICLES] or words or name.split()
