"""Likeness of two addresses: streets, postcodes and cities as people write them."""

from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from webapp.domain.records.normal.addresses import Place, is_of_a_block, without_kind
from webapp.domain.records.normal.towns import town_form
from webapp.domain.records.normal.word_lists import words

PlaceLikeness = Literal["same", "near", "missing", "other"]
"""`near`: with a slip in it; `missing`: one of the two has nothing to compare."""

_ALIKE, _RATHER_ALIKE, _NEARLY_ALIKE = 90, 80, 75
_SHORTEST_TYPED = 4
_SHORTEST_RARE_NUMBER = 4
_SHORT_STREET = " str"
# Words before the name of a street, and within it.
_LINKING = words("street_linking_words")
_FREQUENT_STREETS = words("frequent_streets")


def compare_streets(a: Place, b: Place) -> PlaceLikeness:
    """How alike two streets with their house numbers are."""
    if not a.street or not b.street:
        return "missing"
    score = 100.0 if a.street == b.street else _alikeness_of_streets(a.street, b.street)
    if a.number and a.number == b.number and score < _ALIKE and _says_more(a.street, b.street):
        return "near"  # 2 Mill Lane, near the mill
    if a.number == b.number:
        return (
            "same"
            if score >= _ALIKE
            else "near"
            if score >= (_NEARLY_ALIKE if a.number else _RATHER_ALIKE)
            else "other"
        )
    return (
        "near"
        if score >= _ALIKE and (not a.number or not b.number or _is_slip_of_number(a.number, b.number))
        else "other"
    )


@lru_cache(maxsize=4096)
def compare_areas(a: Place, b: Place) -> PlaceLikeness:
    """Whether two addresses lie in one place: by the postcode, else by the city; both may hold a slip."""
    has_codes, has_cities = bool(a.postcode and b.postcode), bool(a.city and b.city)
    if not has_codes and not has_cities:
        return "missing"
    if (has_codes and a.postcode == b.postcode) or (has_cities and _is_same_city(a.city, b.city)):
        return "same"
    if has_cities:
        is_near = not is_far(a, b) and _alikeness(a.city, b.city) >= _RATHER_ALIKE
    else:
        is_near = _is_typed(a.postcode, b.postcode)
    return "near" if is_near else "other"


def _is_slip_of_number(a: str, b: str) -> bool:
    """Whether two house numbers are a digit apart, or one has a letter that the other lacks."""
    short, long = sorted((a, b), key=len)
    return _is_typed(a, b) or (long[:-1] == short and long[-1].isalpha())


def _alikeness(a: str, b: str) -> float:
    """How alike two names are, from 0 to 100, whatever the order and separation of their words."""
    return max(fuzz.token_sort_ratio(a, b), fuzz.ratio(a.replace(" ", ""), b.replace(" ", "")))


def _alikeness_of_streets(a: str, b: str) -> float:
    """The same of two streets, of which one may have a slip in what the other has in its short form."""
    score = _alikeness(a, b)
    if a.endswith(_SHORT_STREET) == b.endswith(_SHORT_STREET):
        return score
    one, other = (name.replace(_SHORT_STREET, "strasse").replace(" ", "") for name in (a, b))
    return max(score, fuzz.ratio(one, other))


def is_one_street(a: Place, b: Place) -> bool:
    """Whether two addresses with house numbers lie in one street, of one place."""
    if not (a.street and b.street and a.number and b.number) or is_of_a_block(a.number):
        return False
    if a.street == b.street or _alikeness_of_streets(a.street, b.street) >= _ALIKE:
        return True
    # Hill Road 12 and Hill Drive 12 of one person are one.
    naming = without_kind(a.street)
    return bool(naming) and a.number == b.number and naming == without_kind(b.street)


def is_common_street(a: Place, b: Place) -> bool:
    """Whether many towns have a street that one of two addresses is in: Main Street 5 is a house in each.

    But hardly two of these streets are so long that they have one number of four digits.
    """
    if a.number == b.number and len(a.number) >= _SHORTEST_RARE_NUMBER:
        return False
    return _is_common(a.street) or _is_common(b.street)


def _is_common(street: str) -> bool:
    naming = without_kind(" ".join(word for word in street.split() if word not in _LINKING))
    return len(naming) < _SHORTEST_TYPED or naming in _FREQUENT_STREETS


def is_elsewhere(a: Place, b: Place) -> bool:
    """Whether two addresses have two cities, and postcodes that differ from the first digit: two regions."""
    return is_far(a, b) and a.postcode[0] != b.postcode[0] and compare_areas(a, b) == "other"


def is_rough_street(a: Place, b: Place) -> bool:
    """Whether two streets are alike and their numbers differ by a digit, perhaps as neighbours' do."""
    if not (a.street and b.street and max(len(a.number), len(b.number)) > 1):
        return False
    is_slip = OSA.distance(a.number, b.number, score_cutoff=1) <= 1
    return is_slip and (a.street == b.street or _alikeness_of_streets(a.street, b.street) >= _RATHER_ALIKE)


def is_one_city(a: Place, b: Place) -> bool:
    """Whether two addresses name one city."""
    return bool(a.city and b.city) and _is_same_city(a.city, b.city)


def is_one_postcode(a: Place, b: Place) -> bool:
    """Whether two addresses have one postcode."""
    return bool(a.postcode) and a.postcode == b.postcode


def are_near_codes(a: Place, b: Place) -> bool:
    """Whether two addresses have postcodes that are the same or a digit apart."""
    return bool(a.postcode and b.postcode) and not is_far(a, b)


def is_far(a: Place, b: Place) -> bool:
    """Whether the postcodes of two addresses tell them apart for certain."""
    return bool(a.postcode and b.postcode) and not _is_typed(a.postcode, b.postcode)


def _is_same_city(a: str, b: str) -> bool:
    # One name may say more: New York and New York City, Frankfurt and Frankfurt am Main.
    if a == b or _says_more(a, b) or _is_alike(a, b):
        return True
    one, other = town_form(a), town_form(b)
    if (one, other) == (a, b):
        return False
    return one == other or _says_more(one, other) or _are_abbreviated(one.split(), other.split())


def _says_more(a: str, b: str) -> bool:
    return f"{a} ".startswith(f"{b} ") or f"{b} ".startswith(f"{a} ")


def _are_abbreviated(a: list[str], b: list[str]) -> bool:
    """Whether the further words of a town are shortened: Freiburg i. Br., Frankfurt a. M."""
    if len(a) != len(b) or a[0] != b[0]:
        return False
    return all(one.startswith(other) or other.startswith(one) for one, other in zip(a, b, strict=True))


def _is_alike(a: str, b: str) -> bool:
    return _alikeness(a, b) >= _ALIKE


def _is_typed(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= _SHORTEST_TYPED - 1 and OSA.distance(a, b) <= 1
