"""The evidence of two people's addresses."""

from webapp.domain.matching.likeness.places import (
    PlaceLikeness,
    compare_areas,
    compare_streets,
    is_common_street,
    is_far,
    is_one_street,
    is_rough_street,
)
from webapp.domain.records.normal.addresses import Place


def home_evidence(a: Place, b: Place) -> str | None:  # noqa: PLR0911 - cases, in their order
    """The evidence of two addresses; street, postcode and city may have a slip or be missing."""
    street, area = compare_streets(a, b), compare_areas(a, b)
    if area == "missing":
        return _house(a) if street == "same" and a.number else None
    if street in ("same", "near") and not (a.number and b.number) and not _is_one_postcode(a, b):
        return _unnumbered(a, b, area)
    if street == "same":
        return _same_house(a, b, area)
    has_codes = bool(a.postcode and b.postcode)
    is_near = area == "near" or (has_codes and not is_far(a, b))
    if _is_vague(a, b) and area == "same" and _are_of_one_street(a, b, street):
        return "common_street"
    if street == "near" and (area == "same" or is_near):
        return "near_address" if area == "same" else "rough_address"
    if area != "other" and is_rough_street(a, b):
        return "rough_address"
    if area != "same":
        if area == "near" and has_codes:
            return _of_area(a, b)
        return "same_city" if is_near else "other_place"
    return "same_street" if is_one_street(a, b) else _area(a, b)


def _same_house(a: Place, b: Place, area: PlaceLikeness) -> str:
    """The evidence of one street and number, in what may be one town."""
    if area == "other" and is_common_street(a):
        return "common_street"
    if area != "same" and is_far(a, b):
        return _house(a)
    return "same_address" if area == "same" else "near_address"


def _are_of_one_street(a: Place, b: Place, street: PlaceLikeness) -> bool:
    return street == "near" or is_rough_street(a, b) or is_one_street(a, b)


def _is_vague(a: Place, b: Place) -> bool:
    """Whether two house numbers differ in a street of which a large town may have several."""
    is_one_quarter = a.postcode and b.postcode and not is_far(a, b)
    return a.number != b.number and is_common_street(a) and not is_one_quarter


def _house(one: Place) -> str:
    """The evidence of one street and number whose area cannot be compared, or is another one."""
    return "same_house" if one.number and not is_common_street(one) else "same_street"


def _is_one_postcode(a: Place, b: Place) -> bool:
    return bool(a.postcode) and a.postcode == b.postcode


def _unnumbered(a: Place, b: Place, area: PlaceLikeness) -> str:
    """The evidence of a street whose house is not known, and of which only the town says where it is."""
    if area == "other" or is_far(a, b):
        return "other_place"
    if is_common_street(a) or is_common_street(b):
        return "common_street" if area == "same" else "same_city"
    return "same_street"


def _area(a: Place, b: Place) -> str:
    """The evidence of a shared postcode or city; different streets count against it.

    A city alone, unless both have its postcode, says less: thousands of namesakes share a large one.
    """
    if _is_one_postcode(a, b) or not (a.city and b.city):
        return _of_area(a, b)
    # A digit apart two postcodes of one city are rather those of two quarters.
    return "same_city" if is_far(a, b) or (a.street and b.street) else "city_alone"


def _of_area(a: Place, b: Place) -> str:
    """The evidence of a shared area, less if the streets differ."""
    return "same_place" if a.street and b.street else "same_area"
