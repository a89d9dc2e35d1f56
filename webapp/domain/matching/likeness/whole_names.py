"""The evidence of two people's names: what first and last name say together, beside a birthday or a home."""

from webapp.domain.matching.likeness.first_names import first_likeness
from webapp.domain.matching.likeness.given_names import KNOWN
from webapp.domain.matching.likeness.person_names import compare_names
from webapp.domain.matching.likeness.slips import Likeness, sound

GOOD: frozenset[Likeness] = frozenset({"same", "alike", "near"})
SURE: frozenset[Likeness] = frozenset({"same", "alike"})
_WITH_SLIPS = frozenset({"alike_name", "near_name", "rough_name"})


def compare_whole(
    a: tuple[str, str], b: tuple[str, str], *, is_one_unread: bool
) -> tuple[Likeness, Likeness]:
    """How alike first and last names are.

    Where one side alone is in a script that is read in several ways, only what is alike says something: 山田
    is Yamada, and would be Shan Tian in China.
    """
    first, last = compare_names(a, b)
    if not is_one_unread:
        return first, last
    return first if first in GOOD else "missing", last if last in GOOD else "missing"


def written_in_full(name: tuple[str, str], cut: frozenset[str], other: tuple[str, str]) -> tuple[str, str]:
    """First and last name with what the other name has for words that were cut: Sophie for Soph."""
    if not cut:
        return name
    words = " ".join(other).split()
    first, last = (half.split() for half in name)
    return _in_full(first, cut, words), _in_full(last, cut, words)


def _in_full(half: list[str], cut: frozenset[str], words: list[str]) -> str:
    return " ".join(
        next((full for full in words if full.startswith(word)), word) if word in cut else word
        for word in half
    )


def name_beside(birthday: str | None, first: Likeness, last: Likeness) -> str:
    """The evidence of two names, beside that of two dates of birth: a person who has married, or twins."""
    name = _name(first, last)
    if birthday != "same_birthday":
        return name
    if name == "other_last_name" and first in GOOD:
        return "married_name"
    return "twin_name" if name == "other_first_name" and last in GOOD else name


def _name(first: Likeness, last: Likeness) -> str:  # noqa: PLR0911 - cases, in their order
    if first == "missing" and last == "missing":
        return "no_name"
    if first in GOOD and last in GOOD:
        slips = (first, last).count("near")
        if slips:
            return "near_name" if slips == 1 else "rough_name"
        return "same_name" if first == last == "same" else "alike_name"
    if first == "other":
        return "other_first_name"
    if last in ("other", "unsure"):
        return "unlike_last_name" if last == "unsure" and first in GOOD else "other_last_name"
    if first == "unsure":
        return "unlike_first_name"
    return "half_name" if "missing" in (first, last) else "initial_name"


def name_at_home(name: str, place: str | None, first: Likeness, last: Likeness, *, are_rough: bool) -> str:
    """What a last name says of two of one first name who live at one address: of a family no two do."""
    if first == "same" and last in ("near", "alike"):
        return "last_name_at_home"
    if name == "unlike_last_name" and (place == "same_address" or first in SURE):
        return "blurred_last_name"
    if name != "other_last_name":
        return name
    if are_rough:
        return "blurred_last_name" if first == "same" and place == "same_address" else "unlike_last_name"
    return "changed_last_name" if first in SURE else name


def name_among_unlisted(name: str, a: tuple[str, str], b: tuple[str, str]) -> str:
    """What a name with a slip says where neither first name is known: Harish and Harsh may be brothers.

    Of names that are known only one is left, since two that exist are those of two people.
    """
    if name not in _WITH_SLIPS:
        return name
    pairs = [(a[0], b[0])]
    if first_likeness(*pairs[0]) not in GOOD:  # the names of one stand the other way round
        pairs = [(a[0], b[1]), (a[1], b[0])]
    are_unlisted = KNOWN.isdisjoint(" ".join(word for pair in pairs for word in pair).split())
    return "near_unlisted_name" if are_unlisted and any(map(_may_be_two, pairs)) else name


def _may_be_two(pair: tuple[str, str]) -> bool:
    """Whether two names of one word each are heard as two."""
    return pair[0] != pair[1] and " " not in "".join(pair) and sound(pair[0]) != sound(pair[1])
