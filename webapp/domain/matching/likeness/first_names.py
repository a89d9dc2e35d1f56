"""How alike two first names are: short forms, spellings, slips, and several names of one person."""

from functools import lru_cache

from webapp.domain.matching.likeness.given_names import (
    KNOWN,
    is_rather_of_another,
    is_short_for,
    share_a_name,
)
from webapp.domain.matching.likeness.slips import (
    Likeness,
    are_rather_alike,
    are_slips_of_one,
    are_syllables,
    is_typed,
    sound,
)
from webapp.domain.records.normal.persons import TITLES
from webapp.domain.records.normal.word_lists import words

# What makes another name of a name: Jan and Jana, Stefan and Stefanie, Mario and Maria.
_ENDINGS = words("person_name_endings")
_ENDINGS_OF_SEXES = frozenset("aeoi")
# What stands between the names of two people.
_LINKING = frozenset({"and", "und", "et", "och", "og", "en", "y"})
# What says that somebody's heirs, parents or family are meant: Estate of Ida.
_OTHERS_OF = words("others_of_somebody")
BEFORE_NAMES = frozenset({"van", "thi"})
"""What stands before the names of many, and names none of them: Van Minh and Van Binh."""
_OF_MEN, _OF_WOMEN = words("titles_of_men"), words("titles_of_women")
# Titles that are nobody's name, as Phil and Dame are.
_NO_NAMES = _OF_MEN | _OF_WOMEN | {"dr", "prof"}
_SHORTEST_TYPED = 5
_SHORTEST_SWAPPED = 4
_SHORTEST_OTHERWISE_BEGUN = 7
_SHORTEST_TWICE_TYPED = 8
_SHORTEST_SHORT_FORM = 3
# Names of this length with two slips may be meant as one.
_SHORTEST_UNSURE = 6


@lru_cache(maxsize=4096)
def first_likeness(a: str, b: str) -> Likeness:  # noqa: PLR0911 - cases, in their order
    """How alike two first names are; of several names one in common is enough."""
    if not a or not b:
        return "missing"
    if a == b or a.replace(" ", "") == b.replace(" ", ""):
        return "same"
    if _are_of_both_sexes(a.split(), b.split()):
        return "unsure"
    a_words, b_words = _words(a), _words(b)
    if not a_words or not b_words:
        return "missing"
    if len(a_words) != len(b_words) and _are_of_others(a_words, b_words):
        return "unsure"
    if len(a_words) > 1 and len(b_words) > 1 and a_words[0] == b_words[0] and a_words[0] in BEFORE_NAMES:
        a_words, b_words = a_words[1:], b_words[1:]
    likeness = _one_first(a_words[0], b_words[0])
    if likeness in ("other", "unsure", "initial") and (len(a_words) > 1 or len(b_words) > 1):
        further = {_one_first(one, other) for one in a_words for other in b_words}
        return "alike" if further & {"same", "alike"} else _parted_first(a_words, b_words) or likeness
    if likeness in ("same", "alike", "near") and have_other_middle_names(a_words[1:], b_words[1:]):
        return "unsure"
    return "alike" if likeness == "same" else likeness


def _are_of_others(a: list[str], b: list[str]) -> bool:
    """Whether one alone is the name of two people, as Karl and Inge, or of somebody's heirs or family."""
    is_of_two = _LINKING.isdisjoint(a[1:-1]) != _LINKING.isdisjoint(b[1:-1])
    return is_of_two or _OTHERS_OF.isdisjoint(a[:-1]) != _OTHERS_OF.isdisjoint(b[:-1])


def _are_of_both_sexes(a: list[str], b: list[str]) -> bool:
    """Whether the titles are those of a man and of a woman: Mr. and Mrs. Boone, who have one mailbox."""
    return any(
        not _OF_MEN.isdisjoint(one)
        and not _OF_WOMEN.isdisjoint(other)
        and _OF_WOMEN.isdisjoint(one)
        and _OF_MEN.isdisjoint(other)
        for one, other in ((a, b), (b, a))
    )


