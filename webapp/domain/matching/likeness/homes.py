"""The evidence of two people's addresses."""

from webapp.domain.matching.likeness.places import (
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
    if street == "same":
        if area != "same" and is_far(a, b):
            return _house(a)
        return "same_address" if area == "same" else "near_address"
    has_codes = bool(a.postcode and b.postcode)
    is_near = area == "near" or (has_codes and not is_far(a, b))
    if street == "near" and (area == "same" or is_near):
        return "near_address" if area == "same" else "rough_address"
    if area != "other" and is_rough_street(a, b):
        return "rough_address"
    if area != "same":
        if area == "near" and has_codes:
            return _of_area(a, b)
        return "same_city" if is_near else "other_place"
    return "same_street" if is_one_street(a, b) else _area(a, b)


def _house(one: Place) -> str:
    """The evidence of one street and number whose area cannot be compared, or is another one."""
    return "same_house" if one.number and not is_common_street(one) else "same_street"


def _area(a: Place, b: Place) -> str:
    """The evidence of a shared postcode or city; different streets count against it.

    A city alone, without any postcode, says less: thousands of namesakes share a large one.
    """
    has_codes = bool(a.postcode and b.postcode)
    is_city_alone = a.postcode != b.postcode and (is_far(a, b) or not has_codes)
    if is_city_alone:
        return "same_city"
    return _of_area(a, b) if has_codes else "city_alone"


def _of_area(a: Place, b: Place) -> str:
    """The evidence of a shared area, less if the streets differ."""
    return "same_place" if a.street and b.street else "same_area"
