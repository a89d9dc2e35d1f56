"""Likeness of two people's names: across case, accents, order, short forms and typing errors."""

import re
from functools import lru_cache

from webapp.domain.matching.likeness.first_names import BEFORE_NAMES, first_likeness
from webapp.domain.matching.likeness.given_names import KNOWN
from webapp.domain.matching.likeness.last_names import last_likeness
from webapp.domain.matching.likeness.slips import Likeness, are_syllables, is_typed
from webapp.domain.records.normal.persons import GENERATIONS, PARTICLES, TITLES
from webapp.domain.records.normal.word_lists import rows

# What one writes and another leaves out: particles, and Van and Thi before a given name in Vietnam.
_PASSED_OVER = TITLES | PARTICLES | frozenset(GENERATIONS) | BEFORE_NAMES
_GOOD: frozenset[Likeness] = frozenset({"same", "alike", "near"})
_GOOD_OR_NEARLY = _GOOD | {"unsure", "initial"}
_SHORTEST_WHOLE = 6
# Bounded, since Python refuses to read a number of more than 4,300 digits.
_NUMBER = re.compile("[0-9]{1,18}")

# "Der Jüngere" and "der Ältere", "den yngre"; behind another name also in full, since Le Jeune is a name.
_ABBREVIATED: dict[tuple[str, ...], str] = {("d", "j"): "junior", ("d", "y"): "junior", ("d", "a"): "senior"}
_IN_FULL: dict[tuple[str, ...], str] = {
    (article, word): generation
    for generation, article, *words in rows("generation_phrases")
    for word in words
}
# The second and the third of one name, and others that stand alone.
_LAST_ALONE = {"st": "senior", "2": "2", "3": "3", "4": "4", "v": "5", "vi": "6"}
# What stands before a Hungarian name.
_BEFORE = {"ifj": "junior", "id": "senior"}


@lru_cache(maxsize=4096)
def generation(first: str, last: str) -> str | None:
    """The generation of a namesake: junior, senior, the third."""
    names, given = last.split(), first.split()
    behind = (*names[1:], *given[1:])
    named = next((GENERATIONS[word] for word in behind if word in GENERATIONS), None)
    if named or not behind:
        return named
    if len(names) > 1 and names[-1] in _LAST_ALONE:
        return _LAST_ALONE[names[-1]]
    if len(names) > 2 and (in_full := _IN_FULL.get(tuple(names[-2:]))):  # noqa: PLR2004 - a name before the two
        return in_full
    before = next((one[0] for one in (given, names) if len(one) > 1 and one[0] in _BEFORE), "")
    return _BEFORE.get(before) or _ABBREVIATED.get(tuple(names[-2:]))


def compare_names(a: tuple[str, str], b: tuple[str, str]) -> tuple[Likeness, Likeness]:
    """How alike first and last names are, each pair `(first, last)` as `keys.plain` writes it.

    Names that stand the wrong way round on one side are compared the right way round, and as one word where
    the blank between them is lost or misplaced.
    """
    if _have_other_numbers(a, b):
        return "other", "other"
    if a[0] == b[0] and a[1] != b[1] and _is_turned(a) and _is_turned(b):
        a, b = a[::-1], b[::-1]
    straight = first_likeness(a[0], b[0]), last_likeness(a[1], b[1])
    if _GOOD.issuperset(straight):
        return straight
    if not all((*a, *b)):
        return _half(a, b) or _as_one_word(a, b) or straight
    turned = _turned(a, b) if "other" in straight else None
    return turned or _as_one_word(a, b) or _in_any_order(a, b) or straight


def _is_turned(name: tuple[str, str]) -> bool:
    """Whether the last name comes first, as in Hungary: Nagy Anna and Nagy Hanna are two of one family."""
    first, last = name
    return " " not in first + last and first not in KNOWN and (last in KNOWN or are_syllables(first, last))


def _turned(a: tuple[str, str], b: tuple[str, str]) -> tuple[Likeness, Likeness] | None:
    """How alike names are of which one stands the wrong way round.

    Where either may be the one, the more doubtful reading counts, then the one whose first names exist.
    """
    readings = ((a[0], b[1]), (a[1], b[0])), ((a[1], b[0]), (a[0], b[1]))
    fitting = [ranked for firsts, lasts in readings if (ranked := _ranked(firsts, lasts))]
    return min(fitting)[-1] if fitting else None


def _ranked(
    firsts: tuple[str, str], lasts: tuple[str, str]
) -> tuple[bool, int, tuple[Likeness, Likeness]] | None:
    """How alike two names are with these as first and last names, behind what orders such readings.

    The order is the same whichever of the two names comes first.
    """
    likeness = first_likeness(*firsts), last_likeness(*lasts)
    if _GOOD.isdisjoint(likeness) or not _GOOD_OR_NEARLY.issuperset(likeness):
        return None
    return _GOOD.issuperset(likeness), sum(name not in KNOWN for name in firsts), likeness


def _have_other_numbers(a: tuple[str, str], b: tuple[str, str]) -> bool:
    """Whether both names have a number, and not the same one: Till 1 and Till 2 are no slips of one name."""
    one, other = (_NUMBER.findall(" ".join(name)) for name in (a, b))
    return bool(one and other) and [int(number) for number in one] != [int(number) for number in other]


def _as_one_word(a: tuple[str, str], b: tuple[str, str]) -> tuple[Likeness, Likeness] | None:
    """How alike two whole names are if only the blank between first and last name is misplaced."""
    if not all(a) and not all(b):
        return None
    one, other = _joined(a), _joined(b)
    if min(len(one), len(other)) < _SHORTEST_WHOLE:
        return None
    if one == other or one == _joined(b[::-1]) or other == _joined(a[::-1]):
        return "same", "alike"
    if one == b[0] or other == a[0]:
        return "alike", "missing"  # a first name alone, perhaps parted by a blank
    if one == b[1] or other == a[1]:
        return "missing", "same"  # the same of a last name
    is_glued = not (all(a) and all(b)) and is_typed(one, other)
    return ("near", "alike") if is_glued else None


def _in_any_order(a: tuple[str, str], b: tuple[str, str]) -> tuple[Likeness, Likeness] | None:
    """How alike names of three words and more are that are divided otherwise: Ngoc Anh Vu, Vu Ngoc Anh."""
    one, other = ([word for word in " ".join(name).split() if word not in _PASSED_OVER] for name in (a, b))
    are_same = len(one) > 2 and sorted(one) == sorted(other)  # noqa: PLR2004 - two words stand straight or turned
    return ("alike", "alike") if are_same else None


def _half(a: tuple[str, str], b: tuple[str, str]) -> tuple[Likeness, Likeness] | None:
    """How alike two names are if one is half a name in the wrong field."""
    if not (any(a) and any(b)):
        return None
    if not all(a) and not all(b):
        # Of two halves in different fields, each may be a last name, which says less than a first one.
        likeness = last_likeness("".join(a), "".join(b)) if bool(a[0]) != bool(b[0]) else "missing"
        return ("missing", likeness) if likeness in _GOOD else None
    (half, whole) = (a, b) if not all(a) else (b, a)
    if half[0]:
        likeness = last_likeness(half[0], whole[1])
        return ("missing", likeness) if likeness in _GOOD else None
    likeness = first_likeness(half[1], whole[0])
    return (likeness, "missing") if likeness in _GOOD else None


def _joined(name: tuple[str, str]) -> str:
    return "".join(name).replace(" ", "")