def _parted_first(a: list[str], b: list[str]) -> Likeness | None:
    """How alike two first names are where a blank has got into one of them: Gar iela and Gabriela."""
    if (len(a) == 1) == (len(b) == 1):
        return None
    likeness = _one_first("".join(a), "".join(b))
    return likeness if likeness in ("near", "unsure") else None


def have_other_middle_names(a: list[str], b: list[str]) -> bool:
    """Whether the further names of two people contradict: Hans Peter and Hans Jürgen, John A. and John B."""
    return bool(a and b) and all(_are_two(one, other) for one in a for other in b)


def _are_two(a: str, b: str) -> bool:
    return _one_first(a, b) == "other" or (a != b and are_syllables(a, b))


def _words(name: str) -> list[str]:
    given = name.split()
    return [word for word in given if word not in TITLES] or [word for word in given if word not in _NO_NAMES]


def _one_first(a: str, b: str) -> Likeness:  # noqa: PLR0911 - cases, in their order
    if a == b:
        return "same"
    if len(a) == 1 or len(b) == 1:
        return "initial" if a[0] == b[0] else "other"
    if is_short_for(a, b) or is_short_for(b, a):
        return "initial" if is_rather_of_another(a, b) or is_rather_of_another(b, a) else "alike"
    if share_a_name(a, b) or are_syllables(a, b):
        return "unsure"
    if sound(a) == sound(b):
        return "alike"
    are_known = a in KNOWN and b in KNOWN
    short, long = sorted((a, b), key=len)
    if long.startswith(short):
        return _cut_short(short, long)
    if are_known:
        return "unsure" if is_typed(a, b) else "other"
    is_slip = (a in KNOWN) != (b in KNOWN)
    if a[:-1] == b[:-1]:
        # Of one name that is known the other sex's may not be: Finn and Fina; but Cecilis is none.
        may_exist = not is_slip or (b if a in KNOWN else a)[-1] in _ENDINGS_OF_SEXES
        return "unsure" if may_exist and a[-1] in _ENDINGS and b[-1] in _ENDINGS else "near"
    return _typed_first(a, b, len(long), is_slip=is_slip)


def _cut_short(short: str, long: str) -> Likeness:
    """How alike two names are of which one begins with the other."""
    rest = long[len(short) :]
    if short in KNOWN:
        # Rosa and Ada are names of their own, so that Rosalva and Adam are other ones.
        is_another = long in KNOWN or len(rest) > 1 or rest in _ENDINGS
        return "unsure" if is_another else "near"
    if len(short) < _SHORTEST_SHORT_FORM:
        return "initial"
    if long not in KNOWN and rest in _ENDINGS:
        return "unsure"
    return "near" if len(rest) == 1 else "alike"


def _typed_first(a: str, b: str, length: int, *, is_slip: bool) -> Likeness:
    """Whether one is the other mistyped.

    Of two of which one alone is known to exist, which `is_slip` says, the other is sooner a slip of it.
    """
    is_first_other = a[0] != b[0] and a[:2] != b[1::-1]
    if is_typed(a, b):
        shortest = _SHORTEST_OTHERWISE_BEGUN if is_first_other else _SHORTEST_TYPED
        if is_slip:
            shortest = _SHORTEST_SWAPPED
        is_swapped = sorted(a) == sorted(b) and len(a) >= _SHORTEST_SWAPPED
        return "near" if length >= shortest or is_swapped else "unsure"
    if is_slip and a[0] == b[0] and length >= _SHORTEST_UNSURE and is_typed(a, b, 2):
        return "near"
    if not is_slip and length >= _SHORTEST_TYPED and are_slips_of_one(a, b, KNOWN):
        return "near"
    is_unsure = are_rather_alike(a, b) or (is_slip and _is_badly_typed(a, b, length))
    return "unsure" if is_unsure else "other"


def _is_badly_typed(a: str, b: str, length: int) -> bool:
    """Whether two slips in a short name, or three in a long one, may have made one of the other."""
    if length >= _SHORTEST_TWICE_TYPED:
        return is_typed(a, b, 3)
    return (length >= _SHORTEST_TYPED or (length >= _SHORTEST_SWAPPED and a[0] == b[0])) and is_typed(a, b, 2)
