"""Likeness of two people's names: across case, accents, order, short forms and typing errors."""

import re
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA, JaroWinkler

from webapp.domain.matching.likeness.given_names import KNOWN, is_short_for, share_a_name
from webapp.domain.records.normal.persons import GENERATIONS, PARTICLES, TITLES
from webapp.domain.records.normal.word_lists import words

Likeness = Literal["same", "alike", "near", "initial", "missing", "unsure", "other"]
"""`alike`: another form or spelling; `near`: a typing error away; `unsure`: as likely another name."""

_SPELLINGS = (
    *(
        (re.compile(pattern), sound)
        for pattern, sound in (
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
# What makes another name of a name: Jan and Jana, Stefan and Stefanie, Mario and Maria.
_ENDINGS = words("person_name_endings")
_GOOD: frozenset[Likeness] = frozenset({"same", "alike", "near"})
_GOOD_OR_NEARLY = _GOOD | {"unsure", "initial"}
_SHORTEST_TYPED = 5
_SHORTEST_SWAPPED = 4
_SHORTEST_OTHERWISE_BEGUN = 7
_SHORTEST_TWICE_TYPED = 8
_SHORTEST_SHORT_FORM = 3
_SHORTEST_WHOLE = 6
# Names of this length with two slips may be meant as one.
_SHORTEST_UNSURE = 6
_RATHER_ALIKE, _ROUGHLY_ALIKE = 0.86, 0.8


# "Der Jüngere" and "der Ältere".
_ABBREVIATED: dict[tuple[str, ...], str] = {("d", "j"): "junior", ("d", "a"): "senior"}


@lru_cache(maxsize=4096)
def generation(first: str, last: str) -> str | None:
    """Which of several of a name: junior, senior, the third."""
    behind = (*last.split()[1:], *first.split()[1:])
    named = next((GENERATIONS[word] for word in behind if word in GENERATIONS), None)
    return named or _ABBREVIATED.get(tuple(last.split()[-2:]))


def compare_names(a: tuple[str, str], b: tuple[str, str]) -> tuple[Likeness, Likeness]:
    """How alike first and last names are, each pair `(first, last)` as `keys.plain` writes it.

    Names that stand the wrong way round on one side are compared the right way round, and as one word where
    the blank between them is lost or misplaced.
    """
    straight = first_likeness(a[0], b[0]), last_likeness(a[1], b[1])
    if _GOOD.issuperset(straight):
        return straight
    if not all((*a, *b)):
        return _half(a, b) or _as_one_word(a, b) or straight
    if "other" in straight:
        swapped = first_likeness(a[0], b[1]), last_likeness(a[1], b[0])
        if not _GOOD.isdisjoint(swapped) and _GOOD_OR_NEARLY.issuperset(swapped):
            return swapped
    return _as_one_word(a, b) or straight


def _as_one_word(a: tuple[str, str], b: tuple[str, str]) -> tuple[Likeness, Likeness] | None:
    """How alike two whole names are where only the blank between first and last name stands elsewhere."""
    if not all(a) and not all(b):
        return None
    one, other, turned = (_joined(name) for name in (a, b, (b[1], b[0])))
    if min(len(one), len(other)) < _SHORTEST_WHOLE:
        return None
    if one in (other, turned):
        return "same", "alike"
    if one in b or other in a:
        return "missing", "same"  # half a name, parted by a blank
    is_glued = not (all(a) and all(b)) and _is_typed(one, other)
    return ("near", "alike") if is_glued else None


def _half(a: tuple[str, str], b: tuple[str, str]) -> tuple[Likeness, Likeness] | None:
    """How alike names are of which one is half a name that stands in the wrong field."""
    if not (any(a) and any(b)):
        return None
    (half, whole) = (a, b) if not all(a) else (b, a)
    if half[0]:
        likeness = last_likeness(half[0], whole[1])
        return ("missing", likeness) if likeness in _GOOD else None
    likeness = first_likeness(half[1], whole[0])
    return (likeness, "missing") if likeness in _GOOD else None


def _joined(name: tuple[str, str]) -> str:
    return "".join(name).replace(" ", "")


@lru_cache(maxsize=4096)
def first_likeness(a: str, b: str) -> Likeness:
    """How alike two first names are; of several names one in common is enough."""
    if not a or not b:
        return "missing"
    if a == b or a.replace(" ", "") == b.replace(" ", ""):
        return "same"
    a_words, b_words = _words(a), _words(b)
    likeness = _one_first(a_words[0], b_words[0])
    if likeness in ("other", "unsure", "initial") and (len(a_words) > 1 or len(b_words) > 1):
        further = {_one_first(one, other) for one in a_words for other in b_words}
        return "alike" if further & {"same", "alike"} else _parted_first(a_words, b_words) or likeness
    if likeness in ("same", "alike", "near") and _have_other_middle_names(a_words[1:], b_words[1:]):
        return "unsure"
    return "alike" if likeness == "same" else likeness


def _parted_first(a: list[str], b: list[str]) -> Likeness | None:
    """How alike two first names are where a blank has got into one of them: Gar iela and Gabriela."""
    if (len(a) == 1) == (len(b) == 1):
        return None
    likeness = _one_first("".join(a), "".join(b))
    return likeness if likeness in ("near", "unsure") else None


def _have_other_middle_names(a: list[str], b: list[str]) -> bool:
    """Whether the further names of two people contradict: Hans Peter and Hans Jürgen, John A. and John B."""
    return bool(a and b) and all(_one_first(one, other) == "other" for one in a for other in b)


def _words(name: str) -> list[str]:
    return [word for word in name.split() if word not in TITLES] or name.split()


def _one_first(a: str, b: str) -> Likeness:  # noqa: PLR0911 - cases, in their order
    if a == b:
        return "same"
    if len(a) == 1 or len(b) == 1:
        return "initial" if a[0] == b[0] else "other"
    if is_short_for(a, b) or is_short_for(b, a):
        return "alike"
    if share_a_name(a, b):
        return "unsure"
    if _sound(a) == _sound(b):
        return "alike"
    are_known = a in KNOWN and b in KNOWN
    short, long = sorted((a, b), key=len)
    if long.startswith(short) and len(short) >= _SHORTEST_SHORT_FORM:
        rest = long[len(short) :]
        # Rosa and Ada are names of their own, so that Rosalva and Adam are other ones; Steph is none.
        is_another = rest in _ENDINGS or are_known or (short in KNOWN and len(rest) > 1)
        return "unsure" if is_another else "near" if len(rest) == 1 else "alike"
    if are_known:
        return "unsure" if _is_typed(a, b) else "other"
    if a[:-1] == b[:-1]:
        return "unsure" if a[-1] in _ENDINGS and b[-1] in _ENDINGS else "near"
    return _typed_first(a, b, len(long), is_slip=(a in KNOWN) != (b in KNOWN))


def _typed_first(a: str, b: str, length: int, *, is_slip: bool) -> Likeness:
    """Whether one is the other mistyped.

    Of two of which one alone is known to exist, which `is_slip` says, the other is sooner a slip of it.
    """
    is_first_other = a[0] != b[0] and a[:2] != b[1::-1]
    if _is_typed(a, b):
        shortest = _SHORTEST_OTHERWISE_BEGUN if is_first_other else _SHORTEST_TYPED
        if is_slip:
            shortest = _SHORTEST_TYPED if is_first_other else _SHORTEST_SWAPPED
        is_swapped = sorted(a) == sorted(b) and len(a) >= _SHORTEST_SWAPPED
        return "near" if length >= shortest or is_swapped else "unsure"
    if is_slip and a[0] == b[0] and length >= _SHORTEST_UNSURE and _is_typed(a, b, 2):
        return "near"
    is_unsure = _are_rather_alike(a, b) or (is_slip and _is_badly_typed(a, b, length))
    return "unsure" if is_unsure else "other"


def _is_badly_typed(a: str, b: str, length: int) -> bool:
    """Whether two slips in a short name, or three in a long one, may have made one of the other."""
    if length >= _SHORTEST_TWICE_TYPED:
        return _is_typed(a, b, 3)
    return (length >= _SHORTEST_TYPED or (length >= _SHORTEST_SWAPPED and a[0] == b[0])) and _is_typed(
        a, b, 2
    )


def _are_rather_alike(a: str, b: str) -> bool:
    """Whether two slips, or several at the end, may have made one name of the other."""
    if JaroWinkler.similarity(a, b) >= _RATHER_ALIKE:
        return True
    return max(len(a), len(b)) >= _SHORTEST_UNSURE and _is_typed(a, b, 2)


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
        return "unsure" if _have_other_middle_names(a_words[:-1], b_words[:-1]) else "alike"
    if len(one) == 1 or len(other) == 1:
        return "initial" if one[0] == other[0] else "other"
    if _sound(one) == _sound(other) or set(a_words) <= set(b_words) or set(b_words) <= set(a_words):
        return "alike"
    if _is_typed(one, other, 2 if max(len(one), len(other)) >= _SHORTEST_TWICE_TYPED else 1):
        return "near" if one[0] == other[0] or one[:2] == other[1::-1] else "unsure"
    return _one_of_double(a_words, b_words) or ("unsure" if _are_rather_alike(one, other) else "other")


def _one_of_double(a: list[str], b: list[str]) -> Likeness | None:
    """How alike two last names are of which one is a name of the other's two, with a slip."""
    if (len(a) == 1) == (len(b) == 1):
        return None
    (single,), several = (a, b) if len(a) == 1 else (b, a)
    words = [word for word in several if min(len(word), len(single)) >= _SHORTEST_TYPED]
    if any(_is_typed(single, word) and single[0] == word[0] for word in words):
        return "near"
    return "unsure" if any(_are_rather_alike(single, word) for word in words) else None


def are_roughly_one(a: str, b: str) -> bool:
    """Whether two last names have so much in common that more than one slip may have made them differ."""
    is_twice_typed = max(len(a), len(b)) >= _SHORTEST_TYPED and _is_typed(a, b, 2)
    return is_twice_typed or JaroWinkler.similarity(a, b) >= _ROUGHLY_ALIKE


def _family(name: str) -> list[str]:
    words = [word for word in name.split() if word not in GENERATIONS]
    return [word for word in words if word not in PARTICLES] or words or name.split()


def _is_typed(a: str, b: str, most: int = 1) -> bool:
    """Whether one is the other with a slip: a letter more, less or other, or two in the wrong order."""
    return OSA.distance(a, b, score_cutoff=most) <= most


@lru_cache(maxsize=4096)
def _sound(word: str) -> str:
    """A word as it sounds in most of Europe, roughly."""
    for pattern, sound in _SPELLINGS:
        word = pattern.sub(sound, word)
    return word
